#pragma once

#include <vector>

#include "parley/model/directory.hpp"
#include "parley/store/environment.hpp"
#include "parley/store/rows.hpp"

namespace parley::store {

/// Every organisation that the store holds, in order of index. Throws `corruption_error`.
[[nodiscard]] std::vector<model::organization> load_directory(const environment& env);

/// Makes the table hold exactly these organisations and nothing half (one transaction, flushed).
/// Indexes must be set. Returns how many rows were written: 0 when nothing changed. Must not run
/// while a journal writes to the same environment in the same process.
std::size_t save_directory(environment& env, const std::vector<model::organization>& all);

/// One organisation as a row for the journal: how the directory is changed while a journal writes.
/// Throws `store_error` for an organisation that `save_directory` would not take.
[[nodiscard]] row directory_row(const model::organization& organization);

}  // namespace parley::store
