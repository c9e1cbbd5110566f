#include "parley/model/limits.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace parley::conversation {

namespace {

/// A claim that begins now is to end when the claimer stays silent.
void rearm_for_claim(const model::conversation_state& state, std::int64_t claim_expiry_ms,
                     model::timestamp now, std::vector<model::event>& events) {
  auto route = state.route;
  route.claim_expiry_ms = claim_expiry_ms;
  auto after = moments_of(state);
  after.claim_active_at = now;
  after.held = false;  // It is somebody's.
  rearm_if_late(state, after, route, now, events);
}

/// Another team has steps of its own, and begins with the first.
void rearm_for_escalation(const model::conversation_state& state, const model::route& to,
                          model::timestamp now, std::vector<model::event>& events) {
  auto route = state.route;
  route.escalations = to.escalations;
  auto after = moments_of(state);
  after.claim_active_at = {};
  after.escalated = 0;
  after.held = false;  // It has its route.
  rearm_if_late(state, after, route, now, events);
}

/// Whether it waits for somebody of the team to get it, and the user is one: whoever takes it first
/// has it.
bool may_take(const model::conversation_state& state, const std::string& user) {
  return state.waiting_since != model::timestamp{}
         && std::ranges::find(state.route.users, user) != state.route.users.end();
}

}  // namespace

decision decide_on(const model::conversation_state& state, const model::claim_conversation& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  if (state.route.inbox.empty())
    return refused{model::errc::not_team_conversation};
  if (state.claimed_by == what.user && !what.user.empty())
    return nothing{};
  if (!state.claimed_by.empty())
    return refused{model::errc::already_claimed};
  if (find_participant(state, what.user) == nullptr && !may_take(state, what.user))
    return refused{model::errc::not_participant};
  auto events = one(state, around.now, model::conversation_claimed{what.user, false});
  rearm_for_claim(state, state.route.claim_expiry_ms, around.now, events);
  return events;
}

decision decide_on(const model::conversation_state& state, const model::release_conversation& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  if (state.claimed_by.empty())
    return refused{model::errc::not_claimed};
  if (!what.user.empty() && what.user != state.claimed_by)
    return refused{model::errc::already_claimed};
  return one(state, around.now, released(state, false));
}

decision decide_on(const model::conversation_state& state, const model::assign_conversation& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  // Somebody else was faster, or it has gone to another team. Who belongs to the team is for the
  // inbox to say: it may have got more members since the conversation was opened.
  if (state.waiting_since == model::timestamp{} || what.inbox != state.route.inbox)
    return nothing{};
  auto events = one(state, around.now, model::conversation_claimed{what.user, true});
  rearm_for_claim(state, state.route.claim_expiry_ms, around.now, events);
  return events;
}

decision decide_on(const model::conversation_state& state, const model::transfer_conversation& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  if (is_chat(state))
    return refused{model::errc::internal_chat};
  if (!what.by.empty() && find_participant(state, what.by) == nullptr)
    return refused{model::errc::not_participant};
  model::conversation_transferred moved;
  moved.by = what.by;
  if (what.to_user.empty()) {
    moved.inbox = what.to.inbox;
    moved.team = what.to.users;
    moved.claim_expiry_ms = what.to.claim_expiry_ms;
    moved.waits = what.to.assigned;
    moved.escalations = what.to.escalations;
    auto events = one(state, around.now, std::move(moved));
    rearm_for_escalation(state, what.to, around.now, events);
    return events;
  }
  moved.user = what.to_user;
  moved.inbox = state.route.inbox;
  moved.team = state.route.inbox.empty() ? std::vector{what.to_user} : state.route.users;
  moved.claim_expiry_ms = state.route.claim_expiry_ms;
  if (!moved.inbox.empty())
    moved.escalations = state.route.escalations;
  auto events = one(state, around.now, moved);
  if (!moved.inbox.empty())
    rearm_for_claim(state, moved.claim_expiry_ms, around.now, events);
  return events;
}

decision decide_on(const model::conversation_state& state, const model::add_participant& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  if (find_participant(state, what.user) != nullptr)
    return nothing{};
  // What the two have said was for the two: a third one makes another chat.
  if (is_chat_of_two(state))
    return refused{model::errc::internal_chat};
  if (state.participants.size() >= model::participants_max)
    return refused{model::errc::too_many};
  return one(state, around.now, model::participant_added{what.user});
}

decision decide_on(const model::conversation_state& state, const model::remove_participant& what,
                   const circumstances& around) {
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  if (find_participant(state, what.user) == nullptr)
    return refused{model::errc::not_participant};
  if (is_chat_of_two(state))
    return refused{model::errc::internal_chat};
  if (state.participants.size() == 1)
    return refused{model::errc::last_participant};
  // Nobody of the team would see the conversation any more: it is released or transferred first.
  if (what.user == state.claimed_by)
    return refused{model::errc::already_claimed};
  return one(state, around.now, model::participant_removed{what.user});
}

}  // namespace parley::conversation
