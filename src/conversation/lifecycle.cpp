#include "src/conversation/deadlines.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace parley::conversation {

namespace {

using model::conversation_phase;

std::vector<model::event> one(const model::conversation_state& state, model::timestamp now,
                              model::event_body body) {
  std::vector<model::event> events;
  events.push_back({state.id, now, std::move(body)});
  return events;
}

}  // namespace

decision decide_on(const model::conversation_state& state, const model::close_conversation& what,
                   const circumstances& around) {
  if (!what.conversation.has_value() || what.conversation != state.id)
    return refused{why_not_current(state, what.conversation)};
  if (state.phase == conversation_phase::closed)
    return refused{model::errc::conversation_closed};
  const bool by_user = !what.user.empty();
  if (by_user && find_participant(state, what.user) == nullptr)
    return refused{model::errc::not_participant};
  const auto reason = by_user ? model::close_reason::user : model::close_reason::api;
  return one(state, around.now, model::conversation_closed{reason, what.user});
}

decision decide_on(const model::conversation_state& state, const model::mark_read& what,
                   const circumstances& around) {
  if (!what.conversation.has_value() || what.conversation != state.id)
    return refused{why_not_current(state, what.conversation)};
  const auto* reader = find_participant(state, what.user);
  if (reader == nullptr)
    return refused{model::errc::not_participant};
  const auto index = what.index == 0 ? state.last_index : std::min(what.index, state.last_index);
  if (index <= reader->read_index)
    return nothing{};
  return one(state, around.now, model::read_advanced{what.user, index});
}

decision decide_on(const model::conversation_state& state, const model::fire_timer& what,
                   const circumstances& around) {
  if (what.due == model::timestamp{} || what.due != state.timer_due)
    return nothing{};
  const auto [inactive, close] = deadlines_of(state.route, state.phase, state.last_activity);
  if (close && around.now >= *close)
    return one(state, around.now, model::conversation_closed{model::close_reason::idle, {}});
  if (inactive && around.now >= *inactive)
    return one(state, around.now, model::conversation_idled{close.value_or(model::timestamp{})});
  const auto next = deadlines{inactive, close}.first();
  // It fired before its time (the clock was set back): the row that stands is the right one.
  if (next == state.timer_due)
    return nothing{};
  return one(state, around.now, model::timer_rearmed{next});
}

}  // namespace parley::conversation
