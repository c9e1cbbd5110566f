#include "parley/routing/route.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

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
}

void add_once(std::vector<std::string>& out, const std::string& id) {
  if (std::ranges::find(out, id) == out.end())
    out.push_back(id);
}

/// The members who may answer, in the team's order.
void add_members(const model::organization& owner, const model::team& team, routing_result& out) {
  for (const auto& id : team.members) {
    const auto* user = owner.find_user(id);
    if (user == nullptr)
      continue;
    const bool may_answer = user->licence == model::licence::pro_cx;
    add_once(may_answer ? out.route.users : out.members_without_licence, id);
  }
}

}  // namespace

routing_result route_inbound(const model::organization& owner, const model::number& number) {
  routing_result out;
  if (!number.user.empty() && owner.find_user(number.user) != nullptr) {
    out.route.users.push_back(number.user);
    set_times(owner, nullptr, out.route);
    return out;
  }
  const std::string_view inbox_id = number.inbox.empty() ? owner.default_inbox : number.inbox;
  const auto* inbox = inbox_id.empty() ? nullptr : owner.find_inbox(inbox_id);
  const auto* team = inbox == nullptr ? nullptr : owner.find_team(inbox->team);
  set_times(owner, inbox, out.route);
  if (team != nullptr)
    add_members(owner, *team, out);
  out.route.unrouted = out.route.users.empty();
  if (!out.route.unrouted)
    out.route.inbox = inbox->team;
  return out;
}

}  // namespace parley::routing
