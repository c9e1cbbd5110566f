#include "actors/participant.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "actors/attendance.hpp"
#include "actors/log.hpp"
#include "actors/supervision.hpp"
#include "actors/switchboard.hpp"
#include "parley/conversation/rules.hpp"
#include "parley/store/rows.hpp"

namespace parley::actors {
namespace {

using self_pointer = participant_actor::stateful_pointer<participant_state>;

/// Reads what the store has of the user's thread. Throws `store::store_error`.
void load(participant_state& my) {
  if (my.thread)
    return;
  auto stored = my.shared->reader.load(my.pair_key);
  auto state = std::make_unique<model::conversation_state>();
  if (stored.snapshot)
    *state = std::move(*stored.snapshot);
  state->pair = presence_pair(my.organization, my.user);
  for (const auto& record : stored.tail)
    conversation::apply(*state, record.event, record.seq);
  my.events_after_snapshot = stored.tail.size();
  my.thread = std::move(state);
}

void keep_replay_short(participant_state& my) {
  if (my.events_after_snapshot <= my.shared->options.snapshot_events_max)
    return;
  my.shared->journal.append({.pair_key = my.pair_key,
                             .organization = my.organization,
                             .prev = my.thread->head_seq,
                             .snapshot = my.thread.get()});
  my.events_after_snapshot = 0;
}

/// Decides, appends, applies; what follows is said once it is durable, also when nothing changes.
/// Returns what is going to be said, and the events.
std::pair<std::shared_ptr<availability>, std::vector<model::event>>
change(self_pointer self, const model::change_availability& what, model::timestamp now) {
  auto& my = self->state;
  conversation::circumstances around;
  around.now = now;
  auto decided = conversation::decide(*my.thread, what, around);
  std::vector<model::event> events;
  if (auto* made = std::get_if<std::vector<model::event>>(&decided))
    events = std::move(*made);
  auto said = std::make_shared<availability>();
  said->speaker = self;
  const auto rows = store::project(*my.thread, events);
  auto seq = my.shared->journal.append({.pair_key = my.pair_key,
                                        .organization = my.organization,
                                        .prev = my.thread->head_seq,
                                        .events = events,
                                        .rows = rows,
                                        .listener = said});
  for (const auto& event : events)
    conversation::apply(*my.thread, event, seq++);
  my.events_after_snapshot += events.size();
  // Not too late: only this actor reads it, when it is told of the commit.
  said->presence = my.thread->presence;
  keep_replay_short(my);
  return {std::move(said), std::move(events)};
}

model::answer_ptr rendered(const envelope& asked, const model::conversation_state& state,
                           std::span<const model::event> events,
                           std::optional<model::errc> refusal) {
  return std::make_shared<const model::answer>(
    asked.render({asked, state, events, nullptr, refusal}));
}

/// An application sets the presence. With a stream open, available means: as the streams say.
void set_presence(self_pointer self, const envelope& asked) {
  auto& my = self->state;
  const auto* given = std::get_if<model::change_availability>(&asked.what);
  if (given == nullptr || asked.render == nullptr)
    return;
  try {
    load(my);
  } catch (const store::store_error& fault) {
    log().error("participant: cannot be loaded, user={} cause=\"{}\"", my.user, fault.what());
    my.shared->answers.answer(
      {asked.answer_to, rendered(asked, {}, {}, model::errc::internal)});
    return;
  }
  auto what = *given;
  what.by_stream = what.presence == model::presence::available && my.streams > 0;
  const auto [said, events] = change(self, what, asked.received_at);
  said->answer = {asked.answer_to, rendered(asked, *my.thread, events, std::nullopt)};
}

/// Streams say so, where nothing that an application has set stands against it.
void follow_streams(self_pointer self, model::presence now) try {
  auto& my = self->state;
  load(my);
  const bool fresh = my.thread->head_seq == 0 && now == model::presence::available;
  if (fresh || my.thread->present_by_stream)
    change(self, {my.user, now, true}, model::wall_clock());
} catch (const store::store_error& fault) {
  log().error("participant: cannot be loaded, user={} cause=\"{}\"", self->state.user,
              fault.what());
}

/// One timer a user at most; it looks at the true time when it fires.
void tick_after(self_pointer self, caf::actor_clock::duration_type wait) {
  if (std::exchange(self->state.tick_pending, true))
    return;
  self->delayed_send(self, std::chrono::ceil<std::chrono::milliseconds>(wait), atom::tick::value);
}

void stream_ended(self_pointer self) {
  auto& my = self->state;
  if (my.streams == 0 || --my.streams > 0)
    return;
  my.left_at = self->clock().now();
  tick_after(self, my.shared->options.presence_grace);
}

void tick(self_pointer self) {
  auto& my = self->state;
  my.tick_pending = false;
  if (!my.left_at)
    return;
  const auto end = *my.left_at + my.shared->options.presence_grace;
  if (const auto now = self->clock().now(); now < end) {
    tick_after(self, end - now);
    return;
  }
  my.left_at.reset();
  follow_streams(self, model::presence::offline);
}

/// Tells the inboxes of the user's teams, which may have somebody for what waits there.
void tell_inboxes(const participant_state& my) {
  const auto known = my.shared->directory.present();
  const auto* owner = known->find_organization(my.organization);
  if (owner == nullptr)
    return;
  for (const auto& team : owner->teams)
    if (std::ranges::find(team.members, my.user) != team.members.end())
      if (const auto* inbox = my.shared->board.team_inbox(my.organization, team.id))
        caf::anon_send(*inbox, atom::room::value);
}

/// Whoever has an answer finds the change: it is answered last.
void say(const participant_state& my, const availability& said) {
  my.shared->presences.put(my.organization, my.user, said.presence);
  if (said.presence == model::presence::available)
    tell_inboxes(my);
  if (said.answer.to.wanted())
    my.shared->answers.answer(said.answer);
}

void alert(const participant_state& my, const view_change& change) {
  // Leaving and closing are told so that views can drop the conversation; they call nobody's
  // attention.
  if (change.what == view_change::kind::joined || change.what == view_change::kind::first_unread)
    my.shared->counts.alerts.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

void availability::committed(std::uint64_t) noexcept {
  caf::anon_send(speaker, availability_ptr{shared_from_this()});
}

participant_actor::behavior_type participant(self_pointer self, const services* shared,
                                             std::uint32_t organization, std::string user) {
  supervise(self, "participant");
  auto& my = self->state;
  my.shared = shared;
  my.organization = organization;
  my.user = std::move(user);
  my.pair_key = presence_pair(my.organization, my.user).key();
  return {
    [self](const view_change& change) { alert(self->state, change); },
    [self](const envelope_ptr& asked) { set_presence(self, *asked); },
    [self](atom::online) {
      self->state.left_at.reset();
      if (++self->state.streams == 1)
        follow_streams(self, model::presence::available);
    },
    [self](atom::offline) { stream_ended(self); },
    [self](atom::lapsed) {
      // Else a stream has come back meanwhile, and what it says is on its way.
      if (self->state.streams == 0 && !self->state.left_at)
        follow_streams(self, model::presence::offline);
    },
    [self](const availability_ptr& said) { say(self->state, *said); },
    [self](atom::tick) { tick(self); },
  };
}

}  // namespace parley::actors
