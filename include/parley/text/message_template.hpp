#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "parley/model/directory.hpp"
#include "parley/text/placeholders.hpp"

namespace parley::text {

/// Characters of one value of a template's variables: Meta's limit for a whole body.
inline constexpr std::size_t variable_value_max = 1'024;

/// The variables of a template, in order of its header, body and buttons, each once (mission 7). Of
/// components whose braces cannot be read there are none: the directory has no such template. Any
/// thread.
[[nodiscard]] std::vector<std::string> variables_of(const model::message_template& entry);

/// What is wrong with the values that a template is sent with, as a sentence that names the
/// variable; empty when nothing is (mission 7). Each variable needs a value, and no other is taken.
/// A value is not blank, of at most 1,024 characters, and has neither line breaks, tabs and other
/// control characters nor more than four spaces in a row, which Meta refuses; all together have no
/// more characters than a message, those of buttons too. Any thread.
[[nodiscard]] std::string values_fault(const model::message_template& entry,
                                       std::span<const variable> values);

/// The text that a template makes of these values: header, body and footer, a line each below the
/// other. Buttons are the carrier's to show and in no text. Any thread.
[[nodiscard]] std::string text_of(const model::message_template& entry,
                                  std::span<const variable> values);

}  // namespace parley::text
