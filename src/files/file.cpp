#include "parley/files/file.hpp"

#include "parley/text/utf8.hpp"

#include <algorithm>

namespace parley::files {

namespace {

constexpr std::size_t name_bytes_max = 255;

}  // namespace

std::string to_hex(const model::sha256_digest& digest) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const auto byte : digest) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

bool is_file_name(std::string_view name) noexcept {
  const auto fits = [](char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value >= 0x20 && value != 0x7f && byte != '/' && byte != '\\';
  };
  return !name.empty() && name.size() <= name_bytes_max && name != "." && name != ".."
         && std::ranges::all_of(name, fits) && text::is_clean_utf8(name);
}

}  // namespace parley::files
