#pragma once

#include <chrono>

#include "actors/protocol.hpp"
#include "actors/services.hpp"

namespace parley::actors {

/// State of the TIMEKEEPER actor. Timers are rows of the store, so they survive a restart and cost
/// no memory; this actor looks for the due ones once a second, and at once again when a page was
/// full.
struct timekeeper_state {
  static inline const char* name = "timekeeper";

  const services* shared = nullptr;
  std::chrono::steady_clock::time_point next_sweep{};
};

/// Spawns the TIMEKEEPER. One; it also has the numbers let go of idle conversations, and the
/// inboxes look at their queues.
timekeeper_actor::behavior_type
timekeeper(timekeeper_actor::stateful_pointer<timekeeper_state> self, const services* shared);

}  // namespace parley::actors
