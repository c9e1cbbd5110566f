#pragma once

#include <string>
#include <string_view>

namespace parley::text {

/// The text with differences of case taken away (Unicode's full case folding), for comparing.
[[nodiscard]] std::string folded(std::string_view utf8);

/// Whether the text, or a word within it, begins as `prefix` does, whatever the case. `prefix` is
/// folded already; words are what blanks and hyphens part.
[[nodiscard]] bool has_word_beginning(std::string_view utf8, std::string_view prefix);

}  // namespace parley::text
