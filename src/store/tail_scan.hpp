#pragma once

#include "parley/store/environment.hpp"
#include "src/store/keys.hpp"
#include "src/store/tail_index.hpp"

namespace parley::store {

/// Reads every record of the tail once, headers and checksums only, and fills `index`. Returns
/// where the journal ends. Throws `store_error` when the journal is shorter or longer than `meta`
/// says and `corruption_error` when a record, a number or a link of a chain is wrong: a broker must
/// not go on from a tail that is not the one it acknowledged.
[[nodiscard]] journal_meta scan_tail(const environment& env, tail_index& index);

}  // namespace parley::store
