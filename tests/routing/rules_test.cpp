#include "parley/routing/rules.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace parley::routing {
namespace {

model::rule rule_of(std::string id, std::int64_t position, std::string keyword) {
  model::rule made;
  made.id = std::move(id);
  made.position = position;
  if (!keyword.empty())
    made.when.keywords = {std::move(keyword)};
  return made;
}

sample saying(std::string_view body) {
  sample made;
  made.number = "+15550100001";
  made.sender = "+4915112345678";
  made.body = body;
  return made;
}

std::string matched(const rule_set& rules, std::string_view body) {
  const auto* found = rules.match(saying(body));
  return found == nullptr ? "" : found->rule.id;
}

model::organization with_rules() {
  model::organization owner;
  owner.rules = {rule_of("rest", 9, ""), rule_of("b", 1, "stop"), rule_of("a", 1, "stop"),
                 rule_of("zero", -5, "zero"), rule_of("never", 20, "")};
  return owner;
}

TEST(rules, first_that_holds_wins_by_position_then_id) {
  const rule_set rules{with_rules()};
  EXPECT_EQ(matched(rules, "Stop"), "a");
  EXPECT_EQ(matched(rules, "zero"), "zero");
  EXPECT_EQ(matched(rules, "anything"), "rest");
}

TEST(rules, that_do_not_hold_leave_no_match) {
  model::organization owner;
  owner.rules = {rule_of("a", 1, "stop")};
  EXPECT_EQ(rule_set{owner}.match(saying("go on")), nullptr);
}

TEST(rules, are_explained_up_to_the_first_that_holds) {
  const rule_set rules{with_rules()};
  const auto verdicts = rules.explain(saying("hello"));
  ASSERT_EQ(verdicts.size(), 4U);
  EXPECT_EQ(verdicts[0].rule->rule.id, "zero");
  EXPECT_FALSE(verdicts[0].held);
  ASSERT_EQ(verdicts[0].conditions.size(), 1U);
  EXPECT_EQ(verdicts[0].conditions[0].condition, "keywords");
  EXPECT_EQ(verdicts[3].rule->rule.id, "rest");
  EXPECT_TRUE(verdicts[3].held);
  EXPECT_TRUE(verdicts[3].conditions.empty());
}

TEST(rules, with_an_unusable_expression_never_hold_and_are_told) {
  model::organization owner;
  owner.rules = {rule_of("broken", 1, ""), rule_of("sound", 2, "")};
  owner.rules[0].when.body_matches = "(";
  auto& inbox = owner.inboxes.emplace_back();
  inbox.team = "support";
  inbox.auto_replies.resize(2);
  inbox.auto_replies[1].when.body_matches = "[";
  const rule_set rules{owner};
  EXPECT_EQ(matched(rules, "("), "sound");
  ASSERT_EQ(rules.faults().size(), 2U);
  EXPECT_EQ(rules.faults()[0].where, "rule broken");
  EXPECT_EQ(rules.faults()[1].where, "auto-reply 2 of inbox support");
  EXPECT_NE(rules.faults()[1].why, "");
}

TEST(rules, of_an_organisation_without_any_are_one_empty_set) {
  model::organization owner;
  owner.inboxes.emplace_back().team = "support";
  EXPECT_EQ(rule_set::of(owner), rule_set::empty());
  EXPECT_EQ(rule_set::empty()->match(saying("hello")), nullptr);
  owner.inboxes[0].auto_replies.resize(1);
  EXPECT_NE(rule_set::of(owner), rule_set::empty());
  owner.inboxes.clear();
  owner.rules = {rule_of("a", 1, "")};
  EXPECT_EQ(matched(*rule_set::of(owner), "hello"), "a");
}

RC_GTEST_PROP(rules, are_as_good_as_looked_at_one_by_one, ()) {
  const std::vector<std::string> words{"", "stop", "help", "order"};
  model::organization owner;
  const auto count = *rc::gen::inRange(0, 8);
  for (int i = 0; i < count; ++i)
    owner.rules.push_back(rule_of(std::to_string(*rc::gen::inRange(0, 1000)),
                                  *rc::gen::inRange<std::int64_t>(-3, 3),
                                  *rc::gen::elementOf(words)));
  const auto body = *rc::gen::elementOf(words);
  // The smallest of those that hold, found without sorting.
  const model::rule* best = nullptr;
  for (const auto& one : owner.rules) {
    const bool holds = one.when.keywords.empty() || one.when.keywords[0] == body;
    const bool before = best == nullptr || one.position < best->position
                        || (one.position == best->position && one.id < best->id);
    if (holds && before)
      best = &one;
  }
  const rule_set rules{owner};
  RC_ASSERT(matched(rules, body) == (best == nullptr ? "" : best->id));
  const auto verdicts = rules.explain(saying(body));
  RC_ASSERT((best != nullptr) == (!verdicts.empty() && verdicts.back().held));
  RC_ASSERT(std::ranges::count(verdicts, true, &rule_verdict::held) == (best != nullptr));
}

}  // namespace
}  // namespace parley::routing
