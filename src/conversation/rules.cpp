#include "parley/conversation/rules.hpp"

#include "parley/model/limits.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace parley::conversation {

decision decide(const model::conversation_state& state, const model::command& what,
                const circumstances& around) {
  const auto by_kind = [&](const auto& command) { return decide_on(state, command, around); };
  return std::visit(by_kind, what);
}

std::uint32_t text_digest(std::string_view text) noexcept {
  std::uint32_t digest = 2'166'136'261U;  // FNV-1a: short, and the same everywhere.
  for (const char byte : text)
    digest = (digest ^ static_cast<unsigned char>(byte)) * 16'777'619U;
  return digest == 0 ? 1 : digest;
}

std::uint64_t unread(const model::conversation_state& state,
                     const model::participant& who) noexcept {
  return state.last_index - std::min(who.read_index, state.last_index);
}

std::vector<model::event> one(const model::conversation_state& state, model::timestamp now,
                              model::event_body body) {
  std::vector<model::event> events;
  events.push_back({state.id, now, std::move(body)});
  return events;
}

model::conversation_released released(const model::conversation_state& state, bool expired) {
  model::conversation_released made{state.claimed_by, expired, {}, state.route.assigned};
  if (!made.waits)
    made.users = state.route.users;
  return made;
}

bool is_open(const model::conversation_state& state) noexcept {
  return state.phase == model::conversation_phase::active
         || state.phase == model::conversation_phase::inactive;
}

bool is_chat(const model::conversation_state& state) noexcept {
  return state.pair.theirs.kind == model::channel::chat;
}

bool is_chat_of_two(const model::conversation_state& state) noexcept {
  return is_chat(state) && state.route.users.size() == 2;
}

model::timestamp window_open_until(const model::conversation_state& state) noexcept {
  constexpr std::chrono::hours window{24};
  const bool none = state.pair.theirs.kind != model::channel::whatsapp
                    || state.last_inbound_at == model::timestamp{};
  return none ? model::timestamp{} : state.last_inbound_at + window;
}

bool takes_templates_only(const model::conversation_state& state, model::timestamp now) noexcept {
  return state.pair.theirs.kind == model::channel::whatsapp && now >= window_open_until(state);
}

std::size_t deliveries_limit(const model::conversation_state& state) noexcept {
  return state.pair.theirs.is_group() ? model::deliveries_max * model::group_parties_max
                                      : model::deliveries_max;
}

bool has_room_for_deliveries(const model::conversation_state& state, std::size_t count) noexcept {
  const auto limit = deliveries_limit(state);
  const auto known = state.deliveries.size();
  if (known + count <= limit)
    return true;
  const auto leaving
    = std::ranges::count_if(state.deliveries, may_leave, &model::delivery::state);
  return known + count <= limit + static_cast<std::size_t>(leaving);
}

model::errc why_not_current(const model::conversation_state& state,
                            const model::conversation_id& id) noexcept {
  const bool earlier = id.has_value() && (id == state.previous || id < state.id);
  return earlier ? model::errc::conversation_closed : model::errc::not_found;
}

std::optional<model::errc> why_not_open(const model::conversation_state& state,
                                        const model::conversation_id& id) noexcept {
  if (!id.has_value() || id != state.id)
    return why_not_current(state, id);
  if (state.phase == model::conversation_phase::closed)
    return model::errc::conversation_closed;
  return std::nullopt;
}

void rearm_if_late(const model::conversation_state& state, const moments& after,
                   const model::route& route, model::timestamp now,
                   std::vector<model::event>& events) {
  const auto first = deadlines_of(route, after).first();
  const bool needed = first != model::timestamp{};
  const bool standing = state.timer_due != model::timestamp{};
  if (needed && (!standing || state.timer_due > first))
    events.push_back({state.id, now, model::timer_rearmed{first}});
}

const model::participant* find_participant(const model::conversation_state& state,
                                           std::string_view user) noexcept {
  const auto found = std::ranges::find(state.participants, user, &model::participant::user);
  return found == state.participants.end() ? nullptr : &*found;
}

bool may_leave(model::delivery_state value) noexcept {
  return model::is_final(value) || value == model::delivery_state::sent;
}

bool parked_too_long(model::timestamp parked_at, model::timestamp now) noexcept {
  return now - parked_at >= model::parked_lifetime;
}

bool key_expired(model::timestamp used_at, model::timestamp now) noexcept {
  return now - used_at >= model::idempotency_lifetime;
}

}  // namespace parley::conversation
