#include "actors/conversation.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "actors/consent_register.hpp"
#include "actors/consent_view.hpp"
#include "actors/log.hpp"
#include "actors/opening.hpp"
#include "actors/questioner.hpp"
#include "actors/supervision.hpp"
#include "actors/switchboard.hpp"
#include "parley/conversation/attempts.hpp"
#include "parley/model/delivery_count.hpp"
#include "parley/store/rows.hpp"

namespace parley::actors {
namespace {

using self_pointer = conversation_actor::stateful_pointer<conversation_actor_state>;

/// Reads what the store has of the pair. Runs in the actor: LMDB's pages are mapped, and the next
/// command could do nothing without them.
void load(conversation_actor_state& my) {
  if (my.loaded)
    return;
  auto stored = my.shared->reader.load(my.pair_key);
  if (stored.snapshot)
    my.state = std::move(*stored.snapshot);
  for (const auto& record : stored.tail)
    conversation::apply(my.state, record.event, record.seq);
  my.events_after_snapshot = stored.tail.size();
  my.loaded = true;
  if (my.state.head_seq != 0)
    my.shared->counts.loaded.fetch_add(1, std::memory_order_relaxed);
}

/// Writes the state down when a load would have more than `events_max` events to replay on the last
/// one.
void keep_replay_short(conversation_actor_state& my, std::size_t events_max) {
  if (my.events_after_snapshot <= events_max)
    return;
  my.shared->journal.append({.pair_key = my.pair_key,
                             .organization = my.facts->organization,
                             .prev = my.state.head_seq,
                             .snapshot = &my.state});
  my.events_after_snapshot = 0;
}

/// Answers when everything appended so far is durable.
void settle_behind(conversation_actor_state& my, model::settlement what) {
  my.shared->journal.append({.pair_key = my.pair_key,
                             .organization = my.facts->organization,
                             .prev = my.state.head_seq,
                             .settle = std::move(what)});
}

model::answer_ptr rendered(const envelope& asked, const conversation_actor_state& my,
                           std::span<const model::event> events, const model::used_key* first,
                           std::optional<model::errc> refusal) {
  if (asked.render)
    return std::make_shared<const model::answer>(
      asked.render({asked, my.state, events, first, refusal}));
  if (!refusal)
    return nullptr;
  model::answer plain;
  plain.status = model::traits(*refusal).http_status;
  return std::make_shared<const model::answer>(std::move(plain));
}

void refuse(const envelope& asked, const conversation_actor_state& my, model::errc code) {
  tell_refused_line(asked, code);
  if (asked.answer_to.wanted())
    my.shared->answers.answer({asked.answer_to, rendered(asked, my, {}, nullptr, code)});
}

/// In which state a delivery was; nothing when it is not known any more.
std::optional<model::delivery_state> state_before(const model::conversation_state& before,
                                                  const model::delivery_changed& moved) {
  const auto known = std::ranges::find_if(before.deliveries, [&](const model::delivery& one) {
    return one.message == moved.message && one.to == moved.to;
  });
  return known == before.deliveries.end() ? std::nullopt : std::optional{known->state};
}

bool is_queued_anew(const model::conversation_state& before,
                    const model::delivery_changed& moved) {
  const auto from = state_before(before, moved);
  return from && model::is_queued_anew(*from, moved.state);
}

/// Whether the sender may have it in hand, waiting for another try for example.
bool is_called_off(const model::conversation_state& before,
                   const model::delivery_changed& moved) {
  return moved.state == model::delivery_state::canceled
         && state_before(before, moved) == model::delivery_state::queued;
}

bool changes_participants(const model::event& event) {
  return std::holds_alternative<model::conversation_claimed>(event.body)
         || std::holds_alternative<model::conversation_released>(event.body)
         || std::holds_alternative<model::conversation_transferred>(event.body)
         || std::holds_alternative<model::participant_added>(event.body)
         || std::holds_alternative<model::participant_removed>(event.body);
}

/// Whether the inbox's queue may be another afterwards, though nobody comes or goes.
bool may_wait_after(const model::event& event) {
  return std::holds_alternative<model::conversation_reopened>(event.body)
         || std::holds_alternative<model::question_settled>(event.body);
}

/// What is to be said about these events, or null. `before` is the state they were decided on.
std::shared_ptr<speech> prepare_speech(self_pointer self, const model::conversation_state& before,
                                       const envelope& asked,
                                       std::span<const model::event> events) {
  std::shared_ptr<speech> said;
  const auto say = [&]() -> speech& {
    if (!said) {
      said = std::make_shared<speech>();
      said->speaker = self;
    }
    return *said;
  };
  if (asked.told) {
    say().line_of = asked.told;
    said->line.position = line_position(asked);
  }
  bool opened = false;
  for (const auto& event : events) {
    if (std::holds_alternative<model::conversation_opened>(event.body)) {
      say().opened = opened = true;
    } else if (const auto* added = std::get_if<model::message_added>(&event.body)) {
      if (model::delivery_count(*added) != 0 && added->send_at == model::timestamp{})
        say().outbox = true;
      if (added->direction == model::direction::inbound && !added->what->files.empty())
        say().media = true;
      if (!opened)
        for (const auto& who : before.participants)
          if (who.read_index == before.last_index && who.user != added->author.id)
            say().first_unread.push_back(who.user);
    } else if (changes_participants(event) || may_wait_after(event)) {
      say();  // Who came, who went and whether it waits is noted once the events are applied.
    } else if (const auto* moved = std::get_if<model::delivery_changed>(&event.body)) {
      if (is_queued_anew(before, *moved))
        say().outbox = true;
      if (is_called_off(before, *moved))
        say().called_off.push_back({moved->message, moved->to});
      if (std::holds_alternative<model::begin_attempt>(asked.what))
        say().decision = attempt_decision{.which = {moved->message, moved->to},
                                          .go = moved->state == model::delivery_state::sending,
                                          .attempts = moved->attempts,
                                          .wait = std::nullopt};
    } else if (std::holds_alternative<model::conversation_closed>(event.body)) {
      say().closed = true;
    } else if (std::holds_alternative<model::question_asked>(event.body)
               || std::holds_alternative<model::consent_changed>(event.body)) {
      say();  // What is said of them is put together once the events are applied.
    }
  }
  return said;
}

std::atomic<std::uint64_t>& counter_of(cast_counts& counts, model::direction which) noexcept {
  switch (which) {
    case model::direction::inbound:
      return counts.messages_inbound;
    case model::direction::outbound:
      return counts.messages_outbound;
    case model::direction::internal:
      return counts.messages_internal;
    case model::direction::note:
      break;
  }
  return counts.notes;
}

/// Counts what comes into the number's outbox and what leaves it. Before the event is applied: only
/// the conversation knows, whoever has it done.
void count_queued(cast_counts& counts, const conversation_actor_state& my,
                  const model::event& event) {
  const auto add = [&](std::int64_t sends, const model::bulk_line& line) {
    my.facts->queued->fetch_add(sends, std::memory_order_relaxed);
    auto& lane = line.job.has_value() ? counts.queued_bulk : counts.queued_replies;
    lane.fetch_add(sends, std::memory_order_relaxed);
  };
  if (const auto* added = std::get_if<model::message_added>(&event.body)) {
    const auto sends = added->send_at == model::timestamp{} ? model::delivery_count(*added) : 0;
    if (sends != 0)
      add(static_cast<std::int64_t>(sends), added->bulk);
  } else if (const auto* moved = std::get_if<model::delivery_changed>(&event.body)) {
    const auto known = std::ranges::find_if(my.state.deliveries, [&](const auto& one) {
      return one.message == moved->message && one.to == moved->to;
    });
    if (known == my.state.deliveries.end())
      return;
    const auto change = std::int64_t{model::in_outbox(moved->state)}
                        - std::int64_t{model::in_outbox(known->state)};
    if (change != 0)
      add(change, known->bulk);
  }
}

void count(cast_counts& counts, const model::event& event) {
  const auto one = [](std::atomic<std::uint64_t>& counter) {
    counter.fetch_add(1, std::memory_order_relaxed);
  };
  if (const auto* added = std::get_if<model::message_added>(&event.body)) {
    one(counter_of(counts, added->direction));
  } else if (const auto* opened = std::get_if<model::conversation_opened>(&event.body)) {
    one(counts.conversations_opened);
    if (opened->route.unrouted)
      one(counts.unrouted);
  } else if (const auto* moved = std::get_if<model::delivery_changed>(&event.body)) {
    one(counts.delivery_changes);
    if (moved->state == model::delivery_state::unknown)
      one(counts.unknown_outcomes);
  } else if (std::holds_alternative<model::report_parked>(event.body)) {
    one(counts.reports_parked);
  }
}

/// Notes in the speech who came and who went.
void note_changes(speech& said, const std::vector<model::participant>& before,
                  const std::vector<model::participant>& after) {
  const auto only_in = [](const auto& these, const auto& those, std::vector<std::string>& users) {
    for (const auto& who : these)
      if (std::ranges::find(those, who.user, &model::participant::user) == those.end())
        users.push_back(who.user);
  };
  only_in(after, before, said.joined);
  only_in(before, after, said.left);
}

/// The records that lose their text with these events.
std::vector<std::uint64_t> redactions_in(std::span<const model::event> events) {
  std::vector<std::uint64_t> seqs;
  for (const auto& event : events)
    if (const auto* gone = std::get_if<model::message_redacted>(&event.body))
      seqs.push_back(gone->message_seq);
  return seqs;
}

/// The files that a message has from now on, if the command says so.
std::optional<store::settled_files> files_settled_by(const envelope& asked) {
  const auto* settled = std::get_if<model::settle_media>(&asked.what);
  if (settled == nullptr)
    return std::nullopt;
  return store::settled_files{settled->message_seq, settled->files};
}

/// What a scheduled message's record has from now on, if the command says so.
std::optional<store::edited_message> edition_by(const envelope& asked,
                                                std::span<const model::event> events) {
  const auto* edit = std::get_if<model::edit_message>(&asked.what);
  if (edit == nullptr)
    return std::nullopt;
  for (const auto& event : events)
    if (const auto* edited = std::get_if<model::message_edited>(&event.body))
      return store::edited_message{
        edit->message_seq, edit->what, {event.at, edited->send_at, edit->segments}};
  return std::nullopt;
}

/// What an inbox hears of, as it was before the events.
struct team_place {
  std::string inbox;
  std::string holder;
  model::timestamp waiting_since{};
};

/// Notes in the speech what the inboxes have to know: the conversation waits, or its holder has
/// room for another.
void note_for_inboxes(speech& said, const envelope& asked, const team_place& before,
                      const model::conversation_state& after) {
  const bool waits = after.waiting_since != model::timestamp{};
  if (waits && (after.waiting_since != before.waiting_since || after.route.inbox != before.inbox))
    said.waits_in = after.route.inbox;
  if (!before.holder.empty() && before.holder != after.claimed_by)
    said.frees_in = before.inbox;
  if (const auto* given = std::get_if<model::assign_conversation>(&asked.what)) {
    said.given_by = given->inbox;
    said.assignment = {given->conversation, true};
  }
}

/// The question that the events have asked a data action, or nothing. `contact` may be null.
std::optional<actions::question> question_in(const conversation_actor_state& my,
                                             std::span<const model::event> events,
                                             const actions::known_contact* contact) {
  const model::open_question* asked = nullptr;
  const model::event* about = nullptr;
  for (const auto& event : events) {
    if (const auto* question = std::get_if<model::question_asked>(&event.body))
      asked = &question->question;
    const auto* added = std::get_if<model::message_added>(&event.body);
    if (added != nullptr && added->direction == model::direction::inbound)
      about = &event;
  }
  if (asked == nullptr || about == nullptr)
    return std::nullopt;
  const auto& message = std::get<model::message_added>(about->body);
  return actions::question{
    .type = asked->holds ? actions::question_type::conversation_opened
                         : actions::question_type::message_received,
    .action = asked->action,
    .between = my.state.pair,
    .conversation = my.state.id,
    .message = message.message,
    .index = message.index,
    .direction = message.direction,
    .author = message.author,
    .what = message.what,
    .created_at = about->at,
    .contact = contact ? std::optional{*contact} : std::nullopt,
    .default_users = my.state.route.users,
    .default_team = my.state.route.inbox,
    .until = asked->until};
}

/// Persist, then apply: the journal gives the events their place, and only then the state has them.
void carry_out(self_pointer self, const envelope& asked, std::span<const model::event> events,
               const actions::known_contact* contact) {
  auto& my = self->state;
  const auto rows = store::project(my.state, events);
  const auto said = prepare_speech(self, my.state, asked, events);
  // Everybody is told of an opening as such.
  const bool regroups
    = said && !said->opened && std::ranges::any_of(events, changes_participants);
  const auto before = regroups ? my.state.participants : std::vector<model::participant>{};
  team_place place_before;
  if (said)
    place_before = {my.state.route.inbox, my.state.claimed_by, my.state.waiting_since};
  store::append_request request{.pair_key = my.pair_key,
                                .organization = my.facts->organization,
                                .prev = my.state.head_seq,
                                .events = events,
                                .rows = rows,
                                .listener = said};
  // A rendered answer shows the state after the events, which needs their place: it follows behind.
  if (!asked.render)
    request.settle.to = asked.answer_to;
  const auto line_changes = store::bulk_line_changes(my.state, events);
  request.line_changes = line_changes;
  const auto redactions = redactions_in(events);
  request.redactions = redactions;
  const auto settled = files_settled_by(asked);
  request.settled = settled ? &*settled : nullptr;
  const auto edition = edition_by(asked, events);
  request.edited = edition ? &*edition : nullptr;
  if (request.listener)
    ++my.unsaid;
  auto seq = my.shared->journal.append(request);
  bool closed = false;
  for (const auto& event : events) {
    count_queued(my.shared->counts, my, event);
    conversation::apply(my.state, event, seq);
    if (const auto* consent = std::get_if<model::consent_changed>(&event.body)) {
      my.shared->consents.note(my.facts->organization, *consent, seq);
      said->consents.emplace_back(*consent, seq);
    }
    ++seq;
    count(my.shared->counts, event);
    closed = closed || std::holds_alternative<model::conversation_closed>(event.body);
  }
  my.events_after_snapshot += events.size();
  if (regroups)  // Not too late: only this actor reads the speech, when it is told of the commit.
    note_changes(*said, before, my.state.participants);
  if (said)
    note_for_inboxes(*said, asked, place_before, my.state);
  if (said)
    said->question = question_in(my, events, contact);
  if (asked.render && asked.answer_to.wanted())
    settle_behind(my, {asked.answer_to, rendered(asked, my, events, nullptr, {})});
  // A closed one's final state is kept for itself: it is read without its actor.
  keep_replay_short(my, closed ? 0 : my.shared->options.snapshot_events_max);
}

/// Tells the sender that an attempt it asked for is not needed, or not yet; nothing was appended.
void tell_no_attempt(const conversation_actor_state& my, const envelope& asked) {
  if (const auto* attempt = std::get_if<model::begin_attempt>(&asked.what))
    if (const auto* sender = my.shared->board.sender(my.facts->organization, my.state.pair.ours))
      caf::anon_send(*sender, attempt_decision{.which = {attempt->message, attempt->to},
                                               .wait = conversation::wait_of(my.state, *attempt)});
}

/// Tells the inbox that what it gave was not needed. Not before what made it so is durable: until
/// then the conversation still stands in the queue.
void tell_no_assignment(self_pointer self, const envelope& asked) {
  const auto* given = std::get_if<model::assign_conversation>(&asked.what);
  if (given == nullptr)
    return;
  auto& my = self->state;
  auto said = std::make_shared<speech>();
  said->speaker = self;
  said->given_by = given->inbox;
  said->assignment = {given->conversation, false};
  ++my.unsaid;
  my.shared->journal.append({.pair_key = my.pair_key,
                             .organization = my.facts->organization,
                             .prev = my.state.head_seq,
                             .listener = std::move(said)});
}

model::message_id fresh_reply(const envelope& asked) {
  return model::thread_ids().next_as<model::message_id>(asked.received_at);
}

/// What `decide` may look at. `opens` is what a message from outside would open, when that is not
/// what the number's facts say. What is given must outlive the result.
conversation::circumstances circumstances_of(const conversation_actor_state& my,
                                             const envelope& asked, const opening* opens,
                                             const consent_view& consent) {
  const auto& facts = *my.facts;
  conversation::circumstances around;
  around.now = asked.received_at;
  const auto kind = my.state.pair.theirs.kind;
  around.route = opens ? &opens->route : &route_of(facts, kind);
  around.fresh_id = asked.fresh_conversation;
  around.fresh_message = asked.fresh_message;
  around.question_patience = question_patience(my.shared->options);
  around.unknown_outcome = facts.link->unknown_outcome;
  const auto& reply = opens ? opens->reply : auto_reply_of(facts, kind);
  if (reply && !queue_is_full(facts, my.shared->options.send_validity)) {
    around.auto_reply = &*reply;
    around.fresh_reply = fresh_reply(asked);
  }
  around.opted_out = consent.opted_out;
  if (consent.notice) {
    around.consent = &*consent.notice;
    around.fresh_reply = fresh_reply(asked);
  }
  if (opens) {
    around.labels = opens->labels;
    around.priority = opens->priority;
    around.close_at_once = opens->close;
    if (opens->contact)
      around.contact = opens->contact->id;
  }
  return around;
}

/// What a decision needs to know from elsewhere.
struct surroundings {
  std::optional<opening> opens;
  consent_view consent;

