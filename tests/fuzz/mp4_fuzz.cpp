// libFuzzer: a film that somebody uploads for WhatsApp.
#include "parley/files/mp4.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

/// More than its bound on boxes allows: a head each, and a few fields of every track.
constexpr std::size_t reads_max = 8 * 1'024;
constexpr std::size_t read_bytes_max = 64;

void require(bool holds) {
  if (!holds)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  std::size_t reads = 0;
  const auto read = [&](std::uint64_t offset, std::size_t count) {
    require(++reads <= reads_max && count <= read_bytes_max && offset <= input.size());
    return std::string{input.substr(static_cast<std::size_t>(offset), count)};
  };
  const auto first = parley::files::judge_mp4(read, input.size());
  reads = 0;
  require(parley::files::judge_mp4(read, input.size()) == first);
  return 0;
}
