#include "parley/conversation/attempts.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace parley::conversation {

namespace {

using model::delivery_state;

/// The newest delivery that the carrier knows under this id, or null.
const model::delivery* find_delivery(const model::conversation_state& state,
                                     std::string_view provider_id) noexcept {
  const auto newest_first = std::views::reverse(state.deliveries);
  const auto found = std::ranges::find(newest_first, provider_id, &model::delivery::provider_id);
  return found == newest_first.end() ? nullptr : &*found;
}

std::vector<model::event> one(model::event event) {
  std::vector<model::event> events;
  events.push_back(std::move(event));
  return events;
}

/// The step that an event says.
model::delivery_changed& said(model::event& event) {
  return std::get<model::delivery_changed>(event.body);
}

/// What an attempt may end with. A delivery that is waiting, or that reports have moved on, is not
/// in an attempt; one whose outcome was unknown may still be told it, but not be tried again.
bool may_end(delivery_state from, delivery_state to) noexcept {
  switch (from) {
    case delivery_state::sending:
      return to == delivery_state::queued || model::advances(from, to);
    case delivery_state::unknown:
      return to == delivery_state::sent || to == delivery_state::failed;
    case delivery_state::queued:  // It was never begun: its time ran out in the queue.
      return to == delivery_state::expired;
    default:
      return false;
  }
}

/// Adds the reports that came before the send's answer and that move the delivery further, in the
/// order in which they arrived.
void add_parked(const model::conversation_state& state, model::event reached,
                std::vector<model::event>& events) {
  auto& change = std::get<model::delivery_changed>(reached.body);
  for (const auto& report : state.parked) {
    if (report.provider_id != change.provider_id || parked_too_long(report.at, reached.at)
        || !model::advances(change.state, report.state))
      continue;
    change.state = report.state;
    change.error_code = report.error_code;
    events.push_back(reached);
  }
}

/// Where a delivery stands in the number's queue: its row is keyed by what queued it.
std::uint64_t outbox_seq_of(const model::delivery& one) noexcept {
  return one.queued_seq != 0 ? one.queued_seq : one.message_seq;
}

/// The delivery that a report says it is about by the message's id alone: its answer was lost, so
/// it has none of the carrier's. Null when there is none.
const model::delivery* find_lost(const model::conversation_state& state,
                                 const model::report_delivery& report) noexcept {
  if (!report.message.has_value())
    return nullptr;
  const auto* one = conversation::find_delivery(state, report.message, report.to);
  const bool lost = one != nullptr && one->state == delivery_state::unknown
                    && one->provider_id.empty() && model::advances(one->state, report.state);
  return lost ? one : nullptr;
}

/// An attempt has ended with an unknown outcome, of which a report may have told before.
void add_what_reports_told(const model::conversation_state& state,
                           std::vector<model::event>& events) {
  auto reached = events.back();
  auto& change = said(reached);
  if (change.state != delivery_state::unknown || !change.provider_id.empty())
    return;
  const auto told = std::ranges::find_if(state.parked, [&](const model::parked_report& report) {
    return report.message == change.message && report.to == change.to
           && !parked_too_long(report.at, reached.at);
  });
  if (told == state.parked.end())
    return;
  change.provider_id = told->provider_id;
  add_parked(state, std::move(reached), events);
}

}  // namespace

const model::delivery* find_delivery(const model::conversation_state& state,
                                     const model::message_id& message,
                                     std::string_view to) noexcept {
  const auto found = std::ranges::find_if(state.deliveries, [&](const model::delivery& one) {
    return one.message == message && one.to == to;
  });
  return found == state.deliveries.end() ? nullptr : &*found;
}

model::event step(const model::delivery& from, delivery_state to, std::int32_t error_code,
                  model::timestamp now) {
  return {from.conversation, now,
          model::delivery_changed{from.message, from.index, to, error_code, from.attempts,
                                  from.provider_id, from.to}};
}

