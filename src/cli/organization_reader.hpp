#pragma once

#include <toml++/toml.h>

#include <string>

#include "parley/model/directory.hpp"

namespace parley::cli {

/// Reads one `[[organization]]` and checks every reference within it. The index stays 0. Throws
/// `input_error` that begins with `file:line:`.
[[nodiscard]] model::organization read_organization(const toml::table& table,
                                                    const std::string& file);

}  // namespace parley::cli
