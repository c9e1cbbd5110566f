#include "actors/team_inbox.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "actors/attendance.hpp"
#include "actors/log.hpp"
#include "actors/seats.hpp"
#include "actors/stored_pair.hpp"
#include "actors/supervision.hpp"
#include "actors/switchboard.hpp"

namespace parley::actors {
namespace {

using self_pointer = team_inbox_actor::stateful_pointer<team_inbox_state>;

/// Who has more than that is as busy as can be told apart.
constexpr std::size_t busy_count_max = 1'000;

/// The team as it is now, with what the rules look at.
std::vector<routing::candidate> candidates_of(const team_inbox_state& my) {
  const auto& facts = *my.facts;
  std::size_t limit = facts.rules.max_open_per_user;
  if (facts.rules.strategy == model::assignment_strategy::least_busy && limit == 0)
    limit = busy_count_max;
  std::vector<routing::candidate> team;
  team.reserve(facts.members.size());
  for (const auto& user : facts.members)
    team.push_back({user, my.shared->presences.of(facts.organization, user),
                    limit == 0 ? 0 : my.shared->places.taken(facts.organization, user, limit)});
  return team;
}

/// The durable state of a conversation that waits here, or nothing when it does not any more or
/// cannot be read.
std::optional<model::conversation_state> read_waiting(const team_inbox_state& my,
                                                      const store::listed& line) try {
  auto state = load_pair(my.shared->reader, line.pair_key);
  const bool waits
    = state && state->id == line.id && state->waiting_since != model::timestamp{};
  return waits ? std::move(state) : std::nullopt;
} catch (const store::corruption_error& damage) {
  log().error("team_inbox: a conversation that waits cannot be read, conversation={} cause=\"{}\"",
              line.id.text(), damage.what());
  return std::nullopt;
}

std::uint64_t random_number() {
  thread_local std::mt19937_64 source{std::random_device{}()};
  return source();
}

void send_assignment(team_inbox_state& my, const number_actor& number, const model::pair& between,
                     const model::conversation_id& id, const std::string& user) {
  auto asked = std::make_shared<envelope>();
  asked->pair = between;
  asked->what = model::assign_conversation{id, user, my.facts->team};
  asked->received_at = model::wall_clock();
  my.given.emplace(id, user);
  my.last_given = user;
  caf::anon_send(number, envelope_ptr{std::move(asked)});
}

/// Gives one conversation to somebody of the team. False when there is nobody for it.
bool give(team_inbox_state& my, const store::listed& line,
          std::vector<routing::candidate>& team) {
  const auto between = model::pair::from_key(line.pair_key);
  const auto* number
    = between ? my.shared->board.number(between->organization, between->ours.identifier) : nullptr;
  if (number == nullptr)
    return true;  // The number has left the directory: nobody could answer, others go on.
  const auto state = read_waiting(my, line);
  if (!state)
    return true;
  const auto& facts = *my.facts;
  for (;;) {
    const auto picked = routing::pick(facts.rules, team, {state->last_holder, state->holder_wanted},
                                      my.last_given, random_number());
    if (!picked)
      return false;
    auto& who = *std::ranges::find(team, *picked, &routing::candidate::user);
    const auto most = facts.rules.max_open_per_user;
    if (my.shared->places.try_reserve(facts.organization, *picked, most)) {
      ++who.open_count;
      send_assignment(my, *number, *between, line.id, *picked);
      return true;
    }
    who.open_count = most;  // Another inbox was faster.
  }
}

/// Gives what it can from the beginning of the queue on.
void look_at_queue(team_inbox_state& my) {
  constexpr auto at_once = team_inbox_state::assignments_max;
  std::optional<std::vector<routing::candidate>> team;
  std::string after;
  for (;;) {
    const auto page
      = my.shared->reader.waiting(my.facts->organization, my.facts->team, after, at_once);
    if (page.empty())
      my.may_wait = !after.empty();
    for (const auto& line : page) {
      if (my.given.contains(line.id) || my.set_aside.contains(line.id))
        continue;
      if (my.given.size() + my.set_aside.size() >= at_once)
        return;
      if (!team)
        team = candidates_of(my);
      if (!give(my, line, *team))
        return;
    }
    if (page.size() < at_once)
      return;
    after = page.back().cursor;
  }
}

void look(team_inbox_state& my) try {
  my.look_asked = false;
  look_at_queue(my);
} catch (const store::store_error& fault) {
  log().error("team_inbox: the queue cannot be read, team={} cause=\"{}\"", my.facts->team,
              fault.what());
}

/// However much has changed since the last look, one is enough.
void ask_for_look(self_pointer self) {
  auto& my = self->state;
  if (my.may_wait && !std::exchange(my.look_asked, true))
    self->send(self, atom::look::value);
}

void settle(team_inbox_state& my, const assignment_outcome& outcome) {
  const auto found = my.given.find(outcome.conversation);
  if (found == my.given.end())
    return;
  my.shared->places.end(my.facts->organization, found->second);
  my.given.erase(found);
  if (outcome.taken)
    my.shared->counts.assigned.fetch_add(1, std::memory_order_relaxed);
  else  // Most likely it waits no longer; if it does, it must not be tried again at once for ever.
    my.set_aside.insert(outcome.conversation);
}

}  // namespace

team_inbox_actor::behavior_type team_inbox(self_pointer self, const services* shared,
                                           inbox_facts_ptr facts) {
  supervise(self, "team_inbox");
  self->state.shared = shared;
  self->state.facts = std::move(facts);
  return {
    [self](atom::opened, std::uint64_t members) {
      self->state.shared->counts.inbox_opened.fetch_add(1, std::memory_order_relaxed);
      if (members == 0)
        log().warn("team_inbox: a conversation was opened that nobody can answer, team={}",
                   self->state.facts->team);
    },
    [self](atom::closed) {
      self->state.shared->counts.inbox_closed.fetch_add(1, std::memory_order_relaxed);
      ask_for_look(self);
    },
    [self](atom::waiting) {
      self->state.may_wait = true;
      ask_for_look(self);
    },
    [self](atom::room) { ask_for_look(self); },
    [self](const assignment_outcome& outcome) {
      settle(self->state, outcome);
      ask_for_look(self);
    },
    [self](const inbox_facts_ptr& newer) {
      self->state.facts = newer;
      ask_for_look(self);
    },
    [self](atom::look) { look(self->state); },
    [self](atom::sweep) {
      self->state.set_aside.clear();
      self->state.may_wait = true;
      ask_for_look(self);
    },
  };
}

}  // namespace parley::actors
