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
using recipients = std::vector<std::string>;

/// Once a message has come the conversation is active. Its timer is not rewritten for that, unless
/// it was inactive and its timer that of closing.
void rearm_after_message(const model::conversation_state& state, const model::message_added& added,
                         model::timestamp now, std::vector<model::event>& events) {
  auto after = moments_of(state);
  after.phase = conversation_phase::active;
  after.last_activity = std::max(state.last_activity, now);
  if (added.direction == model::direction::inbound) {
    after.snoozed_until = {};
    if (after.unanswered_since == model::timestamp{})
      after.unanswered_since = now;
  } else if (added.direction == model::direction::internal) {
    after.snoozed_until = {};
  } else if (added.direction == model::direction::outbound
             && added.author.type != model::author::kind::system) {
    after.unanswered_since = {};
  }
  after.scheduled_at = earlier(after.scheduled_at, added.send_at);
  rearm_if_late(state, after, state.route, now, events);
}

/// The users of a chat whom a message goes to.
std::vector<std::string> users_without(const std::vector<std::string>& users,
                                       const std::string& author) {
  std::vector<std::string> all;
  for (const auto& user : users)
    if (user != author)
      all.push_back(model::address{model::channel::chat, user}.text());
  return all;
}

std::vector<std::string> users_of(const std::vector<model::participant>& participants) {
  std::vector<std::string> users;
  users.reserve(participants.size());
  for (const auto& who : participants)
    users.push_back(who.user);
  return users;
}

/// How many deliveries a message has that is written here.
std::size_t deliveries_of(const model::conversation_state& state) noexcept {
  if (is_chat(state))
    return 0;
  return state.pair.theirs.is_group() ? state.pair.theirs.members().size() : 1;
}

