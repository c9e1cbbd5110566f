#pragma once

#include <string_view>

#include "parley/model/ids.hpp"

namespace parley::bulk {

/// Digest of a line behind all lines before it: whether an upload that is repeated says the same as
/// far as it is durable. Not for secrets: it tells a client's own mistakes (XXH3). Any thread.
[[nodiscard]] model::id128 chained(const model::id128& before, std::string_view line) noexcept;

}  // namespace parley::bulk
