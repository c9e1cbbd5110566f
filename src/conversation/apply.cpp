#include "parley/conversation/rules.hpp"
#include "parley/model/limits.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parley::conversation {

namespace {

using model::conversation_phase;
using model::conversation_state;

/// Appends to a list that is oldest first and never longer than `size_max`.
template <class T>
void push_bounded(std::vector<T>& list, T item, std::size_t size_max) {
  if (list.size() >= size_max) {
    const auto excess = static_cast<std::ptrdiff_t>(list.size() - size_max + 1);
    list.erase(list.begin(), list.begin() + excess);
  }
  list.push_back(std::move(item));
}

void mark_chain(conversation_state& state, std::uint64_t index, std::uint64_t seq) {
  if (index % state.mark_stride != 0)
    return;
  state.marks.push_back({index, seq});
  if (state.marks.size() <= model::chain_marks_max)
    return;
  state.mark_stride *= 2;
  const auto between
    = [&](const model::chain_mark& mark) { return mark.index % state.mark_stride != 0; };
  std::erase_if(state.marks, between);
}

/// Makes room for one more: the oldest finished delivery leaves, else the oldest that the carrier
/// has. When there is neither, `decide` has refused the send.
void make_room(conversation_state& state) {
  auto& deliveries = state.deliveries;
  if (deliveries.size() < deliveries_limit(state))
    return;
  auto leaving = std::ranges::find_if(deliveries, model::is_final, &model::delivery::state);
  if (leaving == deliveries.end())
    leaving = std::ranges::find_if(deliveries, may_leave, &model::delivery::state);
  if (leaving == deliveries.end())
    leaving = deliveries.begin();
  deliveries.erase(leaving);
}

void remember_key(conversation_state& state, const model::message_added& added,
                  model::timestamp at) {
  // An earlier use of the same key is among them, or `decide` would have found it.
  const auto free_again = [&](const model::used_key& used) { return key_expired(used.at, at); };
  std::erase_if(state.keys, free_again);
  push_bounded(state.keys,
               {added.idempotency_key, added.request_digest, added.message, added.index,
                added.segments, at, state.id},
               model::idempotency_keys_max);
}

void add_delivery(conversation_state& state, const model::event& event,
                  const model::message_added& added, std::uint64_t seq, const std::string& to) {
  make_room(state);
  model::delivery fresh;
  fresh.message = added.message;
  fresh.conversation = event.conversation;
  fresh.index = added.index;
  fresh.message_seq = seq;
  fresh.updated_at = event.at;
  fresh.to = to;
  fresh.confirms_opt_out = added.confirms_opt_out;
  fresh.bulk = added.bulk;
  fresh.send_at = added.send_at;
  if (added.send_at != model::timestamp{})
    fresh.state = model::delivery_state::scheduled;
  fresh.by_template = added.what != nullptr && added.what->made_from.has_value();
  state.deliveries.push_back(std::move(fresh));
}

/// One delivery a recipient (mission 2).
void add_deliveries(conversation_state& state, const model::event& event,
                    const model::message_added& added, std::uint64_t seq) {
  if (added.recipients.empty() && added.direction == model::direction::outbound)
    add_delivery(state, event, added, seq, {});
  if (added.direction != model::direction::internal)
    for (const auto& to : added.recipients)
      add_delivery(state, event, added, seq, to);
}

void advance_reading(conversation_state& state, const std::string& user, std::uint64_t index) {
  const auto reader = std::ranges::find(state.participants, user, &model::participant::user);
  if (reader != state.participants.end())
    reader->read_index = std::max(reader->read_index, index);
}

/// Everybody of the route takes part, or the conversation waits for the inbox to give it to one.
void place(conversation_state& state, model::timestamp at) {
  if (state.route.assigned) {
    state.waiting_since = at;
    return;
  }
  // Only among those who were there before: nearly always nobody, and teams can be large.
  const auto before = state.participants.size();
  const auto was_there = [&](const std::string& user) {
    const auto those = std::span{state.participants}.first(before);
    return std::ranges::find(those, user, &model::participant::user) != those.end();
  };
  for (const auto& user : state.route.users)
    if (!was_there(user))
      state.participants.push_back({.user = user});
}

/// The same text again and again is most likely a machine's (mission 4.9).
void remember_text(conversation_state& state, std::uint32_t digest, model::timestamp at) {
  if (digest != state.text_digest)
    state.same_text_at.clear();
  state.text_digest = digest;
  push_bounded(state.same_text_at, at, model::same_text_max);
}

void follow_waiting_for_reply(conversation_state& state, const model::message_added& added,
                              model::timestamp at) {
  if (added.direction == model::direction::inbound) {
    if (state.unanswered_since == model::timestamp{})
      state.unanswered_since = at;
  } else if (added.direction == model::direction::outbound
             && added.author.type != model::author::kind::system) {
    state.unanswered_since = {};
    state.escalated = 0;
  }
}

void apply_body(conversation_state& state, const model::event& event,
                const model::conversation_opened& opened, std::uint64_t seq) {
  state.id = event.conversation;
  state.previous = opened.previous;
  state.phase = conversation_phase::active;
  state.closed_for = model::close_reason::none;
  state.route = opened.route;
  state.participants.clear();
  state.closed_at = {};
  state.waiting_since = {};
  state.last_holder.clear();
  state.holder_wanted = false;
  state.unanswered_since = {};
  state.escalated = 0;
  state.priority = model::priority::normal;
  state.contact = {};
  state.question = {};
  state.attributes.clear();
  state.subject = opened.subject;
  if (opened.route.data_action.empty())  // Else the question behind this event decides.
    place(state, event.at);
  state.claimed_by.clear();
  state.claim_active_at = {};
  state.away.clear();
  state.labels.clear();
  state.snoozed_until = {};
  state.created_at = event.at;
  state.last_activity = event.at;
  state.last_index = 0;
  state.timer_due = opened.timer_due;
  state.opened_seq = seq;
  state.mark_stride = conversation_state{}.mark_stride;
  state.marks.clear();
}

void apply_body(conversation_state& state, const model::event& event,
                const model::message_added& added, std::uint64_t seq) {
  state.last_index = added.index;
  // A note is no message: it neither wakes the conversation nor keeps it open.
  if (added.direction != model::direction::note) {
    // The wall clock may be set back; deadlines only ever move on.
    state.last_activity = std::max(state.last_activity, event.at);
    state.phase = conversation_phase::active;
  }
  mark_chain(state, added.index, seq);
  if (added.dedupe.has_value())
    push_bounded(state.seen, added.dedupe, model::dedupe_ids_max);
  if (added.idempotency_key.has_value())
    remember_key(state, added, event.at);
  add_deliveries(state, event, added, seq);
  if (added.direction == model::direction::inbound
      || added.direction == model::direction::internal)
    state.snoozed_until = {};
  if (added.direction == model::direction::inbound)
    state.last_inbound_at = std::max(state.last_inbound_at, event.at);
  if (added.text_digest != 0)
    remember_text(state, added.text_digest, event.at);
  follow_waiting_for_reply(state, added, event.at);
  if (added.author.type == model::author::kind::system)
    state.auto_replied_at = event.at;
  if (added.author.type == model::author::kind::user) {
    advance_reading(state, added.author.id, added.index);
    if (added.author.id == state.claimed_by && !state.claimed_by.empty())
      state.claim_active_at = std::max(state.claim_active_at, event.at);
  }
}

void apply_body(conversation_state& state, const model::event& event,
                const model::delivery_changed& change, std::uint64_t seq) {
  const auto known = std::ranges::find_if(state.deliveries, [&](const model::delivery& one) {
    return one.message == change.message && one.to == change.to;
  });
  if (known != state.deliveries.end()) {
    if (model::is_queued_anew(known->state, change.state))
      known->queued_seq = seq;
    known->state = change.state;
    known->error_code = change.error_code;
    known->attempts = change.attempts;
    known->provider_id = change.provider_id;
    known->updated_at = event.at;
  }
  if (state.parked.empty() || change.provider_id.empty())
    return;
  // The id is known from now on: what was parked for it has been used or is of no use.
  const auto settled = [&](const model::parked_report& report) {
    return report.provider_id == change.provider_id || parked_too_long(report.at, event.at);
  };
  std::erase_if(state.parked, settled);
}

void apply_body(conversation_state& state, const model::event& event,
                const model::report_parked& parked, std::uint64_t) {
  const auto expired
    = [&](const model::parked_report& report) { return parked_too_long(report.at, event.at); };
  std::erase_if(state.parked, expired);
  push_bounded(state.parked, parked.report, model::parked_reports_max);
}

void apply_body(conversation_state& state, const model::event&,
                const model::conversation_idled& idled, std::uint64_t) {
  state.phase = conversation_phase::inactive;
  state.timer_due = idled.timer_due;
}

void apply_body(conversation_state& state, const model::event& event,
                const model::conversation_closed& closed, std::uint64_t) {
  state.phase = conversation_phase::closed;
  state.closed_at = event.at;
  state.closed_for = closed.reason;
  state.timer_due = {};
  state.snoozed_until = {};
  state.waiting_since = {};
  state.unanswered_since = {};
  state.escalated = 0;
  state.question = {};
}

void apply_body(conversation_state& state, const model::event&, const model::read_advanced& read,
                std::uint64_t) {
  advance_reading(state, read.user, read.index);
}

void apply_body(conversation_state& state, const model::event&, const model::timer_rearmed& rearmed,
                std::uint64_t) {
  state.timer_due = rearmed.timer_due;
}

void end_claim(conversation_state& state) {
  state.claimed_by.clear();
  state.claim_active_at = {};
  state.away.clear();
}

/// Makes these users the participants. Who takes part already, or did before a claim, keeps the
/// read position; the others have read nothing.
void set_participants(conversation_state& state, const std::vector<std::string>& users) {
  std::vector<model::participant> present;
  present.reserve(users.size());
  for (const auto& user : users) {
    const auto known = [&](const std::vector<model::participant>& among) {
      return std::ranges::find(among, user, &model::participant::user);
    };
    if (const auto here = known(state.participants); here != state.participants.end())
      present.push_back(*here);
    else if (const auto away = known(state.away); away != state.away.end())
      present.push_back(*away);
    else
      present.push_back({.user = user});
  }
  state.participants = std::move(present);
}

/// One user carries on alone. The team's members are remembered with what they had read; others
/// who were added are not part of the team that a release brings back.
void begin_claim(conversation_state& state, const std::string& user, model::timestamp at) {
  std::vector<model::participant> leaving;
  for (const auto& member : state.route.users)
    if (member != user)
      leaving.push_back({.user = member});
  for (auto& one : leaving)
    for (const auto* among : {&state.away, &state.participants}) {
      const auto known = std::ranges::find(*among, one.user, &model::participant::user);
      if (known != among->end())
        one.read_index = known->read_index;
    }
  set_participants(state, {user});
  state.away = std::move(leaving);
  state.claimed_by = user;
  state.claim_active_at = at;
  state.waiting_since = {};
}

/// The inbox gives it to one of the team. Who was called in besides the team stays.
void assign(conversation_state& state, const std::string& user, model::timestamp at) {
  auto guests = state.participants;
  std::erase_if(guests, [&](const model::participant& who) {
    return who.user == user
           || std::ranges::find(state.route.users, who.user) != state.route.users.end();
  });
  begin_claim(state, user, at);
  state.participants.insert(state.participants.end(), guests.begin(), guests.end());
}

/// Nobody has it until the inbox gives it to somebody. What the team had read is kept.
void wait_again(conversation_state& state, model::timestamp at) {
  for (const auto& who : state.participants) {
    const auto known = std::ranges::find(state.away, who.user, &model::participant::user);
    if (known != state.away.end())
      *known = who;
    else
      state.away.push_back(who);
  }
  state.participants.clear();
  state.claimed_by.clear();
  state.claim_active_at = {};
  state.waiting_since = at;
}

void apply_body(conversation_state& state, const model::event& event,
                const model::conversation_claimed& claimed, std::uint64_t) {
  state.question.holds = false;  // It is somebody's: the default route is not asked for.
  if (claimed.assigned)
    assign(state, claimed.user, event.at);
  else
    begin_claim(state, claimed.user, event.at);
}

void apply_body(conversation_state& state, const model::event& event,
                const model::conversation_released& released, std::uint64_t) {
  state.last_holder = released.user;
  state.holder_wanted = false;
  if (released.waits) {
    wait_again(state, event.at);
    return;
  }
  set_participants(state, released.users);
  end_claim(state);
}

void apply_body(conversation_state& state, const model::event& event,
                const model::conversation_transferred& moved, std::uint64_t) {
  state.question.holds = false;  // It has its route: the default one is not asked for.
  state.route.inbox = moved.inbox;
  state.route.users = moved.team;
  state.route.claim_expiry_ms = moved.claim_expiry_ms;
  state.route.unrouted = false;
  if (moved.user.empty() || moved.inbox.empty()) {
    state.route.assigned = moved.waits;
    state.escalated = 0;
  }
  state.route.escalations = moved.escalations;
  if (moved.waits) {
    state.last_holder.clear();
    wait_again(state, event.at);
    return;
  }
  state.waiting_since = {};
  if (!moved.user.empty() && !moved.inbox.empty()) {
    begin_claim(state, moved.user, event.at);
    return;
  }
  set_participants(state, moved.team);
  end_claim(state);
}

void apply_body(conversation_state& state, const model::event&,
                const model::participant_added& added, std::uint64_t) {
  const auto known
    = std::ranges::find(state.participants, added.user, &model::participant::user);
  if (known == state.participants.end())
    state.participants.push_back(
      {.user = added.user,
       .joined_index = state.route.history_from_join ? state.last_index : 0});
}

void apply_body(conversation_state& state, const model::event&,
                const model::participant_removed& removed, std::uint64_t) {
  std::erase_if(state.participants, [&](const auto& who) { return who.user == removed.user; });
}

void apply_body(conversation_state& state, const model::event&,
                const model::conversation_snoozed& snoozed, std::uint64_t) {
  state.snoozed_until = snoozed.until;
}

void apply_body(conversation_state& state, const model::event&,
                const model::labels_changed& changed, std::uint64_t) {
  state.labels = changed.labels;
}

void apply_body(conversation_state& state, const model::event&,
                const model::conversation_escalated& reached, std::uint64_t) {
  state.escalated = reached.step;
}

void apply_body(conversation_state& state, const model::event&,
                const model::priority_changed& changed, std::uint64_t) {
  state.priority = changed.priority;
}

void apply_body(conversation_state& state, const model::event& event,
                const model::conversation_reopened& reopened, std::uint64_t) {
  state.phase = conversation_phase::active;
  state.closed_for = model::close_reason::none;
  state.closed_at = {};
  state.last_activity = std::max(state.last_activity, event.at);
  state.timer_due = reopened.timer_due;
  if (!reopened.waits) {
    if (!state.claimed_by.empty())
      state.claim_active_at = event.at;
    if (state.participants.empty())  // It was closed while a question held it back.
      place(state, event.at);
    return;
  }
  state.last_holder = state.claimed_by;
  state.holder_wanted = true;
  wait_again(state, event.at);
}

void apply_body(conversation_state& state, const model::event&,
                const model::contact_assigned& assigned, std::uint64_t) {
  state.contact = assigned.contact;
}

void apply_body(conversation_state&, const model::event&, const model::message_redacted&,
                std::uint64_t) {
  // Texts are not part of the state.
}

void apply_body(conversation_state&, const model::event&, const model::media_settled&,
                std::uint64_t) {
  // Nor are files.
}

void apply_body(conversation_state& state, const model::event&,
                const model::question_asked& asked, std::uint64_t) {
  state.question = asked.question;
}

void apply_body(conversation_state& state, const model::event& event,
                const model::question_settled&, std::uint64_t) {
  const bool held = state.question.holds;
  state.question = {};
  if (held)
    place(state, event.at);
}

void apply_body(conversation_state& state, const model::event&,
                const model::attributes_changed& changed, std::uint64_t) {
  state.attributes = changed.attributes;
}

void apply_body(conversation_state& state, const model::event&,
                const model::availability_changed& changed, std::uint64_t) {
  state.presence = changed.presence;
  state.present_by_stream = changed.by_stream;
}

void apply_body(conversation_state& state, const model::event&,
                const model::message_edited& edited, std::uint64_t) {
  for (auto& one : state.deliveries)
    if (one.message == edited.message && one.state == model::delivery_state::scheduled)
      one.send_at = edited.send_at;
}

/// What a job has done is in rows of its own; its chain has nothing else.
void apply_body(conversation_state&, const model::event&, const model::bulk_changed&,
                std::uint64_t) {}

void apply_body(conversation_state&, const model::event&, const model::consent_changed&,
                std::uint64_t) {
  // It may be about other pairs too: the table `consents` has it.
}

}  // namespace

void apply(model::conversation_state& state, const model::event& event, std::uint64_t seq) {
  const auto by_kind = [&](const auto& body) { apply_body(state, event, body, seq); };
  std::visit(by_kind, event.body);
  state.head_seq = seq;
}

}  // namespace parley::conversation