model::message_added inbound(const model::conversation_state& state,
                             const model::receive_message& what, const circumstances& around) {
  model::message_added added;
  added.message = around.fresh_message;
  added.direction = model::direction::inbound;
  added.author = {model::author::kind::contact,
                  what.from.empty() ? state.pair.theirs.text() : what.from};
  // Mission 2: every reply goes to all. A carrier that takes nothing more must not make a party's
  // message vanish: then the others do not get it. Nor do they get what is meant for us alone.
  if (state.pair.theirs.is_group()) {
    auto others = willing(recipients_of(state, added.author), around);
    if (others && around.consent == nullptr && has_room_for_deliveries(state, others->size()))
      added.recipients = std::move(*others);
  }
  added.what = what.what;
  added.segments = what.segments;
  added.dedupe = what.dedupe;
  if (!what.what->body.empty())
    added.text_digest = text_digest(what.what->body);
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

void add_message(const model::conversation_state& state, model::message_added added,
                 model::timestamp now, std::vector<model::event>& events) {
  events.reserve(events.size() + 2);
  events.push_back({state.id, now, std::move(added)});
  rearm_after_message(state, std::get<model::message_added>(events.back().body), now, events);
}

/// A new conversation of the pair, which is looked at again when `due` says so.
std::vector<model::event> open_new(const model::conversation_state& state, model::route route,
                                   moments at, const circumstances& around,
                                   std::string subject = {}) {
  // The pair's timer stands for what is scheduled in its earlier conversations too.
  at.scheduled_at = earlier(at.scheduled_at, scheduled_first(state));
  const auto due = deadlines_of(route, at).first();
  std::vector<model::event> events;
  events.reserve(2);
  events.push_back(
    {around.fresh_id, around.now,
     model::conversation_opened{state.id, std::move(route), due, std::move(subject)}});
  return events;
}

/// Its first message.
void add_first(model::message_added added, const circumstances& around,
               std::vector<model::event>& events) {
  added.index = 1;
  events.push_back({around.fresh_id, around.now, std::move(added)});
}

/// Mission 4.9: on the first message of a new conversation, but at most once in a while whatever
/// the other side does, and never to what is automatic itself, as far as that can be told.
void add_automatic_reply(const model::conversation_state& state, const model::message_added& to,
                         const circumstances& around, std::vector<model::event>& events) {
  if (around.auto_reply == nullptr || is_loop(state, to, around.now)
      || !around.opted_out.empty() || !has_room_for_deliveries(state, 1))
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

/// What is so from the beginning besides the route: whom it is with, and what rules have said.
void add_circumstances(const circumstances& around, std::vector<model::event>& events) {
  const auto add = [&](model::event_body body) {
    events.push_back({around.fresh_id, around.now, std::move(body)});
  };
  if (around.contact.has_value())
    add(model::contact_assigned{around.contact});
  if (!around.labels.empty())
    add(model::labels_changed{{around.labels.begin(), around.labels.end()}});
  if (around.priority != model::priority::normal)
    add(model::priority_changed{{}, around.priority});
}

/// A conversation that a message from outside opens.
std::vector<model::event> open_from_outside(const model::conversation_state& state,
                                            model::message_added added,
                                            const circumstances& around) {
  const auto& route = *around.route;
  moments at{.last_activity = around.now, .unanswered_since = around.now};
  const bool asks = !route.data_action.empty();
  if (asks) {
    at.question_until = around.now + around.question_patience;
    at.held = true;
  }
  auto events = open_new(state, route, at, around);
  add_circumstances(around, events);
  const auto first = added;
  add_first(std::move(added), around, events);
  if (asks)
    events.push_back({around.fresh_id, around.now,
                      model::question_asked{{route.data_action, 1, at.question_until, true}}});
  if (around.consent != nullptr)
    add_consent(state, around, events);
  else
    add_automatic_reply(state, first, around, events);
  if (around.close_at_once)
    add_closing(around.fresh_id, {model::close_reason::rule, {}}, scheduled_first(state),
                around.now, events);
  return events;
}

/// Whether the next message reopens the pair's closed conversation (mission 3: `reopen_within`).
bool reopens(const model::conversation_state& state, model::timestamp now) noexcept {
  return state.phase == conversation_phase::closed && state.route.reopen_within_ms > 0
         && now - state.closed_at < std::chrono::milliseconds{state.route.reopen_within_ms};
}

/// The closed conversation goes on with this message.
std::vector<model::event> reopen(const model::conversation_state& state,
                                 model::message_added added, const circumstances& around) {
  auto at = moments_of(state);
  at.phase = conversation_phase::active;
  at.last_activity = std::max(state.last_activity, around.now);
  if (added.direction == model::direction::inbound)
    at.unanswered_since = around.now;
  if (at.claim_active_at != model::timestamp{})
    at.claim_active_at = state.route.assigned ? model::timestamp{} : around.now;
  at.scheduled_at = earlier(at.scheduled_at, added.send_at);
  const auto due = deadlines_of(state.route, at).first();
  auto events = one(state, around.now, model::conversation_reopened{due, state.route.assigned});
  added.index = state.last_index + 1;
  events.push_back({state.id, around.now, std::move(added)});
  return events;
}

/// A party has written to a group that has just been closed: it goes on with whom it was with.
std::vector<model::event> open_group_again(const model::conversation_state& state,
                                           model::message_added added,
                                           const circumstances& around) {
  const moments at{.last_activity = around.now, .unanswered_since = around.now};
  auto events = open_new(state, state.route, at, around, state.subject);
  add_first(std::move(added), around, events);
  return events;
}

/// Who starts a conversation takes part in it, of the team that it goes to or not; where an inbox
/// gives its conversations to one user, it is the starter's.
void add_starter(const model::route& route, const model::author& starter,
                 const circumstances& around, std::vector<model::event>& events) {
  if (starter.type != model::author::kind::user)
    return;
  if (route.assigned)
    events.push_back(
      {around.fresh_id, around.now, model::conversation_claimed{starter.id, true}});
  else if (std::ranges::find(route.users, starter.id) == route.users.end())
    events.push_back({around.fresh_id, around.now, model::participant_added{starter.id}});
}

/// The message that a send adds behind the last one. `why_not_sent` has found nothing against it.
model::message_added from_inside(const model::conversation_state& state,
                                 const model::send_message& what, const circumstances& around) {
  model::message_added added;
  added.message = what.message;
  added.index = state.last_index + 1;
  added.direction = direction_of(state, what);
  added.author = what.author;
  added.what = what.what;
  added.segments = added.direction == model::direction::outbound ? what.segments : 0;
  added.idempotency_key = what.idempotency_key;
  added.request_digest = what.request_digest;
  added.mentions = what.mentions;
  added.bulk = what.bulk;
  if (added.direction == model::direction::outbound) {
    added.send_at = what.send_at;
    added.validity_ms = what.validity_ms;
  }
  if (!what.note)
    added.recipients = willing(recipients_of(state, what.author), around).value_or(recipients{});
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

/// Mission 5: whoever has opted out is never sent to. In a group the others still are, but nobody
/// is started with whom it cannot be done.
bool reaches_nobody(const model::conversation_state& state, const circumstances& around) noexcept {
  if (around.opted_out.empty() || is_chat(state))
    return false;
  return !state.pair.theirs.is_group()
         || around.opted_out.size() >= state.pair.theirs.members().size();
}

/// Why the open conversation does not take this message, or nothing.
std::optional<model::errc> why_not_sent(const model::conversation_state& state,
                                        const model::send_message& what,
                                        const circumstances& around) {
  if (!may_write(state, what.author))
    return model::errc::not_participant;
  if (what.what == nullptr || (what.what->body.empty() && what.what->files.empty()))
    return model::errc::body_required;
  if (!what.note && reaches_nobody(state, around))
    return model::errc::opted_out;
  if (!what.note && !what.what->made_from && takes_templates_only(state, around.now))
    return model::errc::outside_window;
  if (!what.note && !has_room_for_deliveries(state, deliveries_of(state)))
    return model::errc::unfinished_deliveries;
  return std::nullopt;
}

/// The first message of a new conversation, which may have others in it than the one before.
model::message_added first_from_inside(const model::conversation_state& state,
                                       const model::start_conversation& what,
                                       const model::route& route, const circumstances& around) {
  auto added = from_inside(state, what.first, around);
  if (is_chat(state))
    added.recipients = users_without(route.users, what.first.author.id);
  return added;
}

/// Everybody who is asked into a chat takes part in it, also who has left the group meanwhile.
/// Adds who is missing to the events, and to the state that the message is made for.
void bring_together(model::conversation_state& state, const std::vector<std::string>& users,
                    const circumstances& around, std::vector<model::event>& events) {
  for (const auto& user : users) {
    if (find_participant(state, user) != nullptr)
      continue;
    events.push_back({state.id, around.now, model::participant_added{user}});
    state.participants.push_back({.user = user});
  }
}

/// A chat that is open goes on. Whoever starts it is among its users.
decision go_on_with_chat(model::conversation_state state, const model::start_conversation& what,
                         const circumstances& around) {
  std::vector<model::event> events;
  bring_together(state, what.route.users, around, events);
  if (state.participants.size() > model::participants_max)
    return refused{model::errc::too_many};
  if (what.first.what != nullptr) {
    if (const auto why = why_not_sent(state, what.first, around))
      return refused{*why};
    add_message(state, from_inside(state, what.first, around), around.now, events);
  }
  if (events.empty())
    return nothing{};
  return events;
}

}  // namespace

model::direction direction_of(const model::conversation_state& state,
                              const model::send_message& what) noexcept {
  if (what.note)
    return model::direction::note;
  return is_chat(state) ? model::direction::internal : model::direction::outbound;
}

std::vector<std::string> recipients_of(const model::conversation_state& state,
                                       const model::author& who) {
  if (is_chat(state))
    return users_without(users_of(state.participants), who.id);
  std::vector<std::string> all;
  if (state.pair.theirs.is_group())
    for (const auto& party : state.pair.theirs.members())
      if (auto text = party.text(); who.type != model::author::kind::contact || text != who.id)
        all.push_back(std::move(text));
  return all;
}

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
    ask_about_message(state, around, events);
    add_consent(state, around, events);
    return events;
  }
  if (reopens(state, around.now) || state.pair.theirs.is_group()) {
    auto events = reopens(state, around.now) ? reopen(state, std::move(added), around)
                                             : open_group_again(state, std::move(added), around);
    add_consent(state, around, events);
    return events;
  }
  if (around.route == nullptr)
    return refused{model::errc::internal};
  return open_from_outside(state, std::move(added), around);
}

