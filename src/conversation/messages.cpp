#include "parley/model/limits.hpp"
#include "src/conversation/deadlines.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace parley::conversation {

namespace {

using model::conversation_phase;

bool is_open(const model::conversation_state& state) noexcept {
  return state.phase == conversation_phase::active || state.phase == conversation_phase::inactive;
}

/// A message does not rewrite its timer, because the firing looks at the true deadline. What must
/// never be is a timer that stands after the deadline, or none at all: so it is when a message
/// wakes an inactive conversation, whose timer is that of closing.
void rearm_if_late(const model::conversation_state& state, model::timestamp now,
                   std::vector<model::event>& events) {
  const auto last_activity = std::max(state.last_activity, now);
  const auto first = deadlines_of(state.route, conversation_phase::active, last_activity).first();
  const bool needed = first != model::timestamp{};
  const bool standing = state.timer_due != model::timestamp{};
  if (needed && (!standing || state.timer_due > first))
    events.push_back({state.id, now, model::timer_rearmed{first}});
}

model::message_added inbound(const model::conversation_state& state,
                             const model::receive_message& what, const circumstances& around) {
  model::message_added added;
  added.message = around.fresh_message;
  added.direction = model::direction::inbound;
  added.author = {model::author::kind::contact, state.pair.theirs.text()};
  added.what = what.what;
  added.segments = what.segments;
  added.dedupe = what.dedupe;
  return added;
}

/// The unexpired use of this key, or null.
const model::used_key* find_key(const model::conversation_state& state, const model::id128& key,
                                model::timestamp now) noexcept {
  if (!key.has_value())
    return nullptr;
  const auto found = std::ranges::find(state.keys, key, &model::used_key::key);
  return found == state.keys.end() || key_expired(found->at, now) ? nullptr : &*found;
}

/// Users write where they participate, teams in the conversations of their inbox.
bool may_write(const model::conversation_state& state, const model::author& who) noexcept {
  switch (who.type) {
    case model::author::kind::user:
      return find_participant(state, who.id) != nullptr;
    case model::author::kind::team:
      return !who.id.empty() && who.id == state.route.inbox;
    case model::author::kind::contact:
    case model::author::kind::system:
      return false;
  }
  return false;
}

bool has_room_for_delivery(const model::conversation_state& state) noexcept {
  return state.deliveries.size() < model::deliveries_max
         || std::ranges::any_of(state.deliveries, may_leave, &model::delivery::state);
}

}  // namespace

decision decide_on(const model::conversation_state& state, const model::receive_message& what,
                   const circumstances& around) {
  if (what.dedupe.has_value() && std::ranges::find(state.seen, what.dedupe) != state.seen.end())
    return duplicate{};
  if (what.what == nullptr)
    return refused{model::errc::malformed};
  auto added = inbound(state, what, around);
  std::vector<model::event> events;
  events.reserve(2);
  if (is_open(state)) {
    added.index = state.last_index + 1;
    events.push_back({state.id, around.now, std::move(added)});
    rearm_if_late(state, around.now, events);
    return events;
  }
  if (around.route == nullptr)
    return refused{model::errc::internal};
  added.index = 1;
  const auto due = deadlines_of(*around.route, conversation_phase::active, around.now).first();
  events.push_back(
    {around.fresh_id, around.now, model::conversation_opened{state.id, *around.route, due}});
  events.push_back({around.fresh_id, around.now, std::move(added)});
  return events;
}

decision decide_on(const model::conversation_state& state, const model::send_message& what,
                   const circumstances& around) {
  if (const auto* used = find_key(state, what.idempotency_key, around.now)) {
    if (used->request == what.request_digest)
      return duplicate{*used};
    return refused{model::errc::idempotency_mismatch};
  }
  if (!what.conversation.has_value() || what.conversation != state.id)
    return refused{why_not_current(state, what.conversation)};
  if (!is_open(state))
    return refused{model::errc::conversation_closed};
  if (!may_write(state, what.author))
    return refused{model::errc::not_participant};
  if (what.what == nullptr || (what.what->body.empty() && what.what->files.empty()))
    return refused{model::errc::body_required};
  if (!has_room_for_delivery(state))
    return refused{model::errc::unfinished_deliveries};

  model::message_added added;
  added.message = what.message;
  added.index = state.last_index + 1;
  added.direction = model::direction::outbound;
  added.author = what.author;
  added.what = what.what;
  added.segments = what.segments;
  added.idempotency_key = what.idempotency_key;
  added.request_digest = what.request_digest;
  std::vector<model::event> events;
  events.reserve(2);
  events.push_back({state.id, around.now, std::move(added)});
  rearm_if_late(state, around.now, events);
  return events;
}

}  // namespace parley::conversation
