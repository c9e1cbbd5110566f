#include "src/model/entry_checks.hpp"

#include "parley/model/limits.hpp"

#include <utility>

namespace parley::model {

namespace {

constexpr std::size_t url_bytes_max = 2'048;
constexpr std::string_view no_url = "must be an absolute http or https URL, not ";

bool has_host(std::string_view url) noexcept {
  const auto scheme = url.starts_with("https://") ? 8U : url.starts_with("http://") ? 7U : 0U;
  return scheme != 0 && url.size() > scheme && url[scheme] != '/';
}

/// ASCII that is seen.
bool is_graphic(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::string entry_fault::place() const {
  std::string said{member};
  if (part.empty())
    return said;
  if (element)
    said += '[' + std::to_string(*element) + ']';
  return said += '.' + part;
}

std::string quoted(std::string_view text) {
  return '`' + std::string{text} + '`';
}

fault short_enough(std::string_view member, std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max)
    return std::nullopt;
  return entry_fault{member, "is longer than " + std::to_string(bytes_max) + " bytes"};
}

/// Characters are UTF-8's: every byte that continues none.
fault brief(std::string_view member, std::string_view text, std::size_t characters_max) {
  const auto characters = std::ranges::count_if(
    text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; });
  if (static_cast<std::size_t>(characters) <= characters_max)
    return std::nullopt;
  return entry_fault{member, "is longer than " + std::to_string(characters_max) + " characters"};
}

fault sendable(std::string_view member, std::string_view text) {
  return brief(member, text, body_characters_max);
}

fault present(std::string_view member, std::string_view text, std::size_t bytes_max) {
  if (text.empty())
    return entry_fault{member, "must not be empty"};
  return short_enough(member, text, bytes_max);
}

fault slug(std::string_view member, std::string_view text) {
  if (is_slug(text))
    return std::nullopt;
  return entry_fault{member, slug_fault(text)};
}

fault in_range(std::string_view member, const std::optional<std::int64_t>& seconds,
               std::int64_t min) {
  if (!seconds || (*seconds >= min && *seconds <= seconds_max))
    return std::nullopt;
  return entry_fault{member, "must be from " + std::to_string(min) + " to "
                               + std::to_string(seconds_max) + ", not "
                               + std::to_string(*seconds)};
}

fault few_enough(std::string_view member, std::size_t count, std::size_t count_max) {
  if (count <= count_max)
    return std::nullopt;
  return entry_fault{member, "has more than " + std::to_string(count_max) + " elements"};
}

fault bounded(std::string_view member, const std::vector<std::string>& texts,
              std::size_t count_max, std::size_t bytes_max) {
  if (auto found = few_enough(member, texts.size(), count_max))
    return found;
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (auto found = present(member, texts[i], bytes_max)) {
      found->element = i;
      return found;
    }
  return std::nullopt;
}

fault absolute_url(std::string_view member, std::string_view text) {
  if (auto found = short_enough(member, text, url_bytes_max))
    return found;
  if (!has_host(text))
    return entry_fault{member, std::string{no_url} + quoted(text)};
  if (!is_graphic(text) || text.find_first_of("#@\\\"<>") != std::string_view::npos)
    return entry_fault{member, "must be a scheme, a host, a path and a query only, not "
                                 + quoted(text)};
  return std::nullopt;
}

fault base_url(std::string_view member, std::string_view text) {
  if (auto found = short_enough(member, text, url_bytes_max))
    return found;
  if (!has_host(text))
    return entry_fault{member, std::string{no_url} + quoted(text)};
  if (text.ends_with('/'))
    return entry_fault{member, "must not end with `/`: paths are put behind it, not "
                                 + quoted(text)};
  if (!is_graphic(text) || text.find_first_of("?#@\\\"<>") != std::string_view::npos)
    return entry_fault{member, "must be a scheme, a host and a path only, not " + quoted(text)};
  return std::nullopt;
}

fault within(std::string_view member, std::optional<std::size_t> element, fault inner) {
  if (!inner)
    return inner;
  auto part = std::string{inner->member};
  if (!inner->part.empty()) {
    if (inner->element)
      part += '[' + std::to_string(*inner->element) + ']';
    part += '.' + inner->part;
  }
  inner->part = std::move(part);
  inner->member = member;
  inner->element = element;
  return inner;
}

}  // namespace parley::model
