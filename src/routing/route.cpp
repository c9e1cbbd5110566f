#include "parley/routing/route.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "src/routing/route_parts.hpp"

namespace parley::routing {

namespace {

/// Seconds of a configuration in milliseconds; as long as can be said where that overflows.
std::int64_t to_ms(std::int64_t seconds) noexcept {
  constexpr std::int64_t longest_s = std::numeric_limits<std::int64_t>::max() / 1000;
  return std::clamp<std::int64_t>(seconds, 0, longest_s) * 1000;
}

void set_times(const model::organization& owner, const model::inbox* inbox, model::route& out) {
  const bool own_close = inbox != nullptr && inbox->close_after_s;
  const bool own_inactive = inbox != nullptr && inbox->inactive_after_s;
  out.close_after_ms = to_ms(own_close ? *inbox->close_after_s : owner.close_after_s);
  out.inactive_after_ms = to_ms(own_inactive ? *inbox->inactive_after_s : owner.inactive_after_s);
  out.claim_expiry_ms = inbox != nullptr ? to_ms(inbox->claim_expiry_s) : 0;
}

}  // namespace

void add_once(std::vector<std::string>& out, const std::string& id) {
  if (std::ranges::find(out, id) == out.end())
    out.push_back(id);
}

void add_members(const model::organization& owner, const model::team& team, routing_result& out) {
  for (const auto& id : team.members) {
    const auto* user = owner.find_user(id);
    if (user == nullptr)
      continue;
    const bool may_answer = user->licence == model::licence::pro_cx;
    add_once(may_answer ? out.route.users : out.members_without_licence, id);
  }
}

bool may_act(const model::organization& owner, std::string_view user) noexcept {
  const auto* known = owner.find_user(user);
  return known != nullptr && known->role <= model::role::agent;
}

model::route route_to_user(const model::organization& owner, const std::string& user) {
  model::route route;
  route.users.push_back(user);
  set_times(owner, nullptr, route);
  return route;
}

namespace {

/// The people of a step who may answer in a team's conversation (mission 2): one user, or members
/// of a team.
std::vector<std::string> users_of(const model::organization& owner,
                                  const model::escalation_step& step) {
  if (!step.user.empty()) {
    const auto* user = owner.find_user(step.user);
    const bool may_answer = user != nullptr && user->licence == model::licence::pro_cx;
    return may_answer ? std::vector{step.user} : std::vector<std::string>{};
  }
  const auto* team = owner.find_team(step.team);
  routing_result members;
  if (team != nullptr)
    add_members(owner, *team, members);
  return std::move(members.route.users);
}

/// What the inbox's settings mean for a conversation that it gets.
void set_inbox(const model::organization& owner, const model::inbox& inbox, model::route& out) {
  out.inbox = inbox.team;
  out.assigned = inbox.strategy != model::assignment_strategy::everyone;
  out.reopen_within_ms = to_ms(inbox.reopen_within_s);
  out.history_from_join = inbox.history == model::history_policy::from_join;
  for (const auto& step : inbox.escalation)
    out.escalations.push_back({to_ms(step.after_s), users_of(owner, step)});
}

bool may_call_as(const model::organization& owner, const model::number& number,
                 const std::string& user) {
  return std::ranges::any_of(owner.caller_id_lists, [&](const model::caller_id_list& list) {
    return std::ranges::find(list.numbers, number.identifier) != list.numbers.end()
           && std::ranges::find(list.users, user) != list.users.end();
  });
}

/// The team's conversation; the starter's own while nobody of the team may answer.
model::route route_to_team(const model::organization& owner, const model::number& number,
                           const std::string& starter) {
  auto route = route_to_inbox(owner, number.inbox).route;
  return route.unrouted ? route_to_user(owner, starter) : route;
}

std::variant<model::route, model::errc> route_from_inbox_number(const model::organization& owner,
                                                                const model::number& number,
                                                                const std::string& user) {
  if (may_call_as(owner, number, user))
    return route_to_team(owner, number, user);
  const auto* inbox = owner.find_inbox(number.inbox);
  const auto* team = inbox == nullptr ? nullptr : owner.find_team(inbox->team);
  if (inbox == nullptr || inbox->outbound == model::outbound_policy::forbidden)
    return model::errc::outbound_forbidden;
  if (team == nullptr || std::ranges::find(team->members, user) == team->members.end())
    return model::errc::number_not_allowed;
  if (inbox->outbound == model::outbound_policy::allowed_copy_team)
    return route_to_team(owner, number, user);
  return route_to_user(owner, user);
}

}  // namespace

bool routes_whatsapp_apart(const model::organization& owner,
                           const model::number& number) noexcept {
  const auto* user = number.user.empty() ? nullptr : owner.find_user(number.user);
  return user != nullptr && user->licence != model::licence::pro_cx;
}

routing_result route_inbound(const model::organization& owner, const model::number& number,
                             model::channel kind) {
  const auto* user = number.user.empty() ? nullptr : owner.find_user(number.user);
  if (user == nullptr)
    return route_to_inbox(owner, number.inbox.empty() ? owner.default_inbox : number.inbox);
  if (kind == model::channel::whatsapp && routes_whatsapp_apart(owner, number)) {
    auto out = route_to_inbox(owner, owner.default_inbox);
    add_once(out.members_without_licence, user->id);
    return out;
  }
  return {.route = route_to_user(owner, number.user), .members_without_licence = {}};
}

routing_result route_to_inbox(const model::organization& owner, std::string_view inbox_id) {
  routing_result out;
  const auto* inbox = inbox_id.empty() ? nullptr : owner.find_inbox(inbox_id);
  const auto* team = inbox == nullptr ? nullptr : owner.find_team(inbox->team);
  set_times(owner, inbox, out.route);
  if (team != nullptr)
    add_members(owner, *team, out);
  out.route.unrouted = out.route.users.empty();
  if (!out.route.unrouted)
    set_inbox(owner, *inbox, out.route);
  return out;
}

std::vector<std::string> receivers_of(const model::organization& owner, std::string_view inbox) {
  auto members = route_to_inbox(owner, inbox).route.users;
  std::erase_if(members, [&](const std::string& id) { return !may_act(owner, id); });
  return members;
}

model::route route_chat(const model::organization& owner, std::vector<std::string> users) {
  model::route route;
  route.users = std::move(users);
  set_times(owner, nullptr, route);
  return route;
}

std::variant<model::route, model::errc> route_outbound(const model::organization& owner,
                                                       const model::number& number,
                                                       const model::author& author) {
  if (author.type == model::author::kind::team) {
    auto route = route_to_inbox(owner, number.inbox).route;
    if (route.unrouted || route.inbox != author.id)
      return model::errc::number_not_allowed;
    return route;
  }
  if (!number.inbox.empty())
    return route_from_inbox_number(owner, number, author.id);
  if (number.user == author.id || may_call_as(owner, number, author.id))
    return route_to_user(owner, author.id);
  return model::errc::number_not_allowed;
}

}  // namespace parley::routing
