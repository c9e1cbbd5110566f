#include "parley/actions/answer.hpp"

#include "parley/model/directory_words.hpp"
#include "tests/actions/asked.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::actions {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

decoded_answer obeyed(std::string_view body, const question& asked = inbound()) {
  const auto decoded = decode_answer(body, asked, demo());
  if (const auto* fault = std::get_if<faulty_answer>(&decoded)) {
    ADD_FAILURE() << fault->why;
    return {};
  }
  return std::get<decoded_answer>(decoded);
}

std::string fault_of(std::string_view body, const question& asked = inbound()) {
  const auto decoded = decode_answer(body, asked, demo());
  const auto* fault = std::get_if<faulty_answer>(&decoded);
  return fault == nullptr ? std::string{} : fault->why;
}

TEST(answer, asks_for_nothing_when_it_is_empty) {
  for (const auto* body : {"", "{}", R"({"team": null, "replies": [], "close": false})",
                           R"({"refuse": false, "from": null, "participants": {}})"}) {
    const auto got = obeyed(body);
    EXPECT_FALSE(got.answer.to) << body;
    EXPECT_FALSE(got.answer.priority) << body;
    EXPECT_FALSE(got.answer.close) << body;
    EXPECT_THAT(got.answer.add, IsEmpty()) << body;
    EXPECT_THAT(got.answer.replies, IsEmpty()) << body;
  }
}

TEST(answer, says_who_takes_part) {
  const auto got = obeyed(R"({"participants": {"add": ["bob"], "remove": ["alice"]}})");
  EXPECT_THAT(got.answer.add, ElementsAre("bob"));
  EXPECT_THAT(got.answer.remove, ElementsAre("alice"));
}

TEST(answer, routes_to_a_team) {
  const auto got = obeyed(R"({"team": "support"})");
  ASSERT_TRUE(got.answer.to);
  EXPECT_EQ(got.answer.to->inbox, "support");
  EXPECT_THAT(got.answer.to->users, ElementsAre("alice", "bob"));
  EXPECT_FALSE(got.answer.to->assigned);
}

TEST(answer, can_name_another_strategy_than_the_inbox_has) {
  EXPECT_TRUE(obeyed(R"({"team": "support", "strategy": "round_robin"})").answer.to->assigned);
  EXPECT_FALSE(obeyed(R"({"team": "queue", "strategy": "everyone"})").answer.to->assigned);
  EXPECT_TRUE(obeyed(R"({"team": "queue"})").answer.to->assigned);
}

TEST(answer, a_strategy_alone_is_for_the_team_of_the_default_route) {
  auto asked = inbound();
  asked.default_team = "support";
  EXPECT_EQ(obeyed(R"({"strategy": "least_busy"})", asked).answer.to->inbox, "support");
  EXPECT_THAT(fault_of(R"({"strategy": "least_busy"})"), HasSubstr("`strategy` needs a `team`"));
}

TEST(answer, brings_replies_with_their_segments) {
  const auto got = obeyed(R"({"replies": ["Hello", {"body": "Ψ", "media": ["https://a.example/b"]},
    {"media": [{"url": "https://a.example/c", "content_type": "image/png"}]}]})");
  ASSERT_EQ(got.answer.replies.size(), 3U);
  EXPECT_EQ(got.answer.replies[0].what->body, "Hello");
  EXPECT_EQ(got.answer.replies[1].what->files.at(0).url, "https://a.example/b");
  EXPECT_EQ(got.answer.replies[2].what->files.at(0).content_type, "image/png");
  const auto longer = obeyed(R"({"replies": [")" + std::string(161, 'a') + R"("]})");
  EXPECT_EQ(longer.answer.replies.at(0).segments, 2U);
  auto whatsapp = inbound();
  whatsapp.between.theirs.kind = model::channel::whatsapp;
  const auto one = obeyed(R"({"replies": [")" + std::string(161, 'a') + R"("]})", whatsapp);
  EXPECT_EQ(one.answer.replies.at(0).segments, 1U);
}

