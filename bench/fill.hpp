#pragma once

#include <cstdint>

#include "bench/callbacks.hpp"
#include "bench/load_generator.hpp"

namespace parley::bench {

/// Sends messages `first_ordinal` to `first_ordinal + count - 1` through the pairs in order, at the
/// maximum: with `count` = `what.pairs`, every pair gets one. Made a part at a time, so that their
/// number is not bound by memory. Throws `std::runtime_error` when one is not accepted. Blocks.
load_result fill(load_generator& generator, const traffic& what, std::uint64_t first_ordinal,
                 std::uint64_t count);

}  // namespace parley::bench
