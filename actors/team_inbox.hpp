#pragma once

#include <cstdint>
#include <string>

#include "actors/protocol.hpp"
#include "actors/services.hpp"

namespace parley::actors {

/// State of a TEAM_INBOX actor: what one team's shared inbox has seen since the broker started.
struct team_inbox_state {
  static inline const char* name = "team_inbox";

  const services* shared = nullptr;
  std::string team;
};

/// Spawns a TEAM_INBOX. One an inbox of the directory; it lives as long as the broker.
team_inbox_actor::behavior_type
team_inbox(team_inbox_actor::stateful_pointer<team_inbox_state> self, const services* shared,
           std::string team);

}  // namespace parley::actors
