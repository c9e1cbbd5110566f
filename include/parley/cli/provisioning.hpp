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
/// An organisation in the file replaces the stored one of that id as a whole, but keeps its index;
/// a new one gets the next index; the others stay. Throws `input_error` that begins with
/// `file:line:` on an unknown key, a wrong type, a value out of range, a dangling reference, or an
/// id that is taken.
[[nodiscard]] std::vector<model::organization>
provision(std::vector<model::organization> stored, std::string_view text, const std::string& file);

/// What the directory asks for and this version stores but does not act on, one sentence each.
[[nodiscard]] std::vector<std::string>
not_yet_acting(const std::vector<model::organization>& organizations);

}  // namespace parley::cli
