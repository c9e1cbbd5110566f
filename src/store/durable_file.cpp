#include "src/store/durable_file.hpp"

#include "parley/store/environment.hpp"
#include "src/store/environment_impl.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace parley::store {

namespace {

constexpr mode_t file_mode = 0600;
constexpr mode_t directory_mode = 0700;

[[noreturn]] void fail(const std::filesystem::path& where, std::string_view what) {
  throw store_error{where.string() + ": " + std::string{what} + ": "
                    + std::generic_category().message(errno)};
}

}  // namespace

int create_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, file_mode);
  if (descriptor < 0)
    fail(path, "cannot be made");
  return descriptor;
}

void write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      fail(path, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void flush_file(int descriptor, const std::filesystem::path& path) {
  if (::fdatasync(descriptor) != 0)
    fail(path, "cannot be flushed");
}

void flush_directory(const std::filesystem::path& path) {
  const file_descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.number() < 0)
    fail(path, "cannot be opened");
  if (::fsync(directory.number()) != 0)
    fail(path, "cannot be flushed");
}

void make_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), directory_mode) != 0 && errno != EEXIST)
    fail(path, "cannot be made");
  // Also when it was there: whoever made it a moment ago may not have come so far.
  flush_directory(path.parent_path());
}

void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    fail(to, "cannot be named");
  flush_directory(to.parent_path());
}

std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  const file_descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number() < 0 && errno == ENOENT)
    return std::nullopt;
  if (file.number() < 0)
    fail(path, "cannot be opened");
  std::string bytes(bytes_max, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      fail(path, "cannot be read");
    if (got == 0)
      break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace parley::store
