#pragma once

#include <span>

#include "src/ingress/api/route.hpp"

namespace parley::ingress {

/// The directory's resources: users, teams, inboxes, numbers, links, caller id lists, keys,
/// business hours, rules and data actions, and the organisation's own settings.
///
/// Reads show the directory as it was when the request began. Changes go to the REGISTRAR, and are
/// answered when they are durable and everybody acts on them.
[[nodiscard]] std::span<const route> directory_routes() noexcept;

}  // namespace parley::ingress
