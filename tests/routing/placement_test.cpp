#include "parley/routing/placement.hpp"

#include "parley/routing/hours.hpp"
#include "parley/routing/route.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace parley::routing {
namespace {

using ids = std::vector<std::string>;
using model::licence;

const model::timestamp noon = *model::from_rfc3339("2026-03-03T12:00:00Z");

void add_user(model::organization& owner, std::string id, licence held) {
  auto& user = owner.users.emplace_back();
  user.id = std::move(id);
  user.licence = held;
}

/// Support is alice, bob and dave, who may not answer; sales is carol and alice; desk is dave.
model::organization demo() {
  model::organization owner;
  for (const auto* id : {"alice", "bob", "carol"})
    add_user(owner, id, licence::pro_cx);
  add_user(owner, "dave", licence::standard);
  add_user(owner, "erin", licence::pro);
  owner.teams = {{"support", {"alice", "dave", "bob"}},
                 {"sales", {"carol", "alice"}},
                 {"desk", {"dave"}},
                 {"nobox", {"bob"}}};
  for (const auto* team : {"support", "sales", "desk"})
    owner.inboxes.emplace_back().team = team;
  owner.close_after_s = 100;
  owner.inboxes[1].close_after_s = 7;
  return owner;
}

model::number support_number() {
  model::number made;
  made.identifier = "+15550100001";
  made.inbox = "support";
  return made;
}

sample hello() {
  sample made;
  made.number = "+15550100001";
  made.sender = "+4915112345678";
  made.body = "hello";
  made.contact_name = "Ada";
  made.seed = 7;
  return made;
}

placement place(const model::organization& owner, const sample& message = hello()) {
  return place_inbound(owner, support_number(), *rule_set::of(owner), message, noon);
}

struct rule_case {
  const char* name;
  std::function<void(model::rule&)> make;
  ids users;
  std::string inbox;
  std::size_t left_out;
  model::channel channel = model::channel::sms;
};

class a_rule : public ::testing::TestWithParam<rule_case> {};

TEST_P(a_rule, leads) {
  auto owner = demo();
  auto& rule = owner.rules.emplace_back();
  rule.id = "r";
  GetParam().make(rule);
  auto message = hello();
  message.channel = GetParam().channel;
  const auto placed = place(owner, message);
  EXPECT_EQ(placed.rule, "r");
  EXPECT_EQ(placed.route.users, GetParam().users);
  EXPECT_EQ(placed.route.inbox, GetParam().inbox);
  EXPECT_EQ(placed.members_without_licence, GetParam().left_out);
  EXPECT_FALSE(placed.route.unrouted);
  EXPECT_EQ(placed.route.close_after_ms, GetParam().inbox == "sales" ? 7'000 : 100'000);
}

using model::assignment_strategy;
using model::rule;

INSTANTIATE_TEST_SUITE_P(
  to_people, a_rule,
  ::testing::Values(
    rule_case{"nowhere_else", [](rule&) {}, {"alice", "bob"}, "support", 1},
    rule_case{"to_a_team", [](rule& r) { r.teams = {"sales"}; }, {"carol", "alice"}, "sales", 0},
    rule_case{"to_two_teams", [](rule& r) { r.teams = {"sales", "support"}; },
              {"carol", "alice", "bob"}, "sales", 1},
    rule_case{"to_a_team_and_a_user", [](rule& r) { r.teams = {"sales"}, r.users = {"bob"}; },
              {"carol", "alice", "bob"}, "sales", 0},
    rule_case{"to_a_team_and_a_user_without_licence",
              [](rule& r) { r.teams = {"sales"}, r.users = {"dave", "erin"}; }, {"carol", "alice"},
              "sales", 2},
    rule_case{"past_a_team_that_cannot_answer", [](rule& r) { r.teams = {"desk", "sales"}; },
              {"carol", "alice"}, "sales", 1},
    rule_case{"past_a_team_without_inbox", [](rule& r) { r.teams = {"nobox", "sales"}; },
              {"carol", "alice", "bob"}, "sales", 0},
    rule_case{"to_a_user", [](rule& r) { r.users = {"carol"}; }, {"carol"}, "", 0},
    rule_case{"to_a_user_who_needs_no_licence", [](rule& r) { r.users = {"dave"}; }, {"dave"}, "",
              0},
    rule_case{"to_a_user_who_needs_one_for_whatsapp", [](rule& r) { r.users = {"dave"}; },
              {"alice", "bob"}, "support", 2, model::channel::whatsapp},
    rule_case{"to_users", [](rule& r) { r.users = {"carol", "alice", "carol"}; },
              {"carol", "alice"}, "", 0},
    rule_case{"to_users_with_the_licence", [](rule& r) { r.users = {"dave", "carol"}; }, {"carol"},
              "", 1},
    rule_case{"to_those_that_there_are", [](rule& r) { r.users = {"gone", "dave"}; }, {"dave"}, "",
              0},
    rule_case{"to_users_when_no_team_can_answer",
              [](rule& r) { r.teams = {"desk", "gone"}, r.users = {"carol"}; }, {"carol"}, "", 1},
    rule_case{"back_from_nobody", [](rule& r) { r.users = {"gone"}, r.teams = {"gone"}; },
              {"alice", "bob"}, "support", 1},
    rule_case{"back_from_people_without_licence",
              [](rule& r) { r.users = {"dave", "erin"}; }, {"alice", "bob"}, "support", 3}),
  [](const auto& instance) { return instance.param.name; });

TEST(a_placement_without_rules, is_the_numbers_route) {
  const auto owner = demo();
  const auto placed
    = place_inbound(owner, support_number(), *rule_set::empty(), hello(), noon);
  const auto expected = route_inbound(owner, support_number(), model::channel::sms);
  EXPECT_EQ(placed.route, expected.route);
  EXPECT_EQ(placed.members_without_licence, 1U);
  EXPECT_EQ(placed.rule, "");
  EXPECT_EQ(placed.reply_text, "");
  EXPECT_FALSE(placed.close);
  EXPECT_EQ(placed.priority, model::priority::normal);
}

TEST(a_rule_that_does_not_hold, changes_nothing) {
  auto owner = demo();
  auto& rule = owner.rules.emplace_back();
  rule.id = "r";
  rule.when.keywords = {"stop"};
  rule.users = {"carol"};
  rule.labels = {"x"};
  const auto placed = place(owner);
  EXPECT_EQ(placed.rule, "");
  EXPECT_EQ(placed.route.inbox, "support");
  EXPECT_TRUE(placed.labels.empty());
}

TEST(a_rule_that_holds, labels_ranks_and_closes) {
  auto owner = demo();
  auto& rule = owner.rules.emplace_back();
  rule.id = "r";
  rule.labels = {"vip", "billing", "vip"};
  rule.priority = "urgent";
  rule.close = true;
  const auto placed = place(owner);
  EXPECT_EQ(placed.labels, (ids{"billing", "vip"}));
  EXPECT_EQ(placed.priority, model::priority::urgent);
  EXPECT_TRUE(placed.close);
}

TEST(a_rules_strategy, goes_before_the_inboxs) {
  auto owner = demo();
  auto& rule = owner.rules.emplace_back();
  rule.id = "r";
  rule.strategy = assignment_strategy::least_busy;
  EXPECT_TRUE(place(owner).route.assigned);
  owner.inboxes[0].strategy = assignment_strategy::round_robin;
  owner.rules[0].strategy = assignment_strategy::everyone;
  EXPECT_FALSE(place(owner).route.assigned);
  owner.rules[0].strategy = std::nullopt;
  EXPECT_TRUE(place(owner).route.assigned);
}

TEST(a_rules_random_one, is_one_of_its_users_and_the_same_for_a_seed) {
  auto owner = demo();
  auto& rule = owner.rules.emplace_back();
  rule.id = "r";
  rule.users = {"alice", "carol", "dave", "gone"};
  rule.strategy = assignment_strategy::random_one;
  std::set<std::string> chosen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    auto message = hello();
    message.seed = seed;
    const auto placed = place(owner, message);
    ASSERT_EQ(placed.route.users.size(), 1U);
    EXPECT_FALSE(placed.route.assigned);
    EXPECT_EQ(placed.route.users, place(owner, message).route.users);
    chosen.insert(placed.route.users[0]);
  }
  EXPECT_EQ(chosen, (std::set<std::string>{"alice", "carol", "dave"}));
}

