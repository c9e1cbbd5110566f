#pragma once

#include <spdlog/fmt/fmt.h>

#include <string_view>

#include "parley/model/directory_words.hpp"
#include "src/cli/toml_file.hpp"

namespace parley::cli {

/// A value by its word, or by `otherwise` when the key is not there. Throws `input_error`.
template <class T>
[[nodiscard]] T one_of(const table_reader& from, std::string_view key, std::string_view otherwise) {
  const auto text = from.text_or(key, otherwise);
  const auto found = model::value_of<T>(text);
  if (!found)
    from.refuse(key, fmt::format("must be one of {}, not `{}`", model::all_words<T>(), text));
  return *found;
}

}  // namespace parley::cli
