#include "actors/participant.hpp"

#include "actors/supervision.hpp"

namespace parley::actors {

participant_actor::behavior_type
participant(participant_actor::stateful_pointer<participant_state> self, const services* shared) {
  supervise(self, "participant");
  self->state.shared = shared;
  return {
    [self](const view_change& change) {
      auto& counts = self->state.shared->counts;
      // Leaving and closing are told so that views can drop the conversation; they call nobody's
      // attention.
      if (change.what == view_change::kind::joined
          || change.what == view_change::kind::first_unread)
        counts.alerts.fetch_add(1, std::memory_order_relaxed);
    },
  };
}

}  // namespace parley::actors
