#include "parley/routing/conditions.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace parley::routing {
namespace {

const std::vector<model::attribute> gold{{"city", ""}, {"tier", "gold"}};

/// A message that is easily spoken of.
sample order() {
  sample made;
  made.number = "+15550100001";
  made.sender = "+4915112345678";
  made.body = "  My ORDER straße 17?  ";
  made.contact_language = "de-AT";
  made.attributes = gold;
  return made;
}

using conditions = model::message_conditions;

struct condition_case {
  const char* name;
  std::function<void(conditions&)> ask;
  bool held;
  std::function<void(sample&)> change = [](sample&) {};
};

class a_condition : public ::testing::TestWithParam<condition_case> {};

TEST_P(a_condition, holds_or_not_and_says_why) {
  conditions asked;
  GetParam().ask(asked);
  auto message = order();
  GetParam().change(message);
  const compiled_conditions compiled{asked};
  EXPECT_EQ(compiled.hold(message), GetParam().held);
  const auto verdicts = compiled.explain(message);
  EXPECT_EQ(std::ranges::all_of(verdicts, &condition_verdict::held), GetParam().held);
  for (const auto& one : verdicts) {
    EXPECT_FALSE(one.condition.empty());
    EXPECT_FALSE(one.why.empty());
  }
}

const auto whatsapp = [](sample& m) { m.channel = model::channel::whatsapp; };
const auto stop = [](sample& m) { m.body = " Stop! "; };

INSTANTIATE_TEST_SUITE_P(
  of_a_message, a_condition,
  ::testing::Values(
    condition_case{"nothing_asked", [](conditions&) {}, true},
    condition_case{"number", [](conditions& c) { c.numbers = {"1", "+15550100001"}; }, true},
    condition_case{"other_number", [](conditions& c) { c.numbers = {"+15550100002"}; }, false},
    condition_case{"channel", [](conditions& c) { c.channels = {"whatsapp", "sms"}; }, true},
    condition_case{"other_channel", [](conditions& c) { c.channels = {"whatsapp"}; }, false},
    condition_case{"whatsapp", [](conditions& c) { c.channels = {"whatsapp"}; }, true, whatsapp},
    condition_case{"sender", [](conditions& c) { c.senders = {"+4915112345678"}; }, true},
    condition_case{"sender_on_any_channel", [](conditions& c) { c.senders = {"+4915112345678"}; },
                   true, whatsapp},
    condition_case{"sender_with_channel",
                   [](conditions& c) { c.senders = {"sms:+4915112345678"}; }, true},
    condition_case{"sender_with_other_channel",
                   [](conditions& c) { c.senders = {"sms:+4915112345678"}; }, false, whatsapp},
    condition_case{"other_sender", [](conditions& c) { c.senders = {"+4915112345679"}; }, false},
    condition_case{"part_of_a_sender", [](conditions& c) { c.senders = {"+49151"}; }, false},
    condition_case{"country", [](conditions& c) { c.countries = {"AT", "DE"}; }, true},
    condition_case{"country_in_small_letters", [](conditions& c) { c.countries = {"de"}; }, true},
    condition_case{"other_country", [](conditions& c) { c.countries = {"AT"}; }, false},
    condition_case{"a_short_code_is_of_no_country", [](conditions& c) { c.countries = {"DE"}; },
                   false, [](sample& m) { m.sender = "80888"; }},
    condition_case{"language", [](conditions& c) { c.languages = {"de"}; }, true},
    condition_case{"exact_language", [](conditions& c) { c.languages = {"en", "de-at"}; }, true},
    condition_case{"language_with_underscore", [](conditions& c) { c.languages = {"de-AT"}; }, true,
                   [](sample& m) { m.contact_language = "de_at"; }},
    condition_case{"narrower_language", [](conditions& c) { c.languages = {"de-AT"}; }, false,
                   [](sample& m) { m.contact_language = "de"; }},
    condition_case{"language_that_begins_alike", [](conditions& c) { c.languages = {"de"}; },
                   false, [](sample& m) { m.contact_language = "den"; }},
    condition_case{"unknown_language", [](conditions& c) { c.languages = {"de"}; }, false,
                   [](sample& m) { m.contact_language = ""; }},
    condition_case{"contains", [](conditions& c) { c.body_contains = "order STRASSE"; }, true},
    condition_case{"does_not_contain", [](conditions& c) { c.body_contains = "orders"; }, false},
    condition_case{"keyword", [](conditions& c) { c.keywords = {"END", "STOP."}; }, true, stop},
    condition_case{"keyword_is_the_whole_text", [](conditions& c) { c.keywords = {"order"}; },
                   false},
    condition_case{"keyword_is_not_a_part", [](conditions& c) { c.keywords = {"sto"}; }, false,
                   stop},
    condition_case{"matches", [](conditions& c) { c.body_matches = "stra.e \\d+"; }, true},
    condition_case{"matches_with_case", [](conditions& c) { c.body_matches = "my"; }, false},
    condition_case{"matches_without_case", [](conditions& c) { c.body_matches = "(?i)my"; }, true},
    condition_case{"anchored", [](conditions& c) { c.body_matches = "^My"; }, false},
    condition_case{"unusable_expression", [](conditions& c) { c.body_matches = "(My"; }, false},
    condition_case{"attribute_is_there", [](conditions& c) { c.attribute = "tier"; }, true},
    condition_case{"empty_attribute_is_there", [](conditions& c) { c.attribute = "city"; }, true},
    condition_case{"attribute_has_value",
                   [](conditions& c) { c.attribute = "tier", c.attribute_value = "gold"; }, true},
    condition_case{"attribute_has_other_value",
                   [](conditions& c) { c.attribute = "tier", c.attribute_value = "Gold"; }, false},
    condition_case{"no_attribute", [](conditions& c) { c.attribute = "name"; }, false},
    condition_case{"first_ever", [](conditions& c) { c.first_ever = true; }, true,
                   [](sample& m) { m.first_ever = true; }},
    condition_case{"not_the_first", [](conditions& c) { c.first_ever = true; }, false},
    condition_case{"inside", [](conditions& c) { c.hours = model::hours_condition::inside; }, true},
    condition_case{"not_outside", [](conditions& c) { c.hours = model::hours_condition::outside; },
                   false},
    condition_case{"outside", [](conditions& c) { c.hours = model::hours_condition::outside; },
                   true, [](sample& m) { m.inside_hours = false; }},
    condition_case{"all_must_hold",
                   [](conditions& c) { c.channels = {"sms"}, c.countries = {"FR"}; }, false},
    condition_case{"and_do", [](conditions& c) { c.channels = {"sms"}, c.countries = {"DE"}; },
                   true}),
  [](const auto& instance) { return instance.param.name; });

TEST(conditions_that_were_asked_for, are_listed_each_with_its_outcome) {
  conditions asked;
  asked.channels = {"sms"};
  asked.countries = {"FR"};
  asked.keywords = {"stop"};
  const auto verdicts = compiled_conditions{asked}.explain(order());
  ASSERT_EQ(verdicts.size(), 3U);
  EXPECT_EQ(verdicts[0].condition, "channels");
  EXPECT_TRUE(verdicts[0].held);
  EXPECT_EQ(verdicts[1].condition, "keywords");
  EXPECT_FALSE(verdicts[1].held);
  EXPECT_EQ(verdicts[2].condition, "countries");
  EXPECT_EQ(verdicts[2].why, "the sender's country is `DE`, which is none of those asked for");
}

TEST(an_expression_that_does_not_compile, is_told) {
  conditions asked;
  EXPECT_EQ(compiled_conditions{asked}.fault(), "");
  asked.body_matches = "(";
  EXPECT_NE(compiled_conditions{asked}.fault(), "");
}

struct country_case {
  const char* name;
  model::channel channel;
  const char* identifier;
  const char* country;
};

class a_country : public ::testing::TestWithParam<country_case> {};

TEST_P(a_country, is_that_of_the_sender) {
  EXPECT_EQ(country_of({GetParam().channel, GetParam().identifier}), GetParam().country);
}

INSTANTIATE_TEST_SUITE_P(
  of_senders, a_country,
  ::testing::Values(country_case{"germany", model::channel::sms, "+4915112345678", "DE"},
                    country_case{"austria", model::channel::whatsapp, "+436641234567", "AT"},
                    country_case{"canada", model::channel::sms, "+14165550123", "CA"},
                    country_case{"isle_of_man", model::channel::sms, "+441624123456", "IM"},
                    country_case{"no_plan_has_it", model::channel::sms, "+15551230001", "US"},
                    country_case{"free_of_charge_anywhere", model::channel::sms, "+80012345678",
                                 ""},
                    country_case{"no_such_code", model::channel::sms, "+999123456789", ""},
                    country_case{"short_code", model::channel::sms, "80888", ""},
                    country_case{"whatsapp_user", model::channel::whatsapp, "US.1349120865", "US"},
                    country_case{"chat", model::channel::chat, "alice", ""},
                    country_case{"chat_that_looks_like_a_number", model::channel::chat,
                                 "+4915112345678", ""},
                    country_case{"empty", model::channel::sms, "", ""}),
  [](const auto& instance) { return instance.param.name; });

RC_GTEST_PROP(conditions, hold_exactly_when_each_verdict_does,
              (const std::string& body, const std::string& wanted)) {
  conditions asked;
  if (*rc::gen::arbitrary<bool>())
    asked.body_contains = wanted;
  if (*rc::gen::arbitrary<bool>())
    asked.keywords = {wanted, "stop"};
  if (*rc::gen::arbitrary<bool>())
    asked.body_matches = wanted;
  if (*rc::gen::arbitrary<bool>())
    asked.countries = {"DE"};
  if (*rc::gen::arbitrary<bool>())
    asked.first_ever = true;
  auto message = order();
  message.body = body;
  message.first_ever = *rc::gen::arbitrary<bool>();
  const compiled_conditions compiled{asked};
  const auto verdicts = compiled.explain(message);
  RC_ASSERT(compiled.hold(message)
            == std::ranges::all_of(verdicts, &condition_verdict::held));
  RC_ASSERT(compiled.fault().empty() || !compiled.hold(message));
}

}  // namespace
}  // namespace parley::routing
