#include "parley/routing/route.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parley::routing {
namespace {

using model::licence;

model::user make_user(const std::string& id, licence held) {
  model::user made;
  made.id = id;
  made.licence = held;
  return made;
}

model::organization make_organization() {
  model::organization owner;
  owner.id = "demo";
  owner.close_after_s = 1000;
  owner.inactive_after_s = 20;
  owner.users = {make_user("alice", licence::pro_cx), make_user("bob", licence::pro_cx),
                 make_user("carol", licence::pro), make_user("dave", licence::standard)};
  owner.teams = {{"support", {"bob", "carol", "alice", "dave"}},
                 {"desk", {"carol", "dave"}},
                 {"twice", {"alice", "carol", "bob", "alice", "carol"}},
                 {"ghosts", {"nobody", "alice"}}};
  for (const auto* team : {"support", "desk", "twice", "ghosts"})
    owner.inboxes.emplace_back().team = team;
  return owner;
}

struct route_case {
  const char* name;
  std::string user;
  std::string inbox;
  std::string default_inbox;
  std::vector<std::string> users;
  std::string routed_inbox;
  std::vector<std::string> without_licence;
};

class inbound_route : public ::testing::TestWithParam<route_case> {};

TEST_P(inbound_route, leads) {
  const auto& param = GetParam();
  auto owner = make_organization();
  owner.default_inbox = param.default_inbox;
  model::number number;
  number.identifier = "+15550100001";
  number.user = param.user;
  number.inbox = param.inbox;

  const auto found = route_inbound(owner, number, model::channel::sms);

  EXPECT_EQ(found.route.users, param.users);
  EXPECT_EQ(found.route.inbox, param.routed_inbox);
  EXPECT_EQ(found.route.unrouted, param.users.empty());
  EXPECT_EQ(found.members_without_licence, param.without_licence);
  EXPECT_EQ(found.route.close_after_ms, 1'000'000);
  EXPECT_EQ(found.route.inactive_after_ms, 20'000);
}

INSTANTIATE_TEST_SUITE_P(
  numbers, inbound_route,
  ::testing::Values(
    route_case{"dedicated", "alice", "", "support", {"alice"}, "", {}},
    route_case{"dedicated_needs_no_licence", "dave", "", "", {"dave"}, "", {}},
    route_case{"team_in_its_order", "", "support", "", {"bob", "alice"}, "support",
               {"carol", "dave"}},
    route_case{"team_without_licence", "", "desk", "support", {}, "", {"carol", "dave"}},
    route_case{"members_once", "", "twice", "", {"alice", "bob"}, "twice", {"carol"}},
    route_case{"member_who_is_no_user", "", "ghosts", "", {"alice"}, "ghosts", {}},
    route_case{"unassigned_to_default", "", "", "support", {"bob", "alice"}, "support",
               {"carol", "dave"}},
    route_case{"unassigned_without_default", "", "", "", {}, "", {}},
    route_case{"default_without_licence", "", "", "desk", {}, "", {"carol", "dave"}},
    route_case{"default_that_is_no_inbox", "", "", "elsewhere", {}, "", {}},
    route_case{"inbox_that_is_none", "", "elsewhere", "support", {}, "", {}},
    route_case{"user_who_left", "zoe", "", "support", {"bob", "alice"}, "support",
               {"carol", "dave"}}),
  [](const auto& instance) { return instance.param.name; });

/// Mission 2: WhatsApp needs `pro_cx`; mission 4.4: what comes in must not vanish.
TEST(route_inbound, whatsapp_to_a_user_without_the_licence_goes_to_the_default_inbox) {
  auto owner = make_organization();
  owner.default_inbox = "support";
  model::number number;
  number.user = "dave";
  const auto over = [&](model::channel kind) { return route_inbound(owner, number, kind); };
  EXPECT_EQ(over(model::channel::sms).route.users, (std::vector<std::string>{"dave"}));
  EXPECT_EQ(over(model::channel::whatsapp).route.inbox, "support");
  EXPECT_EQ(over(model::channel::whatsapp).members_without_licence,
            (std::vector<std::string>{"carol", "dave"}));
  owner.default_inbox.clear();
  EXPECT_TRUE(over(model::channel::whatsapp).route.unrouted);
  number.user = "alice";
  EXPECT_EQ(over(model::channel::whatsapp).route.users, (std::vector<std::string>{"alice"}));
}

TEST(receivers_of, are_the_members_who_may_act) {
  auto owner = make_organization();
  for (auto& user : owner.users)
    if (user.id == "bob")
      user.role = model::role::read_only;
  EXPECT_EQ(receivers_of(owner, "support"), (std::vector<std::string>{"alice"}));
  EXPECT_EQ(route_to_inbox(owner, "support").route.users,
            (std::vector<std::string>{"bob", "alice"}));
}

TEST(route_times, are_the_inboxs_own_where_it_has_them) {
  auto owner = make_organization();
  owner.inboxes[0].close_after_s = 60;
  owner.inboxes[0].inactive_after_s = 0;
  model::number number;
  number.inbox = "support";
  const auto own = route_inbound(owner, number, model::channel::sms).route;
  EXPECT_EQ(own.close_after_ms, 60'000);
  EXPECT_EQ(own.inactive_after_ms, 0);

  owner.inboxes[0].inactive_after_s.reset();
  EXPECT_EQ(route_inbound(owner, number, model::channel::sms).route.inactive_after_ms, 20'000);
}

TEST(route_times, are_the_organisations_for_a_dedicated_number) {
  auto owner = make_organization();
  owner.default_inbox = "support";
  owner.inboxes[0].close_after_s = 60;
  model::number number;
  number.user = "alice";
  EXPECT_EQ(route_inbound(owner, number, model::channel::sms).route.close_after_ms, 1'000'000);
}

TEST(route_times, do_not_overflow) {
  auto owner = make_organization();
  owner.close_after_s = std::numeric_limits<std::int64_t>::max();
  owner.inactive_after_s = -5;
  const auto found = route_inbound(owner, {}, model::channel::sms).route;
  EXPECT_GT(found.close_after_ms, 0);
  EXPECT_EQ(found.inactive_after_ms, 0);
}

struct outbound_case {
  const char* name;
  model::number number;  ///< Of which user, inbox and lists; the rest does not matter.
  model::outbound_policy policy;
  model::author author;
  std::variant<std::vector<std::string>, model::errc> users;
  std::string inbox;
};

model::number number_of(std::string identifier, std::string user, std::string inbox) {
  model::number made;
  made.identifier = std::move(identifier);
  made.user = std::move(user);
  made.inbox = std::move(inbox);
  return made;
}

model::author by_user(std::string id) { return {model::author::kind::user, std::move(id)}; }
model::author by_team(std::string id) { return {model::author::kind::team, std::move(id)}; }

class outbound_route : public ::testing::TestWithParam<outbound_case> {};

TEST_P(outbound_route, leads) {
  const auto& param = GetParam();
  auto owner = make_organization();
  owner.caller_id_lists = {{"shared", {"+2", "+3", "+4"}, {"bob", "dave"}}};
  for (auto& inbox : owner.inboxes)
    inbox.outbound = param.policy;
  const auto found = route_outbound(owner, param.number, param.author);
  if (const auto* no = std::get_if<model::errc>(&param.users)) {
    ASSERT_TRUE(std::holds_alternative<model::errc>(found));
    EXPECT_EQ(std::get<model::errc>(found), *no);
    return;
  }
  ASSERT_TRUE(std::holds_alternative<model::route>(found));
  const auto& route = std::get<model::route>(found);
  EXPECT_EQ(route.users, std::get<0>(param.users));
  EXPECT_EQ(route.inbox, param.inbox);
  EXPECT_FALSE(route.unrouted);
  EXPECT_EQ(route.close_after_ms, 1'000'000);
}

using names = std::vector<std::string>;
constexpr auto forbidden = model::outbound_policy::forbidden;
constexpr auto allowed = model::outbound_policy::allowed;
constexpr auto copied = model::outbound_policy::allowed_copy_team;
constexpr auto not_allowed = model::errc::number_not_allowed;

INSTANTIATE_TEST_SUITE_P(
  numbers, outbound_route,
  ::testing::Values(
    outbound_case{"the_owner_of_a_dedicated_number", number_of("+1", "alice", ""), forbidden,
                  by_user("alice"), names{"alice"}, ""},
    outbound_case{"nobody_else_from_it", number_of("+1", "alice", ""), forbidden, by_user("bob"),
                  not_allowed, ""},
    outbound_case{"unless_a_list_names_both", number_of("+2", "alice", ""), forbidden,
                  by_user("bob"), names{"bob"}, ""},
    outbound_case{"a_shared_number_that_is_nobodys", number_of("+3", "", ""), forbidden,
                  by_user("dave"), names{"dave"}, ""},
    outbound_case{"and_only_through_the_list", number_of("+3", "", ""), forbidden,
                  by_user("alice"), not_allowed, ""},
    outbound_case{"a_shared_number_of_an_inbox_brings_replies_to_the_inbox",
                  number_of("+4", "", "support"), forbidden, by_user("dave"),
                  names{"bob", "alice"}, "support"},
    outbound_case{"of_an_inbox_where_nobody_may_answer", number_of("+4", "", "desk"), forbidden,
                  by_user("dave"), names{"dave"}, ""},
    outbound_case{"an_inbox_only_number_is_forbidden_by_default", number_of("+5", "", "support"),
                  forbidden, by_user("alice"), model::errc::outbound_forbidden, ""},
    outbound_case{"allowed_to_a_member_alone", number_of("+5", "", "support"), allowed,
                  by_user("alice"), names{"alice"}, ""},
    outbound_case{"allowed_to_members_only", number_of("+5", "", "desk"), allowed,
                  by_user("alice"), not_allowed, ""},
    outbound_case{"allowed_with_a_copy_to_the_team", number_of("+5", "", "support"), copied,
                  by_user("alice"), names{"bob", "alice"}, "support"},
    outbound_case{"a_team_from_the_number_of_its_inbox", number_of("+5", "", "support"), forbidden,
                  by_team("support"), names{"bob", "alice"}, "support"},
    outbound_case{"a_team_from_another_number", number_of("+5", "", "support"), copied,
                  by_team("twice"), not_allowed, ""},
    outbound_case{"a_team_from_a_users_number", number_of("+1", "alice", ""), copied,
                  by_team("support"), not_allowed, ""}),
  [](const auto& each) { return std::string{each.param.name}; });

/// Mission 2: a team inbox needs `pro_cx`, also of those who are called in later.
TEST(route_to_inbox, calls_in_by_escalation_only_who_may_answer) {
  auto owner = make_organization();
  owner.inboxes[0].escalation = {{60, "carol", ""}, {120, "alice", ""}, {180, "", "desk"},
                                 {240, "", "support"}, {300, "nobody", ""}};
  const auto found = route_to_inbox(owner, "support");
  std::vector<std::vector<std::string>> called;
  for (const auto& step : found.route.escalations)
    called.push_back(step.users);
  EXPECT_EQ(called, (std::vector<std::vector<std::string>>{
                      {}, {"alice"}, {}, {"bob", "alice"}, {}}));
}

}  // namespace
}  // namespace parley::routing