TEST(answer, marks_the_conversation) {
  const auto got = obeyed(R"({"labels": ["vip"], "attributes": {"order": "17", "old": null},
                              "priority": "urgent", "close": true})");
  EXPECT_THAT(got.answer.labels, ElementsAre("vip"));
  EXPECT_EQ(got.answer.attributes, (std::vector<model::attribute>{{"order", "17"}, {"old", ""}}));
  EXPECT_EQ(got.answer.priority, model::priority::urgent);
  EXPECT_TRUE(got.answer.close);
}

TEST(answer, refuses_an_outbound_conversation_or_changes_its_number) {
  EXPECT_TRUE(obeyed(R"({"refuse": true})", outbound()).refuses);
  EXPECT_FALSE(obeyed(R"({"refuse": false})", outbound()).refuses);
  const auto got = obeyed(R"({"refuse": {"reason": "do not call"}})", outbound());
  EXPECT_TRUE(got.refuses);
  EXPECT_EQ(got.reason, "do not call");
  EXPECT_EQ(obeyed(R"({"from": "+15550100003"})", outbound()).from, "+15550100003");
  EXPECT_EQ(obeyed(R"({"from": "sms:+15550100003"})", outbound()).from, "+15550100003");
}

/// An answer that is not obeyed, and what its sentence says.
struct fault_case {
  const char* name;
  std::string body;
  const char* sentence;
  bool outbound = false;
};

class answer_faults : public ::testing::TestWithParam<fault_case> {};

TEST_P(answer_faults, are_named) {
  const auto& param = GetParam();
  EXPECT_THAT(fault_of(param.body, param.outbound ? outbound() : inbound()),
              HasSubstr(param.sentence));
}

