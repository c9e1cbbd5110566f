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
      for (const auto kind : {model::channel::sms, model::channel::whatsapp})
        EXPECT_EQ(route_inbound(before, *was, kind).route, route_inbound(now, number, kind).route);
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
    affected_case{"the_organisations_hours", [](org& o) { o.business_hours = "office"; },
                  {"dedicated", "shared", "spare", "other"}},
    affected_case{"business_hours", [](org& o) { o.hours.emplace_back().id = "office"; },
                  {"dedicated", "shared", "spare", "other"}},
    affected_case{"a_rule", [](org& o) { o.rules.emplace_back().id = "any"; },
                  {"dedicated", "shared", "spare", "other"}},
    affected_case{"a_data_action", [](org& o) { o.data_actions.emplace_back().id = "crm"; },
                  {"dedicated", "shared", "spare", "other"}},
    affected_case{"an_inboxs_escalation",
                  [](org& o) { o.inboxes[0].escalation = {{60, "carol", ""}}; }, {"shared"}},
    affected_case{"a_name", [](org& o) { o.name = "New"; }, {}},
    affected_case{"a_key", [](org& o) { o.keys.emplace_back().name = "app"; }, {}}),
  [](const auto& instance) { return instance.param.name; });

names affected_by(const model::organization& before, const change& make) {
  auto now = before;
  make(now);
  names found;
  for (const auto* number : affected_numbers(&before, now))
    found.push_back(number->identifier);
  return found;
}

TEST(affected_numbers, are_those_of_an_inbox_that_escalates_to_whom_has_changed) {
  auto before = demo();
  before.teams.push_back({"late", {"carol"}});
  before.inboxes[0].escalation = {{60, "", "late"}};
  const auto licence = [](org& o) { o.users[2].licence = model::licence::standard; };
  EXPECT_EQ(affected_by(before, licence), (names{"dedicated", "shared", "other"}));
  EXPECT_EQ(affected_by(before, [](org& o) { o.teams[2].members = {"bob"}; }), names{"shared"});
  before.inboxes[0].escalation = {{60, "carol", ""}};
  EXPECT_EQ(affected_by(before, licence), (names{"dedicated", "shared", "other"}));
}

TEST(affected_numbers, are_all_when_a_rule_leads_to_whom_has_changed) {
  const names all{"dedicated", "shared", "spare", "other"};
  auto before = demo();
  before.rules.emplace_back().users = {"carol"};
  EXPECT_EQ(affected_by(before, [](org& o) { o.users[2].name = "C"; }), all);
  before.rules[0].users.clear();
  before.rules[0].teams = {"support"};
  EXPECT_EQ(affected_by(before, [](org& o) { o.users[1].name = "B"; }), all);
  EXPECT_EQ(affected_by(before, [](org& o) { o.inboxes[0].history
                                               = model::history_policy::from_join; }),
            all);
  EXPECT_EQ(affected_by(before, [](org& o) { o.users[2].name = "C"; }),
            (names{"dedicated", "other"}));
}

names inboxes_of(const model::organization* before, const model::organization& now) {
  names found;
  for (const auto* inbox : affected_inboxes(before, now))
    found.push_back(inbox->team);
  return found;
}

TEST(affected_inboxes, are_those_whose_entry_team_or_member_has_changed) {
  const auto before = demo();
  const auto after = [&](const change& make) {
    auto now = before;
    make(now);
    return inboxes_of(&before, now);
  };
  EXPECT_EQ(inboxes_of(nullptr, before), (names{"support", "sales"}));
  EXPECT_EQ(after([](org&) {}), names{});
  EXPECT_EQ(after([](org& o) { o.inboxes[1].max_open_per_user = 3; }), names{"sales"});
  EXPECT_EQ(after([](org& o) { o.teams[0].members.push_back("carol"); }), names{"support"});
  EXPECT_EQ(after([](org& o) { o.users[1].licence = model::licence::pro; }), names{"support"});
  EXPECT_EQ(after([](org& o) { o.numbers[0].user = "bob"; }), names{});
}

TEST(affected_numbers, are_all_of_an_organisation_that_is_new) {
  const auto now = demo();
  EXPECT_EQ(affected_numbers(nullptr, now).size(), now.numbers.size());
}

}  // namespace
}  // namespace parley::routing
