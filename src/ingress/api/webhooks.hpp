#pragma once

#include <span>

#include "src/ingress/api/route.hpp"

namespace parley::ingress {

/// The routes that tell what became of a webhook's events, and have them posted again (mission 10).
/// The webhook itself is an entry of the directory.
[[nodiscard]] std::span<const route> webhook_routes() noexcept;

}  // namespace parley::ingress
