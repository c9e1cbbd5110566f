#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace parley::text {

/// What is put in place of `{{name}}`.
struct variable {
  std::string name;
  std::string value;

  friend bool operator==(const variable&, const variable&) = default;
};

/// Characters of a variable's name.
inline constexpr std::size_t variable_name_max = 64;

/// Whether the name is of 1 to 64 of a–z, 0–9 and underscore: `1`, `first_name` (Meta's rule).
[[nodiscard]] bool is_variable_name(std::string_view name) noexcept;

/// Why the braces of a text cannot be read.
struct placeholder_fault {
  std::size_t character = 0;  ///< Where, counted from 1.
  std::string why;            ///< Goes on a sentence that begins with the text.
};

/// The names of the placeholders `{{name}}` of a text, in order, each once; blanks within the
/// braces do not count. Or the first fault: `{{` without an end, `}}` without a beginning, anything
/// but a name between them. Single braces are text. Any thread (mission 7, mission 8).
[[nodiscard]] std::variant<std::vector<std::string>, placeholder_fault>
placeholders_of(std::string_view text);

/// The text with its placeholders replaced; those without a value stay. What was put in is not
/// looked at again. Any thread.
[[nodiscard]] std::string put_in(std::string_view text, std::span<const variable> values);

}  // namespace parley::text
