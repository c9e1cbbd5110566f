#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include "actors/protocol.hpp"

namespace parley::actors {

/// The moments for which an actor has asked for a tick that has not come: each earlier than the one
/// before it.
using asked_ticks = std::vector<std::chrono::steady_clock::time_point>;

/// Has the actor told `atom::tick` at `when`, or before. `ticks` of its state are those that are on
/// their way, since CAF's timers cannot be cancelled: where one of them comes soon enough, there is
/// no other one. Whoever is told calls `tick_came` and looks at the true times. On the actor's
/// thread.
template <class Self>
void tick_by(Self self, std::chrono::steady_clock::time_point when) {
  using std::chrono::steady_clock;
  auto& ticks = self->state.ticks;
  if (!ticks.empty() && ticks.back() <= when)
    return;
  ticks.push_back(when);
  const auto wait = std::max(when - steady_clock::now(), steady_clock::duration::zero());
  self->delayed_send(self, std::chrono::ceil<std::chrono::milliseconds>(wait), atom::tick::value);
}

/// The earliest tick has come. Those of later moments are still to come: who forgot them and asked
/// for the next one at each would have one more on its way every time, for ever.
template <class Self>
void tick_came(Self self) {
  if (!self->state.ticks.empty())
    self->state.ticks.pop_back();
}

}  // namespace parley::actors
