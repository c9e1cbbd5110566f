#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parley/model/directory.hpp"

namespace parley::cli {

/// Applies a provisioning file (TOML) to the stored organisations and returns all of them, in order
/// of index. Pure: the same text twice gives the same result, except that nothing changes the
/// second time.
///
/// The file wins for what it names: its entries replace the stored ones of the same id, and an
/// organisation's own settings are the file's. What only the store has stays, because the API may
/// have made it; it goes through the API too. A new organisation gets the next index. Throws
/// `input_error` that begins with `file:line:` on an unknown key, a wrong type, a value out of
/// range, a dangling reference, or an id that is taken.
[[nodiscard]] std::vector<model::organization>
provision(std::vector<model::organization> stored, std::string_view text, const std::string& file);

/// What the directory asks for and this version stores but does not act on, one sentence each.
[[nodiscard]] std::vector<std::string>
not_yet_acting(const std::vector<model::organization>& organizations);

}  // namespace parley::cli
