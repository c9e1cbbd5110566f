#pragma once

#include <cstddef>

#include "parley/model/event.hpp"

namespace parley::model {

/// How many deliveries a message has: one a recipient of a group (mission 2), one for what goes to
/// the pair's other end, none for notes, for what users say among themselves, and for what comes
/// in from one party alone. A message with any is in the outbox until the last is done with.
[[nodiscard]] inline std::size_t delivery_count(const message_added& added) noexcept {
  if (added.direction == direction::internal)
    return 0;
  const bool alone = added.recipients.empty();
  return alone && added.direction == direction::outbound ? 1 : added.recipients.size();
}

}  // namespace parley::model
