#include "parley/text/fold.hpp"

#include <unicode/unistr.h>

#include <algorithm>

namespace parley::text {

std::string folded(std::string_view utf8) {
  std::string out;
  const auto is_ascii
    = std::ranges::all_of(utf8, [](char c) { return static_cast<unsigned char>(c) < 0x80U; });
  if (!is_ascii) {
    icu::UnicodeString::fromUTF8({utf8.data(), static_cast<std::int32_t>(utf8.size())})
      .foldCase()
      .toUTF8String(out);
    return out;
  }
  out.resize(utf8.size());
  std::ranges::transform(utf8, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool has_word_beginning(std::string_view utf8, std::string_view prefix) {
  const auto whole = folded(utf8);
  for (std::size_t at = 0; at <= whole.size();) {
    if (std::string_view{whole}.substr(at).starts_with(prefix))
      return true;
    const auto end = whole.find_first_of(" -", at);
    if (end == std::string::npos)
      return false;
    at = end + 1;
  }
  return false;
}

}  // namespace parley::text
