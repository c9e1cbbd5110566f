#include "parley/routing/assignment.hpp"

#include <algorithm>
#include <vector>

namespace parley::routing {

namespace {

using members = std::vector<const candidate*>;

bool on_shift(const candidate* who) noexcept {
  return who->presence == model::presence::available;
}

/// In the order of the next turn: from behind `last` to the end, then from the beginning.
members in_turn(std::span<const candidate> team, std::string_view last) {
  members all;
  all.reserve(team.size());
  for (const auto& who : team)
    all.push_back(&who);
  const auto had
    = std::ranges::find(all, last, [](const candidate* who) -> std::string_view {
        return who->user;
      });
  if (had != all.end())
    std::rotate(all.begin(), had + 1, all.end());
  return all;
}

/// Leaves only those for whom `fits` holds, unless there are none: then all stay.
template <class Fits>
void rather(members& among, Fits&& fits) {
  if (std::ranges::any_of(among, fits))
    std::erase_if(among, [&](const candidate* who) { return !fits(who); });
}

}  // namespace

std::optional<std::string> pick(const assignment_rules& rules, std::span<const candidate> team,
                                const earlier_holder& before, std::string_view last,
                                std::uint64_t random) {
  auto able = in_turn(team, last);
  std::erase_if(able, [&](const candidate* who) {
    const bool full = rules.max_open_per_user != 0 && who->open_count >= rules.max_open_per_user;
    return full || (rules.available_only && !on_shift(who));
  });
  if (able.empty())
    return std::nullopt;
  if (!before.user.empty()) {
    rather(able, on_shift);
    rather(able, [&](const candidate* who) {
      return before.wanted ? who->user == before.user && on_shift(who) : who->user != before.user;
    });
  }
  switch (rules.strategy) {
    case model::assignment_strategy::random_one:
      return able[random % able.size()]->user;
    case model::assignment_strategy::least_busy:
      return (*std::ranges::min_element(able, {}, &candidate::open_count))->user;
    case model::assignment_strategy::round_robin:
    case model::assignment_strategy::everyone:
      break;
  }
  return able.front()->user;
}

}  // namespace parley::routing
