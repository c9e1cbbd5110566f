#include "actors/timekeeper.hpp"

#include <memory>

#include "actors/log.hpp"
#include "actors/supervision.hpp"
#include "actors/switchboard.hpp"

namespace parley::actors {
namespace {

using self_pointer = timekeeper_actor::stateful_pointer<timekeeper_state>;

constexpr std::chrono::seconds look_every{1};
constexpr std::chrono::milliseconds look_again_after{50};
constexpr std::chrono::seconds sweep_every{5};

void fire(const services& shared, const store::due_timer& timer, model::timestamp now) {
  const auto pair = model::pair::from_key(timer.pair_key);
  const auto* number
    = pair ? shared.board.number(pair->organization, pair->ours.identifier) : nullptr;
  if (!number)
    return;  // The number has left the directory; its conversations stay as they are.
  auto command = std::make_shared<envelope>();
  command->pair = *pair;
  command->what = model::fire_timer{timer.due};
  command->received_at = now;
  caf::anon_send(*number, envelope_ptr{std::move(command)});
  shared.counts.timers_fired.fetch_add(1, std::memory_order_relaxed);
}

/// Fires what is due. Firing twice does no harm: the second finds another due time in the state.
/// Returns whether there may be more.
bool fire_due(const services& shared, model::timestamp now) {
  const auto due = shared.reader.due_timers(now, shared.options.timers_page_max);
  for (const auto& timer : due)
    fire(shared, timer, now);
  return due.size() == shared.options.timers_page_max;
}

void look(self_pointer self) {
  auto& my = self->state;
  bool more = false;
  try {
    more = fire_due(*my.shared, model::wall_clock());
  } catch (const store::store_error& fault) {
    log().error("timekeeper: the timers cannot be read, cause=\"{}\"", fault.what());
  }
  if (const auto now = std::chrono::steady_clock::now(); now >= my.next_sweep) {
    my.next_sweep = now + sweep_every;
    my.shared->board.each_number(
      [](const number_actor& number) { caf::anon_send(number, atom::sweep::value); });
    my.shared->board.each_team_inbox(
      [](const team_inbox_actor& inbox) { caf::anon_send(inbox, atom::sweep::value); });
  }
  self->delayed_send(self, more ? look_again_after : look_every, atom::tick::value);
}

}  // namespace

timekeeper_actor::behavior_type timekeeper(self_pointer self, const services* shared) {
  supervise(self, "timekeeper");
  self->state.shared = shared;
  return {
    [self](atom::tick) { look(self); },
  };
}

}  // namespace parley::actors
