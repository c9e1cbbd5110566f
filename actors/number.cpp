#include "actors/number.hpp"

#include <utility>
#include <variant>

#include "actors/supervision.hpp"

namespace parley::actors {
namespace {

using self_pointer = number_actor::stateful_pointer<number_state>;

void ask_to_leave(resident& who) {
  who.leaving = true;
  caf::anon_send(who.actor, atom::leave::value);
}

/// Over the limit, whoever adds a resident lets its own idlest go. Two for one, so that the sum
/// comes back down after a burst in which the idlest were not idle enough to go.
void make_room(number_state& my) {
  auto excess = my.shared->counts.residents.load(std::memory_order_relaxed)
                - static_cast<std::int64_t>(my.shared->options.residents_max);
  int asked = 0;
  for (auto it = my.residents.rbegin(); it != my.residents.rend() && excess > 0 && asked < 2;
       ++it) {
    if (!it->leaving) {
      ask_to_leave(*it);
      ++asked;
    }
    --excess;
  }
}

resident& find_or_spawn(self_pointer self, const model::pair& pair) {
  auto& my = self->state;
  if (const auto found = my.by_address.find(pair.theirs); found != my.by_address.end()) {
    my.residents.splice(my.residents.begin(), my.residents, found->second);
    return *found->second;
  }
  my.residents.push_front({.theirs = pair.theirs,
                           .actor = self->spawn<caf::lazy_init>(
                             conversation, my.shared, number_actor{self}, my.facts, pair),
                           .facts_version = my.facts_version});
  my.by_address.emplace(pair.theirs, my.residents.begin());
  my.shared->counts.residents.fetch_add(1, std::memory_order_relaxed);
  make_room(my);
  return my.residents.front();
}

bool wants_to_send(const model::command& what) {
  if (const auto* start = std::get_if<model::start_conversation>(&what))
    return start->first.what != nullptr;
  const auto* send = std::get_if<model::send_message>(&what);
  return send != nullptr && !send->note;
}

void pass_on(self_pointer self, const envelope_ptr& asked) {
  auto& my = self->state;
  if (const auto to_group = my.groups.redirected(*my.shared, *my.facts, *asked)) {
    pass_on(self, to_group);
    return;
  }
  if (wants_to_send(asked->what) && queue_is_full(*my.facts, my.shared->options.send_validity)) {
    tell_refused_line(*asked, model::errc::queue_full);
    if (!asked->answer_to.wanted())
      return;
    const model::conversation_state nothing_known;
    my.shared->answers.answer(
      {asked->answer_to, std::make_shared<const model::answer>(asked->render(
                           {*asked, nothing_known, {}, nullptr, model::errc::queue_full}))});
    return;
  }
  auto& to = find_or_spawn(self, asked->pair);
  ++to.sent;
  to.leaving = false;
  to.last_command = asked->received_at;
  // Told when it matters: a number can have very many residents, and most never open another
  // conversation.
  if (std::exchange(to.facts_version, my.facts_version) != my.facts_version)
    caf::anon_send(to.actor, my.facts);
  caf::anon_send(to.actor, asked);
}

void let_go(number_state& my, const model::address& theirs, std::uint64_t handled) {
  const auto found = my.by_address.find(theirs);
  if (found == my.by_address.end() || found->second->sent != handled)
    return;  // A command is on its way there: the conversation stays.
  caf::anon_send_exit(found->second->actor, caf::exit_reason::normal);
  my.residents.erase(found->second);
  my.by_address.erase(found);
  my.shared->counts.residents.fetch_sub(1, std::memory_order_relaxed);
  my.shared->counts.passivated.fetch_add(1, std::memory_order_relaxed);
}

/// Asks those that were idle for long, a bounded number at a time: each may cost a snapshot.
void sweep(number_state& my, model::timestamp now) {
  constexpr int at_most = 1'000;
  int asked = 0;
  for (auto it = my.residents.rbegin(); it != my.residents.rend() && asked < at_most; ++it) {
    if (now - it->last_command < my.shared->options.resident_idle)
      break;
    if (!it->leaving) {
      ask_to_leave(*it);
      ++asked;
    }
  }
  make_room(my);
}

}  // namespace

number_actor::behavior_type number(self_pointer self, const services* shared,
                                   number_facts_ptr facts) {
  supervise(self, "number");
  auto& my = self->state;
  my.shared = shared;
  my.facts = std::move(facts);
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    for (const auto& who : self->state.residents)
      caf::anon_send_exit(who.actor, caf::exit_reason::user_shutdown);
    self->state.residents.clear();
    self->state.by_address.clear();
    self->quit(exit.reason);
  });
  return {
    [self](const envelope_ptr& asked) { pass_on(self, asked); },
    [self](const number_facts_ptr& newer) {
      self->state.facts = newer;
      ++self->state.facts_version;
    },
    [self](atom::left, const model::address& theirs, std::uint64_t handled) {
      let_go(self->state, theirs, handled);
    },
    [self](atom::sweep) { sweep(self->state, model::wall_clock()); },
  };
}

}  // namespace parley::actors
