#include "src/store/record_format.hpp"

#include "parley/store/environment.hpp"
#include "src/store/bytes.hpp"

#include <xxhash.h>

namespace parley::store {
namespace {

[[noreturn]] void fail(std::uint64_t seq, std::string_view what) {
  throw corruption_error{"journal: record " + std::to_string(seq) + " " + std::string{what}};
}

[[nodiscard]] std::uint64_t checksum(const char* record, std::size_t bytes,
                                     std::uint64_t seq) noexcept {
  return XXH3_64bits_withSeed(record + 8, bytes - 8, seq);
}

}  // namespace

void append_record_head(std::string& out, std::uint64_t prev, std::uint32_t organization,
                        std::string_view pair_key) {
  append_little(out, std::uint64_t{0});
  append_little(out, prev);
  append_little(out, organization);
  append_little(out, record_format_version);
  append_little(out, std::uint8_t{0});
  append_little(out, static_cast<std::uint16_t>(pair_key.size()));
  out.append(pair_key);
}

void seal_record(char* record, std::size_t record_bytes, std::uint64_t seq) noexcept {
  store_little(record, checksum(record, record_bytes, seq));
}

record_view open_record(std::uint64_t seq, std::string_view bytes) {
  if (bytes.size() < record_header_bytes)
    fail(seq, "is cut short");
  if (load_little<std::uint64_t>(bytes.data()) != checksum(bytes.data(), bytes.size(), seq))
    fail(seq, "does not match its checksum");
  if (load_little<std::uint8_t>(bytes.data() + 20) != record_format_version)
    fail(seq, "has a format that this version does not know");
  const std::size_t key_bytes = load_little<std::uint16_t>(bytes.data() + 22);
  if (key_bytes > bytes.size() - record_header_bytes)
    fail(seq, "has a key longer than itself");
  return {.prev = load_little<std::uint64_t>(bytes.data() + record_prev_offset),
          .organization = load_little<std::uint32_t>(bytes.data() + 16),
          .pair_key = bytes.substr(record_header_bytes, key_bytes),
          .body = bytes.substr(record_header_bytes + key_bytes)};
}

}  // namespace parley::store
