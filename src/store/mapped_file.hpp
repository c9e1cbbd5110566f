#pragma once

#include <cstddef>

namespace parley::store {

/// Where this process has mapped the open file, or null. LMDB does not tell, so /proc/self/maps
/// does.
[[nodiscard]] void* map_of(int file_descriptor);

/// How much of this process's resident memory is pages of files (mapped, not copied), by
/// /proc/self/statm; 0 when it cannot be read.
[[nodiscard]] std::size_t resident_file_bytes();

}  // namespace parley::store
