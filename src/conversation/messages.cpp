#include "parley/model/limits.hpp"
#include "src/conversation/deadlines.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parley::conversation {

namespace {

using model::conversation_phase;

bool is_open(const model::conversation_state& state) noexcept {
  return state.phase == conversation_phase::active || state.phase == conversation_phase::inactive;
}

/// Once a message has come the conversation is active. Its timer is not rewritten for that, unless
/// it was inactive and its timer that of closing.
void rearm_after_message(const model::conversation_state& state, const model::message_added& added,
                         model::timestamp now, std::vector<model::event>& events) {
  auto after = moments_of(state);
  after.phase = conversation_phase::active;
  after.last_activity = std::max(state.last_activity, now);
  if (added.direction == model::direction::inbound)
    after.snoozed_until = {};
  rearm_if_late(state, after, state.route, now, events);
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

/// Twilio marks what its opt-out keywords have caught, and has answered it already.
bool is_automatic(const model::content& what) noexcept {
  return what.extra.starts_with("OptOutType=")
         || what.extra.find("&OptOutType=") != std::string::npos;
}

bool has_room_for_delivery(const model::conversation_state& state) noexcept {
  return state.deliveries.size() < model::deliveries_max
         || std::ranges::any_of(state.deliveries, may_leave, &model::delivery::state);
}

void add_message(const model::conversation_state& state, model::message_added added,
                 model::timestamp now, std::vector<model::event>& events) {
  events.reserve(events.size() + 2);
  events.push_back({state.id, now, std::move(added)});
  rearm_after_message(state, std::get<model::message_added>(events.back().body), now, events);
}

/// A new conversation of the pair.
std::vector<model::event> open_new(const model::conversation_state& state,
                                   const model::route& route, const circumstances& around) {
  const auto due = deadlines_of(route, {.last_activity = around.now}).first();
  std::vector<model::event> events;
  events.reserve(2);
  events.push_back({around.fresh_id, around.now, model::conversation_opened{state.id, route, due}});
  return events;
}

/// Its first message.
void add_first(model::message_added added, const circumstances& around,
               std::vector<model::event>& events) {
  added.index = 1;
  events.push_back({around.fresh_id, around.now, std::move(added)});
}

/// Mission 4.9: on the first message of a new conversation, but at most once in a while whatever
/// the other side does, and never to what is automatic itself, as far as the carrier says so.
void add_automatic_reply(const model::conversation_state& state, const model::content& to,
                         const circumstances& around, std::vector<model::event>& events) {
  if (around.auto_reply == nullptr || is_automatic(to)
      || around.now - state.auto_replied_at < model::auto_reply_pause
      || !has_room_for_delivery(state))
    return;
  model::message_added added;
  added.message = around.fresh_reply;
  added.index = 2;
  added.direction = model::direction::outbound;
  added.author.type = model::author::kind::system;
  added.what = around.auto_reply->what;
  added.segments = around.auto_reply->segments;
  events.push_back({around.fresh_id, around.now, std::move(added)});
}

/// Who starts a conversation takes part in it, of the team that it goes to or not.
void add_starter(const model::route& route, const model::author& starter,
                 const circumstances& around, std::vector<model::event>& events) {
  if (starter.type == model::author::kind::user
      && std::ranges::find(route.users, starter.id) == route.users.end())
    events.push_back({around.fresh_id, around.now, model::participant_added{starter.id}});
}

/// The message that a send adds behind the last one.
model::message_added from_inside(const model::conversation_state& state,
                                 const model::send_message& what) {
  model::message_added added;
  added.message = what.message;
  added.index = state.last_index + 1;
  added.direction = what.note ? model::direction::note : model::direction::outbound;
  added.author = what.author;
  added.what = what.what;
  added.segments = what.note ? 0 : what.segments;
  added.idempotency_key = what.idempotency_key;
  added.request_digest = what.request_digest;
  return added;
}

/// What a send gets that repeats an earlier one under its key: the first answer, or a refusal when
/// it is not the same send. Empty when the key is free.
std::optional<decision> answer_of_key(const model::conversation_state& state,
                                      const model::send_message& what, model::timestamp now) {
  const auto* used = find_key(state, what.idempotency_key, now);
  if (used == nullptr)
    return std::nullopt;
  if (used->request == what.request_digest)
    return duplicate{*used};
  return refused{model::errc::idempotency_mismatch};
}

/// Why the open conversation does not take this message, or nothing.
std::optional<model::errc> why_not_sent(const model::conversation_state& state,
                                        const model::send_message& what) noexcept {
  if (!may_write(state, what.author))
    return model::errc::not_participant;
  if (what.what == nullptr || (what.what->body.empty() && what.what->files.empty()))
    return model::errc::body_required;
  if (!what.note && !has_room_for_delivery(state))
    return model::errc::unfinished_deliveries;
  return std::nullopt;
}

}  // namespace

decision decide_on(const model::conversation_state& state, const model::receive_message& what,
                   const circumstances& around) {
  if (what.dedupe.has_value() && std::ranges::find(state.seen, what.dedupe) != state.seen.end())
    return duplicate{};
  if (what.what == nullptr)
    return refused{model::errc::malformed};
  auto added = inbound(state, what, around);
  if (is_open(state)) {
    added.index = state.last_index + 1;
    std::vector<model::event> events;
    add_message(state, std::move(added), around.now, events);
    return events;
  }
  if (around.route == nullptr)
    return refused{model::errc::internal};
  auto events = open_new(state, *around.route, around);
  add_first(std::move(added), around, events);
  add_automatic_reply(state, *what.what, around, events);
  return events;
}

decision decide_on(const model::conversation_state& state, const model::send_message& what,
                   const circumstances& around) {
  if (auto answer = answer_of_key(state, what, around.now))
    return std::move(*answer);
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  if (const auto why = why_not_sent(state, what))
    return refused{*why};
  std::vector<model::event> events;
  add_message(state, from_inside(state, what), around.now, events);
  return events;
}

decision decide_on(const model::conversation_state& state, const model::start_conversation& what,
                   const circumstances& around) {
  if (auto answer = answer_of_key(state, what.first, around.now))
    return std::move(*answer);
  const bool says_something = what.first.what != nullptr;
  if (is_open(state)) {
    const auto why = says_something ? why_not_sent(state, what.first)
                     : may_write(state, what.first.author)
                       ? std::nullopt
                       : std::optional{model::errc::not_participant};
    if (why)
      return refused{*why};
    if (!says_something)
      return nothing{};
    std::vector<model::event> events;
    add_message(state, from_inside(state, what.first), around.now, events);
    return events;
  }
  if (says_something && !has_room_for_delivery(state))
    return refused{model::errc::unfinished_deliveries};
  auto events = open_new(state, what.route, around);
  add_starter(what.route, what.first.author, around, events);
  if (says_something)
    add_first(from_inside(state, what.first), around, events);
  return events;
}

}  // namespace parley::conversation
