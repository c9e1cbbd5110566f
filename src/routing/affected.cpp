#include "parley/routing/affected.hpp"

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

/// The inboxes that reach other people than before, or by other rules.
names changed_inboxes(const model::organization& before, const model::organization& now) {
  auto found = changed(before.inboxes, now.inboxes, &model::inbox::team);
  found.merge(changed(before.teams, now.teams, &model::team::id));
  const auto users = changed(before.users, now.users, &model::user::id);
  if (users.empty())
    return found;
  for (const auto& team : now.teams)
    if (std::ranges::any_of(team.members, [&](const auto& id) { return users.contains(id); }))
      found.insert(team.id);
  return found;
}

bool same_for_all(const model::organization& before, const model::organization& now) {
  return before.default_inbox == now.default_inbox && before.close_after_s == now.close_after_s
         && before.inactive_after_s == now.inactive_after_s;
}

}  // namespace

std::vector<const model::number*> affected_numbers(const model::organization* before,
                                                   const model::organization& now) {
  std::vector<const model::number*> found;
  if (before == nullptr || !same_for_all(*before, now)) {
    for (const auto& number : now.numbers)
      found.push_back(&number);
    return found;
  }
  const auto numbers = changed(before->numbers, now.numbers, &model::number::identifier);
  const auto links = changed(before->links, now.links, &model::link::id);
  const auto inboxes = changed_inboxes(*before, now);
  const auto users = changed(before->users, now.users, &model::user::id);
  for (const auto& number : now.numbers) {
    const std::string_view inbox = number.inbox.empty() ? now.default_inbox : number.inbox;
    if (numbers.contains(number.identifier) || links.contains(number.link)
        || (number.user.empty() ? inboxes.contains(inbox) : users.contains(number.user)))
      found.push_back(&number);
  }
  return found;
}

}  // namespace parley::routing
