#include "parley/text/message_template.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>

#include "parley/model/limits.hpp"
#include "parley/text/utf8.hpp"

namespace parley::text {

namespace {

using model::component_type;

constexpr std::size_t spaces_in_a_row_max = 4;

/// U+0085, U+2028 and U+2029 break lines as a newline does.
constexpr std::array<std::string_view, 3> wide_breaks{"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

bool has_too_many_spaces(std::string_view text) noexcept {
  return text.find(std::string_view{"     ", spaces_in_a_row_max + 1}) != std::string_view::npos;
}

/// Goes on a sentence that begins with the variable; empty when the value can be sent.
std::string_view value_fault(std::string_view value) noexcept {
  if (value.find_first_not_of(' ') == std::string_view::npos)
    return "is empty";
  if (character_count(value) > variable_value_max)
    return "is longer than 1,024 characters";
  if (std::ranges::any_of(value, is_control)
      || std::ranges::any_of(wide_breaks, [&](std::string_view one) {
           return value.find(one) != std::string_view::npos;
         }))
    return "has a line break, a tab or another control character";
  if (has_too_many_spaces(value))
    return "has more than four spaces in a row";
  return {};
}

std::string about(std::string_view variable, std::string_view what) {
  return std::string{"the variable `"}.append(variable).append("` ").append(what);
}

/// In the order in which they are shown, whatever the order of the entry.
std::vector<const model::template_component*>
components_of(const model::message_template& entry) {
  std::vector<const model::template_component*> all;
  for (const auto& one : entry.components)
    all.push_back(&one);
  std::ranges::stable_sort(all, {}, &model::template_component::type);
  return all;
}

}  // namespace

std::vector<std::string> variables_of(const model::message_template& entry) {
  std::vector<std::string> all;
  for (const auto* component : components_of(entry)) {
    const auto found = placeholders_of(component->text);
    if (const auto* names = std::get_if<std::vector<std::string>>(&found))
      for (const auto& name : *names)
        if (std::ranges::find(all, name) == all.end())
          all.push_back(name);
  }
  return all;
}

std::string values_fault(const model::message_template& entry, std::span<const variable> values) {
  const auto wanted = variables_of(entry);
  for (const auto& name : wanted)
    if (std::ranges::find(values, name, &variable::name) == values.end())
      return about(name, "is missing");
  std::size_t characters = 0;
  for (const auto& one : values) {
    if (std::ranges::find(wanted, one.name) == wanted.end())
      return about(one.name, "is none of the template's");
    if (const auto why = value_fault(one.value); !why.empty())
      return about(one.name, why);
    characters += character_count(one.value);
    if (characters > model::body_characters_max)
      return about(one.name, "is too long: all values together have at most 1,600 characters");
  }
  return {};
}

std::string text_of(const model::message_template& entry, std::span<const variable> values) {
  std::string out;
  for (const auto* component : components_of(entry)) {
    if (component->type == component_type::button)
      continue;
    if (!out.empty())
      out += '\n';
    out += put_in(component->text, values);
  }
  return out;
}

}  // namespace parley::text
