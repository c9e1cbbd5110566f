#include "src/conversation/deadlines.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace parley::conversation {

namespace {

std::optional<model::timestamp> after(model::timestamp start, std::int64_t wait_ms) noexcept {
  if (wait_ms <= 0)
    return std::nullopt;
  const std::chrono::milliseconds wait{wait_ms};
  // Before the epoch the sum cannot overflow; after it the difference cannot.
  if (start > model::timestamp{} && wait > model::timestamp::max() - start)
    return model::timestamp::max();
  return start + wait;
}

}  // namespace

model::timestamp deadlines::first() const noexcept {
  std::optional<model::timestamp> earliest;
  for (const auto& one :
       {inactive, close, claim_expiry, snooze_end, escalation, question_end, scheduled})
    if (one && (!earliest || *one < *earliest))
      earliest = one;
  return earliest.value_or(model::timestamp{});
}

model::timestamp earlier(model::timestamp one, model::timestamp other) noexcept {
  if (one == model::timestamp{} || other == model::timestamp{})
    return std::max(one, other);
  return std::min(one, other);
}

model::timestamp scheduled_first(const model::conversation_state& state) noexcept {
  model::timestamp first{};
  for (const auto& one : state.deliveries)
    if (one.state == model::delivery_state::scheduled)
      first = earlier(first, one.send_at);
  return first;
}

moments moments_of(const model::conversation_state& state) noexcept {
  return {.phase = state.phase,
          .last_activity = state.last_activity,
          .claim_active_at = state.claim_active_at,
          .snoozed_until = state.snoozed_until,
          .unanswered_since = state.unanswered_since,
          .escalated = state.escalated,
          .question_until = state.question.until,
          .held = state.question.holds,
          .scheduled_at = scheduled_first(state)};
}

deadlines deadlines_of(const model::route& route, const moments& at) noexcept {
  deadlines result;
  if (at.scheduled_at != model::timestamp{})
    result.scheduled = at.scheduled_at;
  if (at.phase == model::conversation_phase::closed)
    return result;
  if (at.phase == model::conversation_phase::active)
    result.inactive = after(at.last_activity, route.inactive_after_ms);
  result.close = after(at.last_activity, route.close_after_ms);
  if (at.claim_active_at != model::timestamp{})
    result.claim_expiry = after(at.claim_active_at, route.claim_expiry_ms);
  if (at.snoozed_until != model::timestamp{})
    result.snooze_end = at.snoozed_until;
  if (at.unanswered_since != model::timestamp{} && !at.held
      && at.escalated < route.escalations.size())
    result.escalation = after(at.unanswered_since, route.escalations[at.escalated].after_ms);
  if (at.question_until != model::timestamp{})
    result.question_end = at.question_until;
  return result;
}

}  // namespace parley::conversation
