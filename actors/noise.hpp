#pragma once

namespace parley::actors {

/// A number from 0 to 1, by chance, for pauses: what failed together shall not come back together.
/// Any thread: each has a source of its own.
[[nodiscard]] double noise();

}  // namespace parley::actors
