#include "parley/routing/assignment.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace parley::routing {
namespace {

using model::assignment_strategy;
using model::presence;

constexpr auto here = presence::available;
constexpr auto busy = presence::busy;
constexpr auto gone = presence::offline;

struct pick_case {
  const char* name;
  assignment_rules rules;
  std::vector<candidate> team;
  earlier_holder before;
  std::string last;
  std::uint64_t random;
  std::string picked;  ///< Empty: it waits.
};

class picks : public ::testing::TestWithParam<pick_case> {};

TEST_P(picks, whom_the_inbox_gives_it_to) {
  const auto& param = GetParam();
  EXPECT_EQ(pick(param.rules, param.team, param.before, param.last, param.random).value_or(""),
            param.picked);
}

constexpr assignment_rules in_turn{assignment_strategy::round_robin, false, 0};
constexpr assignment_rules in_turn_here{assignment_strategy::round_robin, true, 0};
constexpr assignment_rules in_turn_two{assignment_strategy::round_robin, false, 2};
constexpr assignment_rules least{assignment_strategy::least_busy, false, 0};
constexpr assignment_rules any{assignment_strategy::random_one, false, 0};
constexpr assignment_rules all{assignment_strategy::everyone, false, 0};

const std::vector<candidate> abc{{"a", gone, 0}, {"b", gone, 0}, {"c", gone, 0}};
const std::vector<candidate> only_b{{"a", busy, 0}, {"b", here, 0}, {"c", gone, 0}};
const std::vector<candidate> loaded{{"a", here, 2}, {"b", here, 1}, {"c", here, 1}};

INSTANTIATE_TEST_SUITE_P(
  table, picks,
  ::testing::Values(
    pick_case{"the_first_begins", in_turn, abc, {}, "", 0, "a"},
    pick_case{"then_the_next", in_turn, abc, {}, "a", 0, "b"},
    pick_case{"behind_the_last_the_first", in_turn, abc, {}, "c", 0, "a"},
    pick_case{"who_has_left_the_team_is_no_place", in_turn, abc, {}, "z", 0, "a"},
    pick_case{"who_is_not_available_loses_the_turn", in_turn_here, only_b, {}, "b", 0, "b"},
    pick_case{"it_does_not_matter_where_not_asked", in_turn, only_b, {}, "b", 0, "c"},
    pick_case{"nobody_is_available", in_turn_here, abc, {}, "", 0, ""},
    pick_case{"who_has_the_most_gets_no_more", in_turn_two, loaded, {}, "c", 0, "b"},
    pick_case{"all_have_the_most",
              {assignment_strategy::least_busy, false, 1}, loaded, {}, "", 0, ""},
    pick_case{"the_least_busy", least, {{"a", gone, 3}, {"b", gone, 1}, {"c", gone, 2}},
              {}, "b", 0, "b"},
    pick_case{"equals_in_turn", least, loaded, {}, "b", 0, "c"},
    pick_case{"random_is_by_the_number", any, abc, {}, "", 5, "c"},
    pick_case{"what_waits_for_everyone_goes_round", all, abc, {}, "a", 0, "b"},
    pick_case{"released_goes_to_another", in_turn, abc, {"b", false}, "a", 0, "c"},
    pick_case{"released_goes_back_where_there_is_no_other", in_turn_here, only_b, {"b", false}, "",
              0, "b"},
    pick_case{"released_goes_to_who_is_on_shift", in_turn, only_b, {"c", false}, "c", 0, "b"},
    pick_case{"reopened_goes_to_who_had_it", in_turn, only_b, {"b", true}, "b", 0, "b"},
    pick_case{"reopened_goes_to_another_on_shift", in_turn, only_b, {"c", true}, "c", 0, "b"},
    pick_case{"reopened_while_nobody_is_on_shift", in_turn, abc, {"b", true}, "a", 0, "b"},
    pick_case{"reopened_does_not_exceed_the_most", in_turn_two, loaded, {"a", true}, "a", 0, "b"},
    pick_case{"a_team_of_nobody", in_turn, {}, {}, "", 0, ""}),
  [](const auto& instance) { return instance.param.name; });

rc::Gen<std::vector<candidate>> teams() {
  return rc::gen::map(
    rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(1, 4), rc::gen::inRange(0, 5))),
    [](const std::vector<std::pair<int, int>>& drawn) {
      std::vector<candidate> team;
      for (const auto& [there, open] : drawn)
        team.push_back({"u" + std::to_string(team.size()), static_cast<presence>(there),
                        static_cast<std::size_t>(open)});
      return team;
    });
}

assignment_rules some_rules() {
  return {static_cast<assignment_strategy>(*rc::gen::inRange(1, 5)), *rc::gen::arbitrary<bool>(),
          *rc::gen::inRange<std::size_t>(0, 4)};
}

bool may_get(const assignment_rules& rules, const candidate& who) {
  return (rules.max_open_per_user == 0 || who.open_count < rules.max_open_per_user)
         && (!rules.available_only || who.presence == here);
}

RC_GTEST_PROP(picks_anything, never_beyond_the_most_and_never_somebody_who_is_away, ()) {
  const auto team = *teams();
  const auto rules = some_rules();
  const auto had = "u" + std::to_string(*rc::gen::inRange(0, 5));
  const auto last = "u" + std::to_string(*rc::gen::inRange(0, 5));
  const earlier_holder before{*rc::gen::arbitrary<bool>() ? had : std::string_view{},
                              *rc::gen::arbitrary<bool>()};
  const auto picked = pick(rules, team, before, last, *rc::gen::arbitrary<std::uint64_t>());
  const auto able
    = std::ranges::count_if(team, [&](const auto& who) { return may_get(rules, who); });
  // It waits only when nobody could get it, whoever had it before.
  RC_ASSERT(picked.has_value() == (able > 0));
  if (!picked)
    return;
  const auto who = std::ranges::find(team, *picked, &candidate::user);
  RC_ASSERT(who != team.end());
  RC_ASSERT(may_get(rules, *who));
  if (*picked == before.user && !before.wanted && able > 1)
    RC_ASSERT(who->presence == here);  // Else somebody else would have got it.
}

RC_GTEST_PROP(picks_in_turn, everybody_gets_the_same, ()) {
  auto team = *rc::gen::nonEmpty(teams());
  const auto rounds = *rc::gen::inRange(1, 5);
  std::map<std::string, int> got;
  std::string last;
  for (std::size_t i = 0; i < team.size() * static_cast<std::size_t>(rounds); ++i) {
    last = *pick(in_turn, team, {}, last, 0);
    ++got[last];
  }
  for (const auto& who : team)
    RC_ASSERT(got[who.user] == rounds);
}

RC_GTEST_PROP(picks_the_least_busy, nobody_has_less_than_who_gets_it, ()) {
  const auto team = *rc::gen::nonEmpty(teams());
  const auto picked = *pick(least, team, {}, team.back().user, 0);
  const auto who = std::ranges::find(team, picked, &candidate::user);
  RC_ASSERT(std::ranges::none_of(
    team, [&](const auto& other) { return other.open_count < who->open_count; }));
}

}  // namespace
}  // namespace parley::routing
