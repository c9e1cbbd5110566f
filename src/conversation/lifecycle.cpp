#include "parley/model/limits.hpp"
#include "src/conversation/deadlines.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace parley::conversation {

namespace {

using model::conversation_phase;

/// The state after events that are not appended yet.
model::conversation_state state_after(model::conversation_state state,
                                      const std::vector<model::event>& events) {
  for (const auto& event : events)
    apply(state, event, state.head_seq);
  return state;
}

/// Mission 4.6: nobody has replied, so the step's users are called in.
void escalate(const model::conversation_state& state, model::timestamp now,
              std::vector<model::event>& events) {
  const auto& step = state.route.escalations[state.escalated];
  events.push_back({state.id, now, model::conversation_escalated{state.escalated + 1}});
  auto room = model::participants_max - std::min(state.participants.size(),
                                                 model::participants_max);
  for (const auto& user : step.users) {
    if (room == 0)
      return;
    if (find_participant(state, user) != nullptr)
      continue;
    events.push_back({state.id, now, model::participant_added{user}});
    --room;
  }
}

}  // namespace

decision decide_on(const model::conversation_state& state, const model::close_conversation& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  const bool by_user = !what.user.empty();
  if (by_user && find_participant(state, what.user) == nullptr)
    return refused{model::errc::not_participant};
  const auto reason = by_user ? model::close_reason::user : model::close_reason::api;
  std::vector<model::event> events;
  add_closing(state.id, {reason, what.user}, scheduled_first(state), around.now, events);
  return events;
}

decision decide_on(const model::conversation_state& state, const model::mark_read& what,
                   const circumstances& around) {
  if (!what.conversation.has_value() || what.conversation != state.id)
    return refused{why_not_current(state, what.conversation)};
  const auto* reader = find_participant(state, what.user);
  if (reader == nullptr)
    return refused{model::errc::not_participant};
  const auto index = what.index == 0 ? state.last_index : std::min(what.index, state.last_index);
  if (index <= reader->read_index)
    return nothing{};
  return one(state, around.now, model::read_advanced{what.user, index});
}

decision decide_on(const model::conversation_state& state, const model::snooze_conversation& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  if (!what.user.empty() && find_participant(state, what.user) == nullptr)
    return refused{model::errc::not_participant};
  const auto until = what.until > around.now ? what.until : model::timestamp{};
  if (until == state.snoozed_until)
    return nothing{};
  auto events = one(state, around.now, model::conversation_snoozed{what.user, until});
  auto after = moments_of(state);
  after.snoozed_until = until;
  rearm_if_late(state, after, state.route, around.now, events);
  return events;
}

decision decide_on(const model::conversation_state& state, const model::change_labels& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  auto labels = state.labels;
  for (const auto& label : what.remove)
    std::erase(labels, label);
  labels.insert(labels.end(), what.add.begin(), what.add.end());
  std::ranges::sort(labels);
  const auto repeated = std::ranges::unique(labels);
  labels.erase(repeated.begin(), repeated.end());
  if (labels.size() > model::labels_max)
    return refused{model::errc::too_many};
  if (labels == state.labels)
    return nothing{};
  return one(state, around.now, model::labels_changed{std::move(labels)});
}

decision decide_on(const model::conversation_state& state, const model::change_priority& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  if (!what.user.empty() && find_participant(state, what.user) == nullptr)
    return refused{model::errc::not_participant};
  if (what.priority == state.priority)
    return nothing{};
  return one(state, around.now, model::priority_changed{what.user, what.priority});
}

decision decide_on(const model::conversation_state& state, const model::redact_message& what,
                   const circumstances& around) {
  std::vector<model::event> events;
  // What waits to be sent has no text any more that could be.
  for (const auto& sending : state.deliveries)
    if (sending.message == what.message && is_waiting(sending.state))
      events.push_back(step(sending, model::delivery_state::canceled, 0, around.now));
  events.push_back({what.conversation, around.now,
                    model::message_redacted{what.message, what.index, what.message_seq}});
  return events;
}

decision decide_on(const model::conversation_state&, const model::settle_media& what,
                   const circumstances& around) {
  return std::vector<model::event>{
    {what.conversation, around.now,
     model::media_settled{what.message, what.index, what.message_seq}}};
}

decision decide_on(const model::conversation_state& state, const model::assign_contact& what,
                   const circumstances& around) {
  if (state.phase == conversation_phase::none || state.contact == what.contact)
    return nothing{};
  return one(state, around.now, model::contact_assigned{what.contact});
}

decision decide_on(const model::conversation_state& state, const model::change_availability& what,
                   const circumstances& around) {
  // Who has never said anything is offline, but saying it is something: it then stays so.
  const bool said_before = state.head_seq != 0;
  if (said_before && state.presence == what.presence && state.present_by_stream == what.by_stream)
    return nothing{};
  return one(state, around.now,
             model::availability_changed{what.user, what.presence, what.by_stream});
}

decision decide_on(const model::conversation_state& state, const model::fire_timer& what,
                   const circumstances& around) {
  if (what.due == model::timestamp{} || what.due != state.timer_due)
    return nothing{};
  const auto passed = [&](const std::optional<model::timestamp>& deadline) {
    return deadline && around.now >= *deadline;
  };
  auto after = moments_of(state);
  const auto due = deadlines_of(state.route, after);
  std::vector<model::event> events;
  if (passed(due.scheduled)) {
    queue_due(state, around, events);
    after.scheduled_at = scheduled_first(state_after(state, events));
  }
  if (passed(due.close)) {
    add_closing(state.id, {model::close_reason::idle, {}}, after.scheduled_at, around.now, events);
    return events;
  }
  if (passed(due.claim_expiry)) {
    events.push_back({state.id, around.now, released(state, true)});
    after.claim_active_at = {};
  }
  if (passed(due.snooze_end)) {
    events.push_back({state.id, around.now, model::conversation_snoozed{{}, {}}});
    after.snoozed_until = {};
  }
  if (passed(due.question_end)) {
    settle_without_answer(state, around, events);
    after.question_until = {};
    after.held = false;
  }
  if (passed(due.escalation)) {
    // Who takes part may be another than before: a claim that ends now brings back the team.
    escalate(state_after(state, events), around.now, events);
    after.escalated = state.escalated + 1;
  }
  const bool idle = passed(due.inactive);
  if (idle)
    after.phase = conversation_phase::inactive;
  const auto next = deadlines_of(state.route, after).first();
  if (idle)
    events.push_back({state.id, around.now, model::conversation_idled{next}});
  else if (next != state.timer_due)
    events.push_back({state.id, around.now, model::timer_rearmed{next}});
  // It fired before its time (the clock was set back): the row that stands is the right one.
  if (events.empty())
    return nothing{};
  return events;
}

}  // namespace parley::conversation
