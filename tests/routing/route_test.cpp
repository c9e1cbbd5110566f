#include "parley/routing/route.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
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

  const auto found = route_inbound(owner, number);

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

TEST(route_times, are_the_inboxs_own_where_it_has_them) {
  auto owner = make_organization();
  owner.inboxes[0].close_after_s = 60;
  owner.inboxes[0].inactive_after_s = 0;
  model::number number;
  number.inbox = "support";
  const auto own = route_inbound(owner, number).route;
  EXPECT_EQ(own.close_after_ms, 60'000);
  EXPECT_EQ(own.inactive_after_ms, 0);

  owner.inboxes[0].inactive_after_s.reset();
  EXPECT_EQ(route_inbound(owner, number).route.inactive_after_ms, 20'000);
}

TEST(route_times, are_the_organisations_for_a_dedicated_number) {
  auto owner = make_organization();
  owner.default_inbox = "support";
  owner.inboxes[0].close_after_s = 60;
  model::number number;
  number.user = "alice";
  EXPECT_EQ(route_inbound(owner, number).route.close_after_ms, 1'000'000);
}

TEST(route_times, do_not_overflow) {
  auto owner = make_organization();
  owner.close_after_s = std::numeric_limits<std::int64_t>::max();
  owner.inactive_after_s = -5;
  const auto found = route_inbound(owner, {}).route;
  EXPECT_GT(found.close_after_ms, 0);
  EXPECT_EQ(found.inactive_after_ms, 0);
}

}  // namespace
}  // namespace parley::routing
