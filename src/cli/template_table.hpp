#pragma once

#include <span>
#include <string>
#include <string_view>

#include "parley/model/directory.hpp"
#include "src/cli/toml_file.hpp"

namespace parley::cli {

/// The keys of `[[organization.template]]`, for its `table_reader`.
[[nodiscard]] std::span<const std::string_view> template_keys() noexcept;

/// A message template with its `[[….component]]`s. Only types and words are checked here; the rules
/// have the rest. Throws `input_error` that begins with `file:line:`.
[[nodiscard]] model::message_template read_template(const table_reader& from,
                                                    const std::string& file);

}  // namespace parley::cli