  [[nodiscard]] const actions::known_contact* contact() const {
    return opens && opens->contact ? &*opens->contact : nullptr;
  }
};

/// May read the store; throws `store::store_error`.
surroundings look_around(const conversation_actor_state& my, const envelope& asked) {
  surroundings found;
  const auto* received = std::get_if<model::receive_message>(&asked.what);
  // What a group's party says opens nothing that the number's rules could place.
  if (received != nullptr && received->from.empty())
    found.opens = prepare_opening(*my.shared, *my.facts, my.state, *received,
                                  asked.fresh_conversation, asked.received_at);
  const bool answers = found.opens
                         ? found.opens->reply.has_value()
                         : auto_reply_of(*my.facts, my.state.pair.theirs.kind).has_value();
  found.consent = look_for_consent(*my.shared, *my.facts, my.state, asked.what, found.contact(),
                                   answers);
  return found;
}

void decide_and_carry_out(self_pointer self, const envelope& asked, const surroundings& known) {
  auto& my = self->state;
  const auto around
    = circumstances_of(my, asked, known.opens ? &*known.opens : nullptr, known.consent);
  const auto decided = conversation::decide(my.state, asked.what, around);
  if (const auto* events = std::get_if<std::vector<model::event>>(&decided)) {
    carry_out(self, asked, *events, known.contact());
  } else if (const auto* repeat = std::get_if<conversation::duplicate>(&decided)) {
    my.shared->counts.duplicates.fetch_add(1, std::memory_order_relaxed);
    tell_refused_line(asked, model::errc::idempotency_mismatch);
    if (asked.answer_to.wanted())
      settle_behind(my, {asked.answer_to, rendered(asked, my, {},
                                                   repeat->first ? &*repeat->first : nullptr, {})});
  } else if (const auto* no = std::get_if<conversation::refused>(&decided)) {
    tell_no_attempt(my, asked);
    tell_no_assignment(self, asked);
    refuse(asked, my, no->code);
  } else {
    tell_no_attempt(my, asked);
    tell_no_assignment(self, asked);
    // What makes this needless may not be durable yet, so even "nothing" waits for the journal.
    if (asked.answer_to.wanted())
      settle_behind(my, {asked.answer_to, rendered(asked, my, {}, nullptr, {})});
  }
}

/// Tells each participant how that one's view changed.
void tell_participants(conversation_actor_state& my, const std::vector<std::string>& users,
                       view_change::kind what) {
  for (const auto& user : users)
    if (const auto* who = my.shared->board.participant(my.facts->organization, user))
      caf::anon_send(*who, view_change{my.state.id, what});
}

std::vector<std::string> users_of(const model::conversation_state& state) {
  std::vector<std::string> users;
  users.reserve(state.participants.size());
  for (const auto& who : state.participants)
    users.push_back(who.user);
  return users;
}

void tell_inboxes(const conversation_actor_state& my, const speech& said) {
  const auto inbox = [&](std::string_view team) {
    return team.empty() ? nullptr : my.shared->board.team_inbox(my.facts->organization, team);
  };
  if (const auto* whose = inbox(my.state.route.inbox)) {
    if (said.opened)
      caf::anon_send(*whose, atom::opened::value, std::uint64_t{my.state.route.users.size()});
    else if (said.closed)
      caf::anon_send(*whose, atom::closed::value);
  }
  if (const auto* whose = inbox(said.given_by))
    caf::anon_send(*whose, said.assignment);
  if (const auto* whose = inbox(said.frees_in))
    caf::anon_send(*whose, atom::room::value);
  if (const auto* whose = inbox(said.waits_in))
    caf::anon_send(*whose, atom::waiting::value);
}

void say(self_pointer self, const speech& said) {
  auto& my = self->state;
  --my.unsaid;
  const auto organization = my.facts->organization;
  if (said.opened || said.closed)
    tell_participants(my, users_of(my.state),
                      said.opened ? view_change::kind::joined : view_change::kind::closed);
  tell_inboxes(my, said);
  tell_participants(my, said.first_unread, view_change::kind::first_unread);
  tell_participants(my, said.joined, view_change::kind::joined);
  tell_participants(my, said.left, view_change::kind::left);
  for (const auto& [change, seq] : said.consents)
    my.shared->consents.settle(organization, change, seq);
  if (said.question && my.shared->questioner != nullptr)
    ask(*my.shared, *said.question);
  if (said.line_of)
    caf::anon_send(said.line_of, said.line);
  if (said.media && my.shared->fetcher != nullptr)
    caf::anon_send(*my.shared->fetcher, atom::media::value, organization, my.state.pair.ours);
  if (said.outbox || said.decision || !said.called_off.empty()) {
    if (const auto* sender = my.shared->board.sender(organization, my.state.pair.ours)) {
      if (said.outbox)
        caf::anon_send(*sender, atom::outbox::value);
      if (said.decision)
        caf::anon_send(*sender, *said.decision);
      for (const auto& which : said.called_off)
        caf::anon_send(*sender, attempt_decision{.which = which});
    }
  }
  // Commands that came after it asked keep the conversation here; the NUMBER asks again later.
  if (said.leaving && *said.leaving == my.handled)
    caf::anon_send(my.parent, atom::left::value, my.state.pair.theirs, my.handled);
}

/// A conversation whose bytes are damaged refuses its own commands and harms nobody else.
void handle(self_pointer self, const envelope_ptr& asked) {
  auto& my = self->state;
  ++my.handled;
  surroundings known;
  try {
    load(my);
    known = look_around(my, *asked);
  } catch (const store::store_error& fault) {
    log().error("conversation: cannot be read, pair={}:{} cause=\"{}\"",
                my.state.pair.ours.text(), my.state.pair.theirs.text(), fault.what());
    tell_no_attempt(my, *asked);
    tell_no_assignment(self, *asked);
    refuse(*asked, my, model::errc::internal);
    return;
  }
  decide_and_carry_out(self, *asked, known);
}

/// The NUMBER may let the conversation go once everything of it is durable and said, which it
/// nearly always is by now. It may be loaded for a single command again and again, so it leaves
/// little to replay: reading a few events from anywhere in the journal costs as much as writing a
/// snapshot.
void leave(self_pointer self) {
  constexpr std::size_t events_left_max = 2;
  auto& my = self->state;
  const bool durable = my.shared->journal.committed() >= my.state.head_seq;
  keep_replay_short(my, events_left_max);
  if (durable && my.unsaid == 0) {
    caf::anon_send(my.parent, atom::left::value, my.state.pair.theirs, my.handled);
    return;
  }
  auto farewell = std::make_shared<speech>();
  farewell->speaker = self;
  farewell->leaving = my.handled;
  ++my.unsaid;
  my.shared->journal.append({.pair_key = my.pair_key,
                             .organization = my.facts->organization,
                             .prev = my.state.head_seq,
                             .listener = std::move(farewell)});
}

}  // namespace

void speech::committed(std::uint64_t) noexcept {
  caf::anon_send(speaker, speech_ptr{shared_from_this()});
}

conversation_actor::behavior_type conversation(self_pointer self, const services* shared,
                                               number_actor parent, number_facts_ptr facts,
                                               model::pair pair) {
  supervise(self, "conversation");
  auto& my = self->state;
  my.shared = shared;
  my.parent = std::move(parent);
  my.facts = std::move(facts);
  my.pair_key = pair.key();
  my.state.pair = std::move(pair);
  return {
    [self](const envelope_ptr& asked) { handle(self, asked); },
    [self](const number_facts_ptr& newer) { self->state.facts = newer; },
    [self](const speech_ptr& said) { say(self, *said); },
    [self](atom::leave) { leave(self); },
  };
}

}  // namespace parley::actors
