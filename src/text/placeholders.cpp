#include "parley/text/placeholders.hpp"

#include <algorithm>
#include <utility>

#include "parley/text/utf8.hpp"
#include "src/text/braces.hpp"

namespace parley::text {

namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

}  // namespace

bool is_variable_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= variable_name_max
         && std::ranges::all_of(name, [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
            });
}

std::variant<std::vector<std::string>, placeholder_fault> placeholders_of(std::string_view text) {
  std::vector<std::string> names;
  const auto fault = [&](std::string_view rest, std::size_t byte, std::string why) {
    const auto before = text.substr(0, text.size() - rest.size() + byte);
    return placeholder_fault{character_count(before) + 1, std::move(why)};
  };
  auto rest = text;
  for (;;) {
    const auto begin = rest.find(opening);
    if (const auto stray = rest.substr(0, begin).find(closing); stray != std::string_view::npos)
      return fault(rest, stray, "has `}}` without `{{`");
    if (begin == std::string_view::npos)
      return names;
    const auto found = first_braces(rest);
    if (!found)
      return fault(rest, begin, "has `{{` without `}}`");
    if (!is_variable_name(found->inner))
      return fault(rest, begin, "has braces without the name of a variable, which is of a–z, 0–9 "
                                "and underscores: {{1}} or {{name}}");
    if (std::ranges::find(names, found->inner) == names.end())
      names.emplace_back(found->inner);
    rest = found->after;
  }
}

std::string put_in(std::string_view text, std::span<const variable> values) {
  std::string out;
  while (const auto found = first_braces(text)) {
    out += found->before;
    const auto value = std::ranges::find(values, found->inner, &variable::name);
    if (value != values.end())
      out += value->value;
    else
      out += text.substr(found->before.size(),
                         text.size() - found->before.size() - found->after.size());
    text = found->after;
  }
  out += text;
  return out;
}

}  // namespace parley::text
