#include "parley/text/mentions.hpp"

#include <algorithm>
#include <cstddef>

namespace parley::text {

namespace {

constexpr std::size_t mentions_max = 32;
constexpr std::size_t name_characters_max = 64;

bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_of_name(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/// The name that the text begins with. A full stop or a hyphen at its end is the sentence's.
std::string_view name_in(std::string_view text) noexcept {
  const auto end = std::ranges::find_if_not(text, is_of_name);
  auto name = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  while (name.ends_with('.') || name.ends_with('-'))
    name.remove_suffix(1);
  return name;
}

}  // namespace

std::vector<std::string> mentions(std::string_view text) {
  std::vector<std::string> found;
  for (auto at = text.find('@'); at != std::string_view::npos && found.size() < mentions_max;
       at = text.find('@', at + 1)) {
    if (at > 0 && is_word(text[at - 1]))
      continue;  // An e-mail address.
    const auto name = name_in(text.substr(at + 1));
    if (!name.empty() && name.size() <= name_characters_max
        && std::ranges::find(found, name) == found.end())
      found.emplace_back(name);
  }
  return found;
}

}  // namespace parley::text
