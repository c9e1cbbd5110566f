#include "parley/model/directory_words.hpp"
#include "src/model/entry_checks.hpp"

#include <algorithm>
#include <utility>

// Rules about message templates, which are Meta's: what breaks them is never approved.

namespace parley::model {

namespace {

constexpr std::size_t template_name_max = 512;
constexpr std::size_t body_max = 1'024;
constexpr std::size_t header_max = 60;
constexpr std::size_t footer_max = 60;
constexpr std::size_t button_max = 25;
constexpr std::size_t buttons_max = 10;
constexpr std::size_t components_max = 3 + buttons_max;  // Header, body and footer besides.

bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_template_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= template_name_max
         && std::ranges::all_of(text,
                                [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

/// `de`, `fil`, `de_AT`: Meta has an underscore where BCP 47 has a hyphen.
bool is_template_language(std::string_view text) noexcept {
  const auto separator = text.find('_');
  const auto language = text.substr(0, separator);
  if ((language.size() != 2 && language.size() != 3) || !std::ranges::all_of(language, is_lower))
    return false;
  if (separator == std::string_view::npos)
    return true;
  const auto country = text.substr(separator + 1);
  return country.size() == 2 && std::ranges::all_of(country, is_upper);
}

bool is_content_id(std::string_view text) noexcept {
  return text.size() == 34 && text.starts_with("HX")
         && text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
}

constexpr std::size_t characters_max(component_type type) noexcept {
  switch (type) {
    case component_type::header:
      return header_max;
    case component_type::body:
      return body_max;
    case component_type::footer:
      return footer_max;
    case component_type::button:
      return button_max;
  }
  return 0;
}

fault component_fault(const template_component& component) {
  if (component.text.find_first_not_of(" \t\r\n") == std::string::npos)
    return entry_fault{"text", "must not be empty"};
  if (auto found = brief("text", component.text, characters_max(component.type)))
    return found;
  if (component.type != component_type::body
      && component.text.find_first_of("\r\n") != std::string::npos)
    return entry_fault{"text", "must be one line, as of every component but the body"};
  return std::nullopt;
}

fault components_fault(const std::vector<template_component>& components) {
  if (auto found = few_enough("components", components.size(), components_max))
    return found;
  for (std::size_t i = 0; i < components.size(); ++i) {
    const auto type = components[i].type;
    const auto before = static_cast<std::size_t>(
      std::ranges::count(components.begin(), components.begin() + static_cast<std::ptrdiff_t>(i),
                         type, &template_component::type));
    if (before >= (type == component_type::button ? buttons_max : 1))
      return within("components", i,
                    entry_fault{"type", "is that of one " + std::string{word_for(type)}
                                          + " too many"});
    if (auto found = component_fault(components[i]))
      return within("components", i, std::move(found));
  }
  if (std::ranges::find(components, component_type::body, &template_component::type)
      == components.end())
    return entry_fault{"components", "must have a body"};
  return std::nullopt;
}

/// Whether the template of another id has the same name and language.
fault clash(const organization& owner, const message_template& entry) {
  const auto other = std::ranges::find_if(owner.templates, [&](const message_template& one) {
    return one.id != entry.id && one.name == entry.name && one.language == entry.language;
  });
  if (other == owner.templates.end())
    return std::nullopt;
  return entry_fault{"name", "is that of the template " + quoted(other->id)
                               + ", which is of the same language",
                     {}, errc::already_exists};
}

}  // namespace

std::optional<entry_fault> fault_of(const organization& owner, const message_template& entry) {
  if (auto found = slug("id", entry.id))
    return found;
  const auto others = std::ranges::count_if(
    owner.templates, [&](const message_template& other) { return other.id != entry.id; });
  if (static_cast<std::size_t>(others) >= templates_max)
    return entry_fault{"id", "would be that of one template too many: there are "
                               + std::to_string(templates_max),
                       {}, errc::too_many};
  if (!is_template_name(entry.name))
    return entry_fault{"name", "must be 1 to 512 of a–z, 0–9 and underscore, not "
                                 + quoted(entry.name)};
  if (!is_template_language(entry.language))
    return entry_fault{"language", "must be a language such as de or de_AT, not "
                                     + quoted(entry.language)};
  if (!entry.carrier_id.empty() && !is_content_id(entry.carrier_id))
    return entry_fault{"carrier_id", "must be `HX` and 32 hex digits, not "
                                       + quoted(entry.carrier_id)};
  if (auto found = components_fault(entry.components))
    return found;
  return clash(owner, entry);
}

}  // namespace parley::model