decision decide_on(const model::conversation_state& state, const model::send_message& what,
                   const circumstances& around) {
  if (auto answer = answer_of_key(state, what, around.now))
    return std::move(*answer);
  if (const auto why = why_not_open(state, what.conversation))
    return refused{*why};
  if (const auto why = why_not_sent(state, what, around))
    return refused{*why};
  std::vector<model::event> events;
  add_message(state, from_inside(state, what, around), around.now, events);
  return events;
}

decision decide_on(const model::conversation_state& state, const model::start_conversation& what,
                   const circumstances& around) {
  if (auto answer = answer_of_key(state, what.first, around.now))
    return std::move(*answer);
  const bool says_something = what.first.what != nullptr;
  if (is_open(state) && is_chat(state))
    return go_on_with_chat(state, what, around);
  if (is_open(state)) {
    const auto why = says_something ? why_not_sent(state, what.first, around)
                     : may_write(state, what.first.author)
                       ? std::nullopt
                       : std::optional{model::errc::not_participant};
    if (why)
      return refused{*why};
    if (!says_something)
      return nothing{};
    std::vector<model::event> events;
    add_message(state, from_inside(state, what.first, around), around.now, events);
    return events;
  }
  if (says_something && !around.opted_out.empty())
    return refused{model::errc::opted_out};
  const bool by_template = says_something && what.first.what->made_from;
  if (!by_template && takes_templates_only(state, around.now))
    return refused{model::errc::outside_window};
  if (says_something && !has_room_for_deliveries(state, deliveries_of(state)))
    return refused{model::errc::unfinished_deliveries};
  if (says_something && reopens(state, around.now) && may_write(state, what.first.author))
    return reopen(state, from_inside(state, what.first, around), around);
  auto route = what.route;
  route.data_action.clear();  // It is asked about what comes from outside.
  moments at{.last_activity = around.now, .scheduled_at = what.first.send_at};
  if (route.assigned && what.first.author.type == model::author::kind::user)
    at.claim_active_at = around.now;
  auto events = open_new(state, route, at, around, what.subject);
  if (around.contact.has_value())
    events.push_back({around.fresh_id, around.now, model::contact_assigned{around.contact}});
  add_starter(route, what.first.author, around, events);
  if (says_something)
    add_first(first_from_inside(state, what, route, around), around, events);
  return events;
}

}  // namespace parley::conversation
