#include "parley/model/consent.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <utility>
#include <vector>

// What waits for its time, what is called off, and what an operator has to settle (mission 6).

namespace parley::conversation {

namespace {

using model::delivery_state;

bool has_opted_out_of(const model::conversation_state& state, const model::delivery& one,
                      const circumstances& around) {
  return !one.confirms_opt_out
         && has_opted_out(around, one.to.empty() ? state.pair.theirs.text() : one.to);
}

/// Mission 7: only what a template has made leaves outside the window.
bool is_outside_window(const model::conversation_state& state, const model::delivery& one,
                       const circumstances& around) noexcept {
  return !one.by_template && takes_templates_only(state, around.now);
}

bool is_canceled(const model::delivery& one) noexcept {
  return one.state == delivery_state::canceled;
}

}  // namespace

bool is_waiting(model::delivery_state value) noexcept {
  return value == delivery_state::scheduled || value == delivery_state::queued;
}

void add_closing(const model::conversation_id& where, model::conversation_closed closing,
                 model::timestamp next, model::timestamp now, std::vector<model::event>& events) {
  events.push_back({where, now, std::move(closing)});
  if (next != model::timestamp{})
    events.push_back({where, now, model::timer_rearmed{next}});
}

void queue_due(const model::conversation_state& state, const circumstances& around,
               std::vector<model::event>& events) {
  for (const auto& one : state.deliveries) {
    if (one.state != delivery_state::scheduled || one.send_at > around.now)
      continue;
    if (has_opted_out_of(state, one, around))
      events.push_back(
        step(one, delivery_state::canceled, model::carrier_opted_out, around.now));
    else if (is_outside_window(state, one, around))
      events.push_back(
        step(one, delivery_state::failed, model::carrier_outside_window, around.now));
    else
      events.push_back(step(one, delivery_state::queued, 0, around.now));
  }
}

decision decide_on(const model::conversation_state& state, const model::cancel_message& what,
                   const circumstances& around) {
  std::vector<model::event> events;
  bool canceled_before = false;
  for (const auto& one : state.deliveries) {
    if (one.message != what.message)
      continue;
    canceled_before = canceled_before || is_canceled(one);
    if (is_waiting(one.state))
      events.push_back(step(one, delivery_state::canceled, 0, around.now));
  }
  if (!events.empty())
    return events;
  if (canceled_before)
    return nothing{};
  return refused{model::errc::not_cancelable};
}

decision decide_on(const model::conversation_state& state, const model::edit_message& what,
                   const circumstances& around) {
  const auto waiting = std::ranges::find_if(state.deliveries, [&](const model::delivery& one) {
    return one.message == what.message && one.state == delivery_state::scheduled;
  });
  if (waiting == state.deliveries.end())
    return refused{model::errc::not_editable};
  const auto send_at = what.send_at == model::timestamp{} ? waiting->send_at : what.send_at;
  std::vector<model::event> events;
  events.push_back(
    {what.conversation, around.now,
     model::message_edited{what.message, what.index, what.message_seq, send_at}});
  // A timer that now comes too early is left alone, as always: the firing looks again.
  auto after = moments_of(state);
  after.scheduled_at = earlier(after.scheduled_at, send_at);
  rearm_if_late(state, after, state.route, around.now, events);
  return events;
}

decision decide_on(const model::conversation_state& state, const model::resolve_delivery& what,
                   const circumstances& around) {
  const auto* one = find_delivery(state, what.message, what.to);
  if (one == nullptr || one->state != delivery_state::unknown)
    return refused{model::errc::not_unknown};
  auto to = delivery_state::queued;
  if (what.as == model::resolution::sent)
    to = delivery_state::sent;
  else if (what.as == model::resolution::failed)
    to = delivery_state::failed;
  else if (has_opted_out_of(state, *one, around))
    return refused{model::errc::opted_out};
  else if (is_outside_window(state, *one, around))
    return refused{model::errc::outside_window};
  std::vector<model::event> events;
  events.push_back(step(*one, to, 0, around.now));
  return events;
}

}  // namespace parley::conversation