std::string nested(std::size_t depth) {
  return R"({"labels": )" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

std::string many(const char* member, std::size_t count) {
  std::string body = std::string{R"({")"} + member + R"(": [)";
  for (std::size_t i = 0; i < count; ++i)
    body += (i == 0 ? "\"" : ",\"") + std::to_string(i) + '"';
  return body + "]}";
}

INSTANTIATE_TEST_SUITE_P(
  all, answer_faults,
  ::testing::Values(
    fault_case{"no_json", "<html>", "no JSON"}, fault_case{"an_array", "[]", "a JSON object"},
    fault_case{"two_values", "{}{}", "no JSON"},
    fault_case{"no_utf8", "{\"labels\": [\"\xff\"]}", "no JSON"},
    fault_case{"too_deep", nested(20), "no JSON"},
    fault_case{"too_long", std::string(answer_bytes_max + 1, ' '), "longer than 65536 bytes"},
    fault_case{"unknown_member", R"({"reply": "hi"})", "`reply` is not known"},
    fault_case{"unknown_inner_member", R"({"participants": {"ad": []}})",
               "`participants` has no member `ad`"},
    fault_case{"participants_no_object", R"({"participants": ["bob"]})", "must be an object"},
    fault_case{"unknown_user", R"({"participants": {"add": ["zoe"]}})",
               "`participants.add` names `zoe`, who is no user"},
    fault_case{"another_organisations_user", R"({"participants": {"remove": ["oscar"]}})",
               "`participants.remove` names `oscar`"},
    fault_case{"user_twice", R"({"participants": {"add": ["bob", "bob"]}})", "`bob` twice"},
    fault_case{"added_and_removed", R"({"participants": {"add": ["bob"], "remove": ["bob"]}})",
               "who is to be added"},
    fault_case{"second_user_without_licence", R"({"participants": {"add": ["carol"]}})",
               "needs the licence pro_cx, which `carol`"},
    fault_case{"user_of_a_team_without_licence",
               R"({"team": "support", "participants": {"add": ["carol"],
                   "remove": ["alice", "bob"]}})",
               "which `carol` does not have"},
    fault_case{"unknown_team", R"({"team": "nowhere"})", "`team` names `nowhere`"},
    fault_case{"team_without_inbox", R"({"team": "crowd"})", "which is no team inbox"},
    fault_case{"team_of_nobody", R"({"team": "basic"})", "nobody has the licence pro_cx"},
    fault_case{"team_of_no_text", R"({"team": 7})", "`team` must be a string"},
    fault_case{"unknown_strategy", R"({"team": "support", "strategy": "best"})",
               "`strategy` must be one of everyone"},
    fault_case{"too_many_replies", many("replies", 11), "`replies` has more than 10"},
    fault_case{"long_reply", R"({"replies": [")" + std::string(1601, 'a') + R"("]})",
               "more than 1600 characters"},
    fault_case{"empty_reply", R"({"replies": [""]})", "needs a text or a file"},
    fault_case{"reply_of_nothing", R"({"replies": [{}]})", "needs a text or a file"},
    fault_case{"reply_with_nul", R"({"replies": ["a\u0000b"]})", "without NUL"},
    fault_case{"reply_with_a_file_of_no_url", R"({"replies": [{"media": ["ftp://a/b"]}]})",
               "absolute http or https URL"},
    fault_case{"too_many_labels", many("labels", 33), "`labels` has more than 32"},
    fault_case{"long_label", R"({"labels": [")" + std::string(65, 'a') + R"("]})",
               "longer than 64 bytes"},
    fault_case{"empty_label", R"({"labels": [""]})", "must not be empty"},
    fault_case{"attributes_no_object", R"({"attributes": []})", "must be an object"},
    fault_case{"attribute_of_no_text", R"({"attributes": {"n": 1}})", "`attributes.n` must be"},
    fault_case{"attribute_without_name", R"({"attributes": {"": "x"}})", "must not be empty"},
    fault_case{"unknown_priority", R"({"priority": "hot"})", "`priority` must be one of low"},
    fault_case{"close_of_no_flag", R"({"close": "yes"})", "`close` must be true or false"},
    fault_case{"inbound_is_not_refused", R"({"refuse": true})", "`refuse` is only for"},
    fault_case{"inbound_has_no_other_number", R"({"from": "+15550100003"})", "`from` is only for"},
    fault_case{"outbound_has_no_replies", R"({"replies": ["Hi"]})", "`replies` is not for", true},
    fault_case{"from_of_nobody", R"({"from": "+15559999999"})", "no number of the organisation",
               true},
    fault_case{"from_of_another_organisation", R"({"from": "+15550200001"})",
               "no number of the organisation", true},
    fault_case{"from_that_is_no_address", R"({"from": "x"})", "must be a number", true},
    fault_case{"from_of_another_channel", R"({"from": "whatsapp:+15550100003"})",
               "must be a number of the same channel", true},
    fault_case{"from_that_the_starter_may_not_use", R"({"from": "+15550100004"})",
               "from which `alice` may not send", true},
    fault_case{"refusal_with_more", R"({"refuse": {"why": "no"}})", "`refuse` has no member `why`",
               true},
    fault_case{"refusal_of_no_flag", R"({"refuse": "no"})", "`refuse` must be true or false",
               true}),
  [](const auto& instance) { return instance.param.name; });

TEST(answer, the_only_user_of_a_conversation_needs_no_licence) {
  EXPECT_THAT(obeyed(R"({"participants": {"add": ["carol"], "remove": ["alice"]}})").answer.add,
              ElementsAre("carol"));
}

TEST(answer, a_sentence_shows_little_of_what_it_names) {
  const auto why = fault_of(R"({"team": ")" + std::string(120, 'x') + R"("})");
  EXPECT_THAT(why, HasSubstr("…`"));
  EXPECT_LT(why.size(), 160U);
}

}  // namespace
}  // namespace parley::actions
