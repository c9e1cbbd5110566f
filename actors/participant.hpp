#pragma once

#include <string>

#include "actors/protocol.hpp"
#include "actors/services.hpp"

namespace parley::actors {

/// State of a PARTICIPANT actor: one user's alerts. Fan-out is by change of view, not by message: a
/// conversation tells it of joining, of the first unread message and of closing.
struct participant_state {
  static inline const char* name = "participant";

  const services* shared = nullptr;
};

/// Spawns a PARTICIPANT. One a user of the directory; it lives as long as the broker.
participant_actor::behavior_type
participant(participant_actor::stateful_pointer<participant_state> self, const services* shared);

}  // namespace parley::actors
