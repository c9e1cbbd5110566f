#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley::text {

/// Who is called by name in a text: what follows an `@` that begins a word, as far as it can be an
/// id of the directory (mission 3). In order, each once, at most 32. Pure.
[[nodiscard]] std::vector<std::string> mentions(std::string_view text);

}  // namespace parley::text
