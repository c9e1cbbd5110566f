#pragma once

#include <span>

#include "src/ingress/api/route.hpp"

namespace parley::ingress {

/// The routes of bulk jobs (mission 8), but for their uploads: see `bulk_uploads`.
[[nodiscard]] std::span<const route> bulk_routes() noexcept;

}  // namespace parley::ingress