TEST(a_rule_that_gives_to_one, gives_to_nobody_who_may_only_read) {
  auto owner = demo();
  auto& rule = owner.rules.emplace_back();
  rule.id = "r";
  rule.users = {"alice", "carol"};
  rule.strategy = assignment_strategy::random_one;
  for (auto& user : owner.users)
    if (user.id == "alice")
      user.role = model::role::read_only;
  EXPECT_EQ(place(owner).route.users, (ids{"carol"}));
  owner.rules[0].users = {"alice"};
  EXPECT_EQ(place(owner).route.inbox, "support") << "the number decides";
}

struct action_case {
  const char* name;
  std::function<void(model::organization&)> make;
  std::string action;
  bool every_message;
};

class a_data_action : public ::testing::TestWithParam<action_case> {};

TEST_P(a_data_action, is_chosen) {
  auto owner = demo();
  owner.data_actions = {{"opened", "https://a", "s", model::action_trigger::conversation_opened},
                        {"every", "https://b", "s", model::action_trigger::every_message},
                        {"outbound", "https://c", "s", model::action_trigger::outbound}};
  owner.rules.emplace_back().id = "r";
  GetParam().make(owner);
  const auto placed = place(owner);
  EXPECT_EQ(placed.route.data_action, GetParam().action);
  EXPECT_EQ(placed.route.asks_every_message, GetParam().every_message);
}

using model::organization;

