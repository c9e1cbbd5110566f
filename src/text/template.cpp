#include "parley/text/template.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "parley/model/limits.hpp"
#include "parley/text/utf8.hpp"
#include "src/text/braces.hpp"

namespace parley::text {

namespace {

constexpr std::string_view prefix = "contact.";

/// What stands for the words between the braces; nothing when they are no field.
std::optional<std::string_view> value_of(std::string_view field, const contact_fields& contact) {
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
  while (const auto found = first_braces(text)) {
    out += found->before;
    if (const auto value = value_of(found->inner, contact)) {
      out += *value;
      text = found->after;
    } else {
      // Perhaps the second of these braces begins a field.
      text.remove_prefix(found->before.size());
      out += text.front();
      text.remove_prefix(1);
    }
  }
  out += text;
  out.resize(bytes_of(out, model::body_characters_max));
  return out;
}

}  // namespace parley::text
