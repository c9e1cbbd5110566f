#pragma once

#include <algorithm>
#include <chrono>

#include "actors/protocol.hpp"

namespace parley::actors {

/// Has the actor told `atom::tick` at `when`, or before. One tick is on its way for each earlier
/// and earlier moment, which `tick_at` of the actor's state remembers: a timer an actor, and none a
/// message, because CAF's cannot be cancelled. Whoever is told resets it and looks at the true
/// times. On the actor's thread.
template <class Self>
void tick_by(Self self, std::chrono::steady_clock::time_point when) {
  using std::chrono::steady_clock;
  auto& at = self->state.tick_at;
  if (at && *at <= when)
    return;
  at = when;
  const auto wait = std::max(when - steady_clock::now(), steady_clock::duration::zero());
  self->delayed_send(self, std::chrono::ceil<std::chrono::milliseconds>(wait), atom::tick::value);
}

}  // namespace parley::actors
