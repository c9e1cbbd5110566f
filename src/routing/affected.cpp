#include "parley/routing/affected.hpp"

#include "parley/routing/route.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace parley::routing {

namespace {

using names = std::unordered_set<std::string_view>;

/// The ids of what is in `now` and not in `before`, or not the same there, and of what is gone.
template <class T>
names changed(const std::vector<T>& before, const std::vector<T>& now, std::string T::*id) {
  std::unordered_map<std::string_view, const T*> known;
  for (const auto& one : before)
    known.emplace(one.*id, &one);
  names found;
  for (const auto& one : now) {
    const auto was = known.find(one.*id);
    if (was == known.end() || !(*was->second == one))
      found.insert(one.*id);
    if (was != known.end())
      known.erase(was);
  }
  for (const auto& [gone, one] : known)
    found.insert(gone);
  return found;
}

/// Teams that have other members than before, or members who may do other things.
names changed_teams(const model::organization& before, const model::organization& now,
                    const names& users) {
  auto found = changed(before.teams, now.teams, &model::team::id);
  if (!users.empty())
    for (const auto& team : now.teams)
      if (std::ranges::any_of(team.members, [&](const auto& id) { return users.contains(id); }))
        found.insert(team.id);
  return found;
}

/// The inboxes that reach other people than before, or by other rules.
names changed_inboxes(const model::organization& before, const model::organization& now,
                      const names& users, const names& teams) {
  auto found = changed(before.inboxes, now.inboxes, &model::inbox::team);
  found.insert(teams.begin(), teams.end());
  for (const auto& inbox : now.inboxes)
    if (std::ranges::any_of(inbox.escalation, [&](const model::escalation_step& step) {
          return users.contains(step.user) || teams.contains(step.team);
        }))
      found.insert(inbox.team);
  return found;
}

/// Whether a rule, which may meet a message to any number, leads to one of these.
bool rules_lead_to(const model::organization& now, const names& users, const names& inboxes) {
  return std::ranges::any_of(now.rules, [&](const model::rule& rule) {
    return std::ranges::any_of(rule.users, [&](const auto& id) { return users.contains(id); })
           || std::ranges::any_of(rule.teams, [&](const auto& id) { return inboxes.contains(id); });
  });
}

/// What any number may depend on: the settings that all share, rules, and what those refer to.
bool same_for_all(const model::organization& before, const model::organization& now) {
  return before.default_inbox == now.default_inbox && before.close_after_s == now.close_after_s
         && before.inactive_after_s == now.inactive_after_s && before.time_zone == now.time_zone
         && before.business_hours == now.business_hours && before.data_action == now.data_action
         && before.outbound_data_action == now.outbound_data_action
         && before.hide_contact_numbers == now.hide_contact_numbers
         && before.consent == now.consent && before.hours == now.hours
         && before.rules == now.rules
         && before.data_actions == now.data_actions;
}

std::vector<const model::number*> all_numbers(const model::organization& of) {
  std::vector<const model::number*> found;
  found.reserve(of.numbers.size());
  for (const auto& number : of.numbers)
    found.push_back(&number);
  return found;
}

}  // namespace

std::vector<const model::number*> affected_numbers(const model::organization* before,
                                                   const model::organization& now) {
  if (before == nullptr || !same_for_all(*before, now))
    return all_numbers(now);
  const auto users = changed(before->users, now.users, &model::user::id);
  const auto teams = changed_teams(*before, now, users);
  const auto inboxes = changed_inboxes(*before, now, users, teams);
  if (rules_lead_to(now, users, inboxes))
    return all_numbers(now);
  const auto numbers = changed(before->numbers, now.numbers, &model::number::identifier);
  const auto links = changed(before->links, now.links, &model::link::id);
  std::vector<const model::number*> found;
  for (const auto& number : now.numbers) {
    const std::string_view inbox = number.inbox.empty() ? now.default_inbox : number.inbox;
    const bool by_inbox = (number.user.empty() || routes_whatsapp_apart(now, number))
                          && inboxes.contains(inbox);
    if (numbers.contains(number.identifier) || links.contains(number.link) || by_inbox
        || users.contains(number.user))
      found.push_back(&number);
  }
  return found;
}

std::vector<const model::inbox*> affected_inboxes(const model::organization* before,
                                                  const model::organization& now) {
  names inboxes;
  if (before != nullptr) {
    const auto users = changed(before->users, now.users, &model::user::id);
    inboxes = changed_inboxes(*before, now, users, changed_teams(*before, now, users));
  }
  std::vector<const model::inbox*> found;
  for (const auto& inbox : now.inboxes)
    if (before == nullptr || inboxes.contains(inbox.team))
      found.push_back(&inbox);
  return found;
}

}  // namespace parley::routing
