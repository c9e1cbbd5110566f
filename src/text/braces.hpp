#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace parley::text {

/// A text around its first pair of double braces; refers to somebody else's text.
struct braced {
  std::string_view before;
  std::string_view inner;  ///< Without the blanks at its ends.
  std::string_view after;
};

/// The first `{{` and the first `}}` behind it; nothing when there are no two such. Any thread.
[[nodiscard]] inline std::optional<braced> first_braces(std::string_view text) noexcept {
  constexpr std::string_view opening = "{{";
  constexpr std::string_view closing = "}}";
  const auto begin = text.find(opening);
  if (begin == std::string_view::npos)
    return std::nullopt;
  const auto inner = begin + opening.size();
  const auto end = text.find(closing, inner);
  if (end == std::string_view::npos)
    return std::nullopt;
  auto words = text.substr(inner, end - inner);
  words.remove_prefix(std::min(words.find_first_not_of(' '), words.size()));
  words = words.substr(0, words.find_last_not_of(' ') + 1);
  return braced{text.substr(0, begin), words, text.substr(end + closing.size())};
}

}  // namespace parley::text