std::optional<attempt_wait> wait_of(const model::conversation_state& state,
                                    const model::begin_attempt& what) noexcept {
  const auto* known = find_delivery(state, what.message, what.to);
  if (known == nullptr || !model::in_outbox(known->state))
    return std::nullopt;
  const auto place = outbox_seq_of(*known);
  std::uint64_t first = place;
  for (const auto& other : state.deliveries)
    if (outbox_seq_of(other) > what.first_after_seq && other.to == what.to
        && model::in_outbox(other.state))
      first = std::min(first, outbox_seq_of(other));
  if (first < place)
    return attempt_wait{.earlier_seq = first};
  if (what.tried && known->state == delivery_state::queued && known->attempts > *what.tried)
    return attempt_wait{.tried = known->attempts, .since = known->updated_at};
  return std::nullopt;
}

decision decide_on(const model::conversation_state& state, const model::report_delivery& what,
                   const circumstances& around) {
  // A delivery that was not yet answered for has no id, so the empty one would match it.
  if (what.provider_id.empty())
    return refused{model::errc::malformed};
  if (const auto* known = find_delivery(state, what.provider_id)) {
    if (!model::advances(known->state, what.state))
      return nothing{};
    return one(step(*known, what.state, what.error_code, around.now));
  }
  if (const auto* lost = find_lost(state, what)) {
    auto events = one(step(*lost, what.state, what.error_code, around.now));
    said(events.front()).provider_id = what.provider_id;
    add_parked(state, events.front(), events);
    return events;
  }
  const auto same = [&](const model::parked_report& report) {
    return report.provider_id == what.provider_id && report.state == what.state
           && report.error_code == what.error_code && !parked_too_long(report.at, around.now);
  };
  if (std::ranges::any_of(state.parked, same))
    return nothing{};
  std::vector<model::event> events;
  events.push_back(
    {state.id, around.now,
     model::report_parked{{what.provider_id, what.state, what.error_code, around.now,
                           what.message, what.to}}});
  return events;
}

decision decide_on(const model::conversation_state& state, const model::begin_attempt& what,
                   const circumstances& around) {
  const auto* known = find_delivery(state, what.message, what.to);
  if (known == nullptr)
    return nothing{};
  const bool waiting = known->state == delivery_state::queued;
  // The living sender never begins twice: a process died during this attempt, and whether the
  // carrier has the message is not known.
  const bool died = known->state == delivery_state::sending;
  if (died && around.unknown_outcome == model::unknown_outcome_policy::hold) {
    auto events = one(step(*known, delivery_state::unknown, 0, around.now));
    add_what_reports_told(state, events);
    return events;
  }
  if (!waiting && !died)
    return nothing{};
  if (wait_of(state, what))
    return nothing{};
  // Whoever has opted out meanwhile is not sent to (I7).
  if (!known->confirms_opt_out
      && has_opted_out(around, what.to.empty() ? state.pair.theirs.text() : what.to))
    return one(step(*known, died ? delivery_state::unknown : delivery_state::canceled,
                    died ? 0 : model::carrier_opted_out, around.now));
  auto begun = step(*known, delivery_state::sending, 0, around.now);
  ++said(begun).attempts;
  return one(std::move(begun));
}

decision decide_on(const model::conversation_state& state, const model::end_attempt& what,
                   const circumstances& around) {
  const auto* known = find_delivery(state, what.message, what.to);
  if (known == nullptr || !may_end(known->state, what.state))
    return nothing{};
  auto ended = step(*known, what.state, what.error_code, around.now);
  if (what.state == delivery_state::queued && !what.tried && said(ended).attempts > 0)
    --said(ended).attempts;
  // The next try gets an id of its own.
  if (what.state != delivery_state::queued && !what.provider_id.empty())
    said(ended).provider_id = what.provider_id;
  auto events = one(std::move(ended));
  if (what.state == delivery_state::failed && what.error_code == model::carrier_opted_out)
    add_carriers_opt_out(state, *known, around, events);
  if (!what.provider_id.empty() && what.state != delivery_state::queued)
    add_parked(state, events.front(), events);
  if (what.state == delivery_state::unknown)
    add_what_reports_told(state, events);
  return events;
}

}  // namespace parley::conversation
