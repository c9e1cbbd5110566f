#include "parley/routing/affected.hpp"

#include "parley/routing/route.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace parley::routing {
namespace {

model::number number_of(std::string identifier, std::string user, std::string inbox,
                        std::string link = "tw") {
  model::number made;
  made.identifier = std::move(identifier);
  made.user = std::move(user);
  made.inbox = std::move(inbox);
  made.link = std::move(link);
  return made;
}

model::organization demo() {
  model::organization made;
  made.index = 1;
  for (const auto* id : {"alice", "bob", "carol"}) {
    auto& user = made.users.emplace_back();
    user.id = id;
    user.licence = model::licence::pro_cx;
  }
  made.teams = {{"support", {"alice", "bob"}}, {"sales", {"alice"}}};
  made.inboxes.emplace_back().team = "support";
  made.inboxes.emplace_back().team = "sales";
  made.default_inbox = "sales";
  made.links.emplace_back().id = "tw";
  made.links.emplace_back().id = "tw-2";
  made.numbers = {number_of("dedicated", "carol", ""), number_of("shared", "", "support"),
                  number_of("spare", "", ""), number_of("other", "carol", "", "tw-2")};
  return made;
}

using change = std::function<void(model::organization&)>;
using names = std::vector<std::string>;

struct affected_case {
  const char* name;
  change make;
  names affected;
};

class affected : public ::testing::TestWithParam<affected_case> {};

TEST_P(affected, numbers_are_those_that_the_change_reaches) {
  const auto before = demo();
  auto now = before;
  GetParam().make(now);
  names found;
  for (const auto* number : affected_numbers(&before, now))
    found.push_back(number->identifier);
  EXPECT_EQ(found, GetParam().affected);
  // And nobody else is routed otherwise.
  for (const auto& number : now.numbers)
    if (std::ranges::find(found, number.identifier) == found.end()) {
      const auto was
        = std::ranges::find(before.numbers, number.identifier, &model::number::identifier);
      ASSERT_NE(was, before.numbers.end());
      EXPECT_EQ(route_inbound(before, *was).route, route_inbound(now, number).route);
    }
}

using org = model::organization;

INSTANTIATE_TEST_SUITE_P(
  changes, affected,
  ::testing::Values(
    affected_case{"nothing", [](org&) {}, {}},
    affected_case{"a_new_number", [](org& o) { o.numbers.push_back(number_of("new", "", "")); },
                  {"new"}},
    affected_case{"a_number_goes", [](org& o) { o.numbers.erase(o.numbers.begin()); }, {}},
    affected_case{"another_user", [](org& o) { o.numbers[0].user = "bob"; }, {"dedicated"}},
    affected_case{"a_rate", [](org& o) { o.numbers[1].rate_segments_per_s = 3; }, {"shared"}},
    affected_case{"a_link", [](org& o) { o.links[1].auth_token = "new"; }, {"other"}},
    affected_case{"a_member_more", [](org& o) { o.teams[0].members.push_back("carol"); },
                  {"shared"}},
    affected_case{"a_licence_of_a_member",
                  [](org& o) { o.users[1].licence = model::licence::standard; }, {"shared"}},
    affected_case{"the_default_inboxs_team", [](org& o) { o.teams[1].members = {"bob"}; },
                  {"spare"}},
    affected_case{"an_inboxs_times", [](org& o) { o.inboxes[0].close_after_s = 60; }, {"shared"}},
    affected_case{"the_organisations_times", [](org& o) { o.close_after_s = 60; },
                  {"dedicated", "shared", "spare", "other"}},
    affected_case{"a_rule", [](org& o) { o.rules.emplace_back().id = "r"; },
                  {"dedicated", "shared", "spare", "other"}},
    affected_case{"business_hours", [](org& o) { o.hours.emplace_back().id = "office"; },
                  {"dedicated", "shared", "spare", "other"}},
    affected_case{"a_data_action", [](org& o) { o.data_actions.emplace_back().id = "crm"; },
                  {"dedicated", "shared", "spare", "other"}},
    affected_case{"a_key", [](org& o) { o.keys.emplace_back().name = "app"; }, {}}),
  [](const auto& instance) { return instance.param.name; });

/// `before` made by one change, `now` from it by another; how many numbers are reached.
std::size_t reached(const change& first, const change& second) {
  auto before = demo();
  first(before);
  auto now = before;
  second(now);
  return affected_numbers(&before, now).size();
}

TEST(affected_numbers, are_all_when_rules_may_lead_to_who_has_changed) {
  const change rules = [](org& o) { o.rules.emplace_back().teams = {"support"}; };
  const change licence = [](org& o) { o.users[1].licence = model::licence::standard; };
  const change team = [](org& o) { o.teams[0].members = {"alice"}; };
  const change inbox = [](org& o) { o.inboxes[0].auto_reply = "hello"; };
  for (const auto& one : {licence, team, inbox})
    EXPECT_EQ(reached(rules, one), 4U);
  EXPECT_EQ(reached(rules, [](org& o) { o.keys.emplace_back().name = "app"; }), 0U);
}

TEST(affected_numbers, are_those_of_inboxes_that_escalate_to_who_has_changed) {
  const change to_user = [](org& o) { o.inboxes[0].escalation = {{60, "carol", ""}}; };
  const change to_team = [](org& o) { o.inboxes[0].escalation = {{60, "", "sales"}}; };
  EXPECT_EQ(reached(to_user, [](org& o) { o.users[2].name = "Carol"; }), 3U)
    << "carol's own two, and the shared one";
  EXPECT_EQ(reached(to_team, [](org& o) { o.teams[1].members.push_back("bob"); }), 2U)
    << "the spare one of sales, and the shared one";
}

TEST(affected_numbers, are_all_of_an_organisation_that_is_new) {
  const auto now = demo();
  EXPECT_EQ(affected_numbers(nullptr, now).size(), now.numbers.size());
}

}  // namespace
}  // namespace parley::routing
