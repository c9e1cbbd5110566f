#pragma once

#include <cstdint>
#include <optional>

#include "parley/model/conversation.hpp"

namespace parley::conversation {

/// When a conversation needs to be looked at though nobody sends anything. Empty: never, or it has
/// happened already.
struct deadlines {
  std::optional<model::timestamp> inactive;
  std::optional<model::timestamp> close;
  std::optional<model::timestamp> claim_expiry;  ///< The claimer has been silent for too long.
  std::optional<model::timestamp> snooze_end;
  std::optional<model::timestamp> escalation;  ///< Nobody has replied for too long.
  std::optional<model::timestamp> question_end;  ///< The data action has had its time.
  std::optional<model::timestamp> scheduled;     ///< A message is to leave.

  /// The earliest: what the timer has to stand at, or before. Zero when there is none.
  [[nodiscard]] model::timestamp first() const noexcept;
};

/// What deadlines follow from, besides the route.
struct moments {
  model::conversation_phase phase = model::conversation_phase::active;
  model::timestamp last_activity{};
  model::timestamp claim_active_at{};  ///< Zero: nobody has claimed it.
  model::timestamp snoozed_until{};    ///< Zero: not snoozed.
  model::timestamp unanswered_since{};  ///< Zero: no message waits for a reply.
  std::uint32_t escalated = 0;          ///< Steps that were taken already.
  model::timestamp question_until{};    ///< Zero: nothing is asked.
  bool held = false;  ///< Nobody takes part before the answer, so nobody is called in either.
  model::timestamp scheduled_at{};  ///< Zero: no message waits for its time.
};

/// The earlier of two times of which zero is none.
[[nodiscard]] model::timestamp earlier(model::timestamp one, model::timestamp other) noexcept;

/// When the first of the pair's messages that wait for their time is to leave; zero: none waits.
[[nodiscard]] model::timestamp scheduled_first(const model::conversation_state& state) noexcept;

[[nodiscard]] moments moments_of(const model::conversation_state& state) noexcept;

/// Times that lie beyond what a timestamp can hold are cut to the last one. A closed conversation
/// has none but that of its scheduled messages.
[[nodiscard]] deadlines deadlines_of(const model::route& route, const moments& at) noexcept;

}  // namespace parley::conversation
