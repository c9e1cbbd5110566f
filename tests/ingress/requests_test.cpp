#include "src/ingress/api/requests.hpp"

#include "src/ingress/problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace parley::ingress {
namespace {

constexpr std::size_t depth_max = 8;

using model::errc;
using ::testing::HasSubstr;

/// How `work` is refused, or nothing.
std::optional<refusal> refusal_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const refusal& no) {
    return no;
  }
  return std::nullopt;
}

struct refused_case {
  std::string json;
  errc code;
  std::string names;  ///< What the detail must name.
};

class send_refused : public ::testing::TestWithParam<refused_case> {};

TEST_P(send_refused, by_name) {
  const auto no = refusal_of([] { (void)parse_send(GetParam().json, depth_max); });
  ASSERT_TRUE(no.has_value()) << GetParam().json;
  EXPECT_EQ(no->code(), GetParam().code) << no->detail();
  EXPECT_THAT(no->detail(), HasSubstr(GetParam().names));
}

INSTANTIATE_TEST_SUITE_P(
  bodies, send_refused,
  ::testing::Values(
    refused_case{"", errc::malformed, "JSON"}, refused_case{"{", errc::malformed, "JSON"},
    refused_case{"[]", errc::malformed, "object"}, refused_case{"7", errc::malformed, "object"},
    refused_case{std::string(5000, '['), errc::malformed, "JSON"},
    refused_case{R"({"user":"a","body":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}})",
                 errc::malformed, "JSON"},
    refused_case{"{\"user\":\"a\",\"body\":\"\xff\"}", errc::malformed, "JSON"},
    refused_case{R"({"user":"a","body":"x\u0000y"})", errc::malformed, "body"},
    refused_case{R"({"body":"x"})", errc::malformed, "user"},
    refused_case{R"({"user":"a","team":"b","body":"x"})", errc::malformed, "team"},
    refused_case{R"({"user":"","body":"x"})", errc::malformed, "user"},
    refused_case{R"({"user":7,"body":"x"})", errc::malformed, "user"},
    refused_case{R"({"user":null,"body":"x"})", errc::malformed, "user"},
    refused_case{R"({"user":")" + std::string(129, 'u') + R"(","body":"x"})", errc::malformed,
                 "user"},
    refused_case{R"({"user":"a","body":["x"]})", errc::malformed, "body"},
    refused_case{R"({"user":"a","body":"x","boddy":"y"})", errc::malformed, "boddy"},
    refused_case{R"({"user":"a","template":null})", errc::malformed, "`template`"},
    refused_case{R"({"user":"a","template":"t"})", errc::malformed, "`template`"},
    refused_case{R"({"user":"a","template":{}})", errc::malformed, "`template.id`"},
    refused_case{R"({"user":"a","template":{"id":""}})", errc::malformed, "`id`"},
    refused_case{R"({"user":"a","template":{"id":7}})", errc::malformed, "`id`"},
    refused_case{R"({"user":"a","template":{"id":"t","language":"de"}})", errc::malformed,
                 "`language`"},
    refused_case{R"({"user":"a","template":{"id":"t","variables":[]}})", errc::malformed,
                 "`template.variables`"},
    refused_case{R"({"user":"a","template":{"id":"t","variables":{"1":7}}})", errc::malformed,
                 "`template.variables.1`"},
    refused_case{R"({"user":"a","template":{"id":"t","variables":{"1":"a\u0000"}}})",
                 errc::malformed, "`template.variables.1`"},
    refused_case{R"({"user":"a","template":{"id":"t","variables":{"First name":"x"}}})",
                 errc::malformed, "`template.variables`"},
    refused_case{R"({"user":"a","body":"x","template":{"id":"t"}})", errc::malformed, "`body`"},
    refused_case{R"({"user":"a","media":["https://a/"],"template":{"id":"t"}})", errc::malformed,
                 "`media`"},
    refused_case{R"({"user":"a","note":true,"template":{"id":"t"}})", errc::malformed, "note"},
    refused_case{R"({"user":"a","body":"x","note":"yes"})", errc::malformed, "note"},
    refused_case{R"({"user":"a","body":"x","send_at":"2030-01-01"})", errc::malformed, "send_at"},
    refused_case{R"({"user":"a","body":"x","send_at":5})", errc::malformed, "send_at"},
    refused_case{R"({"user":"a","body":"x","validity_s":"1"})", errc::malformed, "validity_s"},
    refused_case{R"({"user":"a","body":"x","validity_s":0})", errc::bad_schedule, "validity_s"},
    refused_case{R"({"user":"a","body":"x","validity_s":9223372036854775807})",
                 errc::bad_schedule, "validity_s"},
    refused_case{R"({"user":"a"})", errc::body_required, ""},
    refused_case{R"({"user":"a","body":"","media":[]})", errc::body_required, ""},
    refused_case{R"({"user":"a","body":")" + std::string(1601, 'x') + R"("})", errc::body_too_long,
                 "1601"},
    refused_case{R"({"user":"a","media":"https://a/b"})", errc::malformed, "media"},
    refused_case{R"({"user":"a","media":[7]})", errc::malformed, "URL"},
    refused_case{R"({"user":"a","media":[{"content_type":"image/png"}]})", errc::malformed, "URL"},
    refused_case{R"({"user":"a","media":[{"url":"https://a/","size":1}]})", errc::malformed,
                 "media"},
    refused_case{R"({"user":"a","media":[{"url":"https://a/","content_type":7}]})",
                 errc::malformed, "content_type"},
    refused_case{R"({"user":"a","media":["ftp://a/b"]})", errc::malformed, "URL"},
    refused_case{
      R"({"user":"a","media":["https://a/1","https://a/2","https://a/3","https://a/4",)"
      R"("https://a/5","https://a/6","https://a/7","https://a/8","https://a/9","https://a/10",)"
      R"("https://a/11"]})",
      errc::malformed, "10"}));

TEST(parse_send, reads_a_users_text) {
  const auto send = parse_send(R"({"user":"alice","body":"Grüße"})", depth_max);
  EXPECT_EQ(send.author, (model::author{model::author::kind::user, "alice"}));
  EXPECT_EQ(send.body, "Grüße");
  EXPECT_EQ(send.segments, 1U);
  EXPECT_TRUE(send.files.empty());
}

TEST(parse_send, reads_a_teams_files_in_both_forms) {
  const auto send = parse_send(
    R"({"team":"support","media":["https://a.example/1.jpg",)"
    R"({"url":"http://b.example:8080/2?x=y","content_type":"image/png"}]})",
    depth_max);
  EXPECT_EQ(send.author, (model::author{model::author::kind::team, "support"}));
  ASSERT_EQ(send.files.size(), 2U);
  EXPECT_EQ(send.files[0], (model::media{"https://a.example/1.jpg", ""}));
  EXPECT_EQ(send.files[1], (model::media{"http://b.example:8080/2?x=y", "image/png"}));
}

TEST(parse_send, reads_a_template_with_its_variables_in_order) {
  const auto send = parse_send(
    R"({"user":"a","body":"","template":{"id":"t-1","variables":{"b":"","a":"Köln","10":"x"}}})",
    depth_max);
  ASSERT_TRUE(send.made_from);
  EXPECT_EQ(send.made_from->id, "t-1");
  EXPECT_EQ(send.made_from->variables,
            (std::vector<text::variable>{{"10", "x"}, {"a", "Köln"}, {"b", ""}}));
  EXPECT_TRUE(parse_send(R"({"user":"a","template":{"id":"t"}})", depth_max)
                .made_from->variables.empty());
}

TEST(parse_send, counts_characters_and_not_bytes) {
  std::string body;
  for (int i = 0; i < 1600; ++i)
    body += "漢";
  const auto send = parse_send(R"({"user":"a","body":")" + body + R"("})", depth_max);
  EXPECT_EQ(send.body, body);
  EXPECT_EQ(send.segments, 24U);  // 1,600 units of UCS-2, 67 a segment.
}

TEST(parse_user, takes_an_absent_body_an_empty_object_or_a_user) {
  EXPECT_EQ(parse_user("", depth_max, false).user, "");
  EXPECT_EQ(parse_user("{}", depth_max, false).user, "");
  EXPECT_EQ(parse_user(R"({"user":"bob"})", depth_max, true).user, "bob");
  for (const char* json : {"[]", R"({"usr":"bob"})", R"({"user":""})", R"({"user":1})", "{}{}"})
    EXPECT_TRUE(refusal_of([&] { (void)parse_user(json, depth_max, false); }).has_value()) << json;
  for (const char* json : {"", "{}"})
    EXPECT_TRUE(refusal_of([&] { (void)parse_user(json, depth_max, true); }).has_value()) << json;
}

TEST(parse_send, a_note_is_said_to_be_one) {
  EXPECT_FALSE(parse_send(R"({"user":"a","body":"x"})", depth_max).note);
  EXPECT_FALSE(parse_send(R"({"user":"a","body":"x","note":false})", depth_max).note);
  EXPECT_TRUE(parse_send(R"({"user":"a","body":"x","note":true})", depth_max).note);
}

TEST(parse_start, reads_who_writes_to_whom_from_where) {
  const auto request = parse_start_conversation(
    R"({"from":"+15550100001","to":["sms:+15551230001"],"user":"alice","body":"Hi"})", depth_max);
  EXPECT_EQ(request.from, (model::address{model::channel::sms, "+15550100001"}));
  EXPECT_EQ(request.to, (std::vector{model::address{model::channel::sms, "+15551230001"}}));
  EXPECT_EQ(request.first.author, (model::author{model::author::kind::user, "alice"}));
  EXPECT_TRUE(request.says_something);
  EXPECT_FALSE(parse_start_conversation(
                 R"({"from":"+15550100001","to":["+15551230001"],"user":"a"})", depth_max)
                 .says_something);
  EXPECT_EQ(parse_start_message(
              R"({"from":"+15550100001","to":"+15551230001","team":"t","body":"x"})", depth_max)
              .first.author.type,
            model::author::kind::team);
}

TEST(parse_start, a_template_says_something) {
  const auto conversation = parse_start_conversation(
    R"({"from":"+15550100001","to":["+15551230001"],"user":"a","template":{"id":"t"}})", depth_max);
  EXPECT_TRUE(conversation.says_something && conversation.first.made_from);
  const auto message = parse_start_message(
    R"({"from":"+15550100001","to":"+15551230001","user":"a","template":{"id":"t"}})", depth_max);
  EXPECT_TRUE(message.says_something && message.first.made_from);
}

TEST(parse_start, the_user_of_a_chat_need_not_be_named_again) {
  const auto request
    = parse_start_conversation(R"({"from":"chat:b","to":["chat:c","chat:a"],"subject":"Lunch"})",
                               depth_max);
  EXPECT_EQ(request.first.author, (model::author{model::author::kind::user, "b"}));
  EXPECT_EQ(request.to, (std::vector{model::address{model::channel::chat, "a"},
                                     model::address{model::channel::chat, "c"}}));
  EXPECT_EQ(request.subject, "Lunch");
}

class start_refused : public ::testing::TestWithParam<refused_case> {};

TEST_P(start_refused, by_name) {
  const auto no = refusal_of([] { (void)parse_start_conversation(GetParam().json, depth_max); });
  ASSERT_TRUE(no.has_value()) << GetParam().json;
  EXPECT_EQ(no->code(), GetParam().code) << no->detail();
  EXPECT_THAT(no->detail(), HasSubstr(GetParam().names));
}

INSTANTIATE_TEST_SUITE_P(
  bodies, start_refused,
  ::testing::Values(
    refused_case{R"({"to":["+15551230001"],"user":"a"})", errc::malformed, "`from`"},
    refused_case{R"({"from":7,"to":["+15551230001"],"user":"a"})", errc::malformed, "`from`"},
    refused_case{R"({"from":"me","to":["+15551230001"],"user":"a"})", errc::malformed, "`from`"},
    refused_case{R"({"from":"chat:a","to":["chat:b"],"user":"b"})", errc::malformed, "`user`"},
    refused_case{R"({"from":"chat:a","to":["chat:b"],"team":"t"})", errc::malformed, "`team`"},
    refused_case{R"({"from":"chat:a","to":["chat:b"],"template":{"id":"t"}})", errc::malformed,
                 "`template`"},
    refused_case{R"({"from":"chat:a","to":["chat:b","chat:b"]})", errc::malformed, "twice"},
    refused_case{R"({"from":"+15550100001","user":"a"})", errc::malformed, "`to`"},
    refused_case{R"({"from":"+15550100001","to":"+15551230001","user":"a"})", errc::malformed,
                 "`to`"},
    refused_case{R"({"from":"+15550100001","to":[],"user":"a"})", errc::malformed, "`to`"},
    refused_case{R"({"from":"+15550100001","to":["+15551230001","sms:+15551230001"],"user":"a"})",
                 errc::malformed, "twice"},
    refused_case{R"({"from":"+15550100001","to":["+15551230001","chat:b"],"user":"a"})",
                 errc::malformed, "channel"},
    refused_case{R"({"from":"+15550100001","to":["whatsapp:+15551230001"],"user":"a"})",
                 errc::malformed, "channel"},
    refused_case{R"({"from":"+15550100001","to":["+15551230001"]})", errc::malformed, "`user`"},
    refused_case{R"({"from":"+15550100001","to":["+15551230001"],"user":"a","subject":7})",
                 errc::malformed, "`subject`"}));

TEST(parse_transfer, goes_to_one_user_or_one_team) {
  EXPECT_EQ(parse_transfer(R"({"user":"a","to_user":"b"})", depth_max).to_user, "b");
  EXPECT_EQ(parse_transfer(R"({"to_team":"t"})", depth_max).to_team, "t");
  for (const char* json : {"{}", R"({"user":"a"})", R"({"to_user":"a","to_team":"b"})",
                           R"({"to_user":""})", R"({"to_user":7})"})
    EXPECT_TRUE(refusal_of([&] { (void)parse_transfer(json, depth_max); }).has_value()) << json;
}

TEST(parse_snooze, takes_a_time_or_null) {
  EXPECT_EQ(parse_snooze(R"({"until":"2030-01-01T00:00:00Z"})", depth_max).until,
            model::from_rfc3339("2030-01-01T00:00:00Z"));
  EXPECT_EQ(parse_snooze(R"({"user":"a","until":null})", depth_max).until, model::timestamp{});
  for (const char* json : {"{}", R"({"until":"tomorrow"})", R"({"until":7})"})
    EXPECT_TRUE(refusal_of([&] { (void)parse_snooze(json, depth_max); }).has_value()) << json;
}

TEST(parse_labels, takes_short_texts) {
  const auto request = parse_labels(R"({"add":["vip","größer"],"remove":["late"]})", depth_max);
  EXPECT_EQ(request.add, (std::vector<std::string>{"vip", "größer"}));
  EXPECT_EQ(request.remove, std::vector<std::string>{"late"});
  EXPECT_TRUE(parse_labels("{}", depth_max).add.empty());
  for (const auto& json :
       {std::string{R"({"add":"vip"})"}, std::string{R"({"add":[7]})"},
        std::string{R"({"add":[""]})"}, R"({"add":[")" + std::string(65, 'x') + R"("]})",
        std::string{R"({"set":[]})"}})
    EXPECT_TRUE(refusal_of([&] { (void)parse_labels(json, depth_max); }).has_value()) << json;
}

TEST(parse_read, takes_a_user_and_an_index) {
  EXPECT_EQ(parse_read(R"({"user":"bob"})", depth_max).index, 0U);
  const auto request = parse_read(R"({"user":"bob","index":17})", depth_max);
  EXPECT_EQ(request.user, "bob");
  EXPECT_EQ(request.index, 17U);
  for (const char* json :
       {"", "{}", R"({"index":1})", R"({"user":"a","index":-1})", R"({"user":"a","index":1.5})",
        R"({"user":"a","index":1e3})", R"({"user":"a","index":"1"})",
        R"({"user":"a","index":99999999999999999999})"})
    EXPECT_TRUE(refusal_of([&] { (void)parse_read(json, depth_max); }).has_value()) << json;
}

TEST(file_url, is_absolute_http_with_a_host) {
  for (const char* url : {"http://a", "https://a.example/b?c=d#e", "https://[::1]:8/x"})
    EXPECT_TRUE(is_file_url(url)) << url;
  for (const char* url : {"", "http://", "https:///a", "http://:80/", "//a/b", "a/b", "HTTP://a",
                          "file:///etc/passwd", "http://u:p@a/", "http://a b/", "http://a/\n",
                          "http://a/\"", "http://ä/", "javascript:alert(1)"})
    EXPECT_FALSE(is_file_url(url)) << url;
  EXPECT_TRUE(is_file_url("http://a/" + std::string(2039, 'x')));
  EXPECT_FALSE(is_file_url("http://a/" + std::string(2040, 'x')));
}

}  // namespace
}  // namespace parley::ingress
