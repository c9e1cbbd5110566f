#include "src/ingress/api/pages.hpp"

#include "src/ingress/problem.hpp"

#include <charconv>

namespace parley::ingress {

std::string name_cursor(std::string_view name) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string cursor;
  for (const char byte : name) {
    cursor += digits[static_cast<unsigned char>(byte) >> 4U];
    cursor += digits[static_cast<unsigned char>(byte) & 15U];
  }
  return cursor;
}

std::string name_of_cursor(std::string_view cursor) {
  std::string name;
  for (; !cursor.empty(); cursor.remove_prefix(std::min<std::size_t>(2, cursor.size()))) {
    unsigned int byte = 0;
    const auto* end = cursor.data() + std::min<std::size_t>(2, cursor.size());
    if (cursor.size() < 2 || std::from_chars(cursor.data(), end, byte, 16).ptr != end)
      throw refusal{model::errc::malformed, "`cursor` is none of this query"};
    name += static_cast<char>(byte);
  }
  return name;
}

}  // namespace parley::ingress