INSTANTIATE_TEST_SUITE_P(
  of_a_conversation, a_data_action,
  ::testing::Values(
    action_case{"none", [](organization&) {}, "", false},
    action_case{"the_organisations", [](organization& o) { o.data_action = "every"; }, "every",
                true},
    action_case{"the_inboxs",
                [](organization& o) {
                  o.data_action = "every";
                  o.inboxes[0].data_action = "opened";
                },
                "opened", false},
    action_case{"the_rules",
                [](organization& o) {
                  o.inboxes[0].data_action = "opened";
                  o.rules[0].data_action = "every";
                },
                "every", true},
    action_case{"not_another_inboxs", [](organization& o) { o.inboxes[1].data_action = "every"; },
                "", false},
    action_case{"outbound_does_not_count",
                [](organization& o) {
                  o.rules[0].data_action = "outbound";
                  o.inboxes[0].data_action = "opened";
                },
                "opened", false},
    action_case{"one_that_is_gone", [](organization& o) { o.data_action = "gone"; }, "", false}),
  [](const auto& instance) { return instance.param.name; });

struct reply_case {
  const char* name;
  std::function<void(model::organization&, sample&)> make;
  std::string text;
};

class an_auto_reply : public ::testing::TestWithParam<reply_case> {};

/// Support has a text for outside its hours, one for Germans who say "order", and one for the rest.
TEST_P(an_auto_reply, is_chosen_and_filled_in) {
  auto owner = demo();
  owner.hours = {{"never", "UTC", {}, {}}};
  auto& inbox = owner.inboxes[0];
  inbox.auto_reply = "Hi {{contact.name}}, rest";
  inbox.auto_replies.resize(2);
  inbox.auto_replies[0].text = "closed";
  inbox.auto_replies[0].when.hours = model::hours_condition::outside;
  inbox.auto_replies[1].text = "{{contact.name}}, order";
  inbox.auto_replies[1].when.body_contains = "ORDER";
  inbox.auto_replies[1].when.countries = {"DE"};
  owner.rules.emplace_back().id = "r";
  auto message = hello();
  GetParam().make(owner, message);
  EXPECT_EQ(place(owner, message).reply_text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
  of_a_conversation, an_auto_reply,
  ::testing::Values(
    reply_case{"for_the_rest", [](organization&, sample&) {}, "Hi Ada, rest"},
    reply_case{"by_text_and_country", [](organization&, sample& m) { m.body = "my order"; },
               "Ada, order"},
    reply_case{"outside_the_inboxs_hours",
               [](organization& o, sample& m) {
                 o.inboxes[0].business_hours = "never";
                 m.body = "my order";
               },
               "closed"},
    reply_case{"by_the_hours_of_the_inbox_that_has_it",
               [](organization&, sample& m) { m.inside_hours = false; }, "Hi Ada, rest"},
    reply_case{"the_rules_goes_first",
               [](organization& o, sample& m) {
                 o.rules[0].auto_reply = "rule for {{contact.name}}";
                 m.body = "my order";
               },
               "rule for Ada"},
    reply_case{"none_of_another_inbox",
               [](organization& o, sample&) { o.rules[0].teams = {"sales"}; }, ""},
    reply_case{"none_of_a_user",
               [](organization& o, sample&) { o.rules[0].users = {"carol"}; }, ""},
    reply_case{"the_rules_to_a_user",
               [](organization& o, sample&) {
                 o.rules[0].users = {"carol"};
                 o.rules[0].auto_reply = "soon";
               },
               "soon"},
    reply_case{"nothing_when_there_is_no_text",
               [](organization& o, sample&) { o.inboxes[0].auto_reply.clear(); }, ""}),
  [](const auto& instance) { return instance.param.name; });

RC_GTEST_PROP(a_placement, loses_nobody_and_invents_nobody, ()) {
  const ids people{"alice", "bob", "carol", "dave", "erin", "gone"};
  const ids teams{"support", "sales", "desk", "nobox", "gone"};
  auto owner = demo();
  auto& rule = owner.rules.emplace_back();
  rule.id = "r";
  rule.users = *rc::gen::container<ids>(rc::gen::elementOf(people));
  rule.teams = *rc::gen::container<ids>(rc::gen::elementOf(teams));
  rule.strategy = *rc::gen::element<std::optional<assignment_strategy>>(
    std::nullopt, assignment_strategy::everyone, assignment_strategy::random_one);
  auto message = hello();
  message.seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto placed = place(owner, message);
  // The number's inbox can answer, so the message always finds somebody.
  RC_ASSERT(!placed.route.unrouted);
  RC_ASSERT(!placed.route.users.empty());
  const std::set<std::string> once(placed.route.users.begin(), placed.route.users.end());
  RC_ASSERT(once.size() == placed.route.users.size());
  for (const auto& id : placed.route.users) {
    const auto* user = owner.find_user(id);
    RC_ASSERT(user != nullptr);
    RC_ASSERT(user->licence == licence::pro_cx
              || (placed.route.users.size() == 1 && placed.route.inbox.empty()));
  }
  RC_ASSERT(!placed.route.assigned || !placed.route.inbox.empty());
}

}  // namespace
}  // namespace parley::routing
