#include "actors/team_inbox.hpp"

#include <utility>

#include "actors/log.hpp"
#include "actors/supervision.hpp"

namespace parley::actors {

team_inbox_actor::behavior_type
team_inbox(team_inbox_actor::stateful_pointer<team_inbox_state> self, const services* shared,
           std::string team) {
  supervise(self, "team_inbox");
  self->state.shared = shared;
  self->state.team = std::move(team);
  return {
    [self](atom::opened, std::uint64_t members) {
      self->state.shared->counts.inbox_opened.fetch_add(1, std::memory_order_relaxed);
      if (members == 0)
        log().warn("team_inbox: a conversation was opened that nobody can answer, team={}",
                   self->state.team);
    },
    [self](atom::closed) {
      self->state.shared->counts.inbox_closed.fetch_add(1, std::memory_order_relaxed);
    },
  };
}

}  // namespace parley::actors
