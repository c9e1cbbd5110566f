#include "src/store/mapped_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

namespace parley::store {

void* map_of(int file_descriptor) {
  struct stat file {};
  if (::fstat(file_descriptor, &file) != 0)
    return nullptr;
  std::ifstream maps{"/proc/self/maps"};
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields{line};
    std::uintptr_t start = 0;
    std::string end;
    std::string rights;
    std::string offset;
    std::string device;
    std::uint64_t inode = 0;
    fields >> std::hex >> start >> end >> rights >> offset >> device >> std::dec >> inode;
    // proc(5): start-end rights offset device inode path. Shared maps end their rights with `s`.
    if (fields && inode == file.st_ino && rights.ends_with('s'))
      return reinterpret_cast<void*>(start);  // NOLINT: an address is what the file holds.
  }
  return nullptr;
}

std::size_t resident_file_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  std::size_t file_pages = 0;
  statm >> total >> resident >> file_pages;
  return statm ? file_pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace parley::store
