#include "parley/text/template.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "parley/model/limits.hpp"
#include "parley/text/utf8.hpp"

namespace parley::text {

namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";
constexpr std::string_view prefix = "contact.";

std::string_view without_blanks(std::string_view inner) noexcept {
  const auto begin = inner.find_first_not_of(' ');
  return begin == std::string_view::npos
           ? std::string_view{}
           : inner.substr(begin, inner.find_last_not_of(' ') + 1 - begin);
}

/// What stands for the words between the braces; nothing when they are no field.
std::optional<std::string_view> value_of(std::string_view inner, const contact_fields& contact) {
  auto field = without_blanks(inner);
  if (!field.starts_with(prefix))
    return std::nullopt;
  field.remove_prefix(prefix.size());
  if (field == "name")
    return contact.name;
  const auto found = std::ranges::find(contact.attributes, field, &model::attribute::name);
  return found == contact.attributes.end() ? std::string_view{} : found->value;
}

/// How many bytes the first `characters_max` characters have; a byte that is no UTF-8 is one.
std::size_t bytes_of(std::string_view text, std::size_t characters_max) noexcept {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < characters_max && bytes < text.size(); ++i)
    bytes += std::max<std::size_t>(clean_sequence_bytes(text.substr(bytes)), 1);
  return bytes;
}

}  // namespace

std::string fill_in(std::string_view text, const contact_fields& contact) {
  std::string out;
  while (!text.empty()) {
    const auto begin = text.find(opening);
    const auto end = begin == std::string_view::npos
                       ? begin
                       : text.find(closing, begin + opening.size());
    if (end == std::string_view::npos)
      break;
    out += text.substr(0, begin);
    const auto inner = text.substr(begin + opening.size(), end - begin - opening.size());
    const auto value = value_of(inner, contact);
    out += value.value_or(text.substr(begin, 1));
    text.remove_prefix(value ? end + closing.size() : begin + 1);
  }
  out += text;
  out.resize(bytes_of(out, model::body_characters_max));
  return out;
}

}  // namespace parley::text
