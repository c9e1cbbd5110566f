#pragma once

#include <string>
#include <string_view>

namespace parley::text {

/// The text without its case, for comparison: NFKC with full case folding (Unicode 15, section
/// 5.18), so that `STRASSE` is `straße`, composed is decomposed, full-width is ASCII and what
/// nobody sees (zero-width joiners) is nothing. Bytes that are not UTF-8 become U+FFFD. Any thread.
[[nodiscard]] std::string fold(std::string_view utf8);

/// The folded text without blanks and punctuation at its ends: ` Stop!` is `stop`. One that is
/// nothing but punctuation keeps it. Any thread.
[[nodiscard]] std::string fold_keyword(std::string_view utf8);

}  // namespace parley::text
