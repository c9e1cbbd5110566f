#include "src/store/sealed.hpp"

#include "parley/store/environment.hpp"
#include "src/store/bytes.hpp"

#include <xxhash.h>

namespace parley::store {
namespace {

[[nodiscard]] std::uint64_t seal_of(std::string_view key, std::string_view value) noexcept {
  return XXH3_64bits_withSeed(value.data(), value.size(), XXH3_64bits(key.data(), key.size()));
}

}  // namespace

void seal_into(char* to, std::string_view key, std::string_view value) noexcept {
  store_little(to, seal_of(key, value));
  value.copy(to + seal_bytes, value.size());
}

std::string_view unseal(std::string_view table, std::string_view key, std::string_view sealed) {
  if (sealed.size() < seal_bytes)
    throw corruption_error{std::string{table} + ": the row " + printable(key) + " is cut short"};
  const auto value = sealed.substr(seal_bytes);
  if (load_little<std::uint64_t>(sealed.data()) != seal_of(key, value))
    throw corruption_error{std::string{table} + ": the row " + printable(key)
                           + " does not match its checksum"};
  return value;
}

std::string printable(std::string_view key) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(key.size() * 2);
  for (const char c : key) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte > 0x20 && byte < 0x7f && c != '\\') {
      out.push_back(c);
    } else {
      out.append("\\x");
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0xfU]);
    }
  }
  return out;
}

}  // namespace parley::store
