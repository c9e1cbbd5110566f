#include "parley/carrier/twilio.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace parley::carrier {
namespace {

const model::address ours{model::channel::sms, "+15550100001"};
const model::address theirs{model::channel::sms, "+15550100002"};
constexpr const char* sid = "SM00112233445566778899aabbccddeeff";

constexpr twilio_send_options options{
  .api_base = "http://127.0.0.1:8090",
  .account_sid = "AC1",
  .auth_token = "secret",
  .status_callback = "http://127.0.0.1:8080/carriers/twilio/tw/status",
};

TEST(twilio_send, is_in_the_form_of_its_api) {
  const auto made = encode_twilio_send(options, ours, theirs, {"Hi & bye", {}, {}, {}});
  EXPECT_EQ(made.url, "http://127.0.0.1:8090/2010-04-01/Accounts/AC1/Messages.json");
  EXPECT_EQ(made.authorization, "Basic QUMxOnNlY3JldA==");
  EXPECT_EQ(made.body, "To=%2B15550100002&From=%2B15550100001&Body=Hi%20%26%20bye&StatusCallback="
                       "http%3A%2F%2F127.0.0.1%3A8080%2Fcarriers%2Ftwilio%2Ftw%2Fstatus");
}

TEST(twilio_send, names_each_file_and_leaves_out_what_is_empty) {
  auto bare = options;
  bare.api_base = "http://127.0.0.1:8090/";
  bare.status_callback = {};
  const auto made = encode_twilio_send(
    bare, {model::channel::whatsapp, "+15550100001"}, {model::channel::whatsapp, "US.1349"},
    {"", {{"https://a/1", ""}, {"https://a/2", ""}}, {}, {}});
  EXPECT_EQ(made.url, "http://127.0.0.1:8090/2010-04-01/Accounts/AC1/Messages.json");
  EXPECT_EQ(made.body, "To=whatsapp%3AUS.1349&From=whatsapp%3A%2B15550100001"
                       "&MediaUrl=https%3A%2F%2Fa%2F1&MediaUrl=https%3A%2F%2Fa%2F2");
}

const model::address ours_on_whatsapp{model::channel::whatsapp, "+15550100001"};
const model::address theirs_on_whatsapp{model::channel::whatsapp, "+15550100002"};
constexpr const char* content_sid = "HX0123456789abcdef0123456789abcdef";

struct template_send_case {
  const char* name;
  model::address to;
  model::sent_template made_from;
  std::string body, content_sid, content_variables;  ///< Empty: it is not there.
};

class twilio_template : public ::testing::TestWithParam<template_send_case> {};

TEST_P(twilio_template, leaves_as) {
  const auto& param = GetParam();
  model::content what;
  what.body = "Hello Ada";
  what.made_from = param.made_from;
  const form sent{encode_twilio_send(options, ours_on_whatsapp, param.to, what).body, 100};
  EXPECT_EQ(sent.get("Body"), param.body);
  EXPECT_EQ(sent.has("Body"), !param.body.empty());
  EXPECT_EQ(sent.get("ContentSid"), param.content_sid);
  EXPECT_EQ(sent.has("ContentSid"), !param.content_sid.empty());
  EXPECT_EQ(sent.get("ContentVariables"), param.content_variables);
  EXPECT_EQ(sent.has("ContentVariables"), !param.content_variables.empty());
}

INSTANTIATE_TEST_SUITE_P(
  channels, twilio_template,
  ::testing::Values(
    template_send_case{"its_id_over_whatsapp", theirs_on_whatsapp,
                       {"hello", content_sid, R"({"1":"Ada & \"Bob\""})"}, "", content_sid,
                       R"({"1":"Ada & \"Bob\""})"},
    template_send_case{"its_id_without_variables", theirs_on_whatsapp,
                       {"hello", content_sid, "{}"}, "", content_sid, ""},
    template_send_case{"a_text_that_the_carrier_compares", theirs_on_whatsapp,
                       {"hello", "", R"({"1":"Ada"})"}, "Hello Ada", "", ""},
    template_send_case{"a_text_by_sms", theirs, {"hello", content_sid, R"({"1":"Ada"})"},
                       "Hello Ada", "", ""}),
  [](const auto& instance) { return instance.param.name; });

RC_GTEST_PROP(twilio_send, carries_any_text, (const std::string& text)) {
  const auto made = encode_twilio_send(options, ours, theirs, {text, {}, {}, {}});
  const form read{made.body, 100};
  RC_ASSERT(read.ok());
  RC_ASSERT(read.get("Body") == text);
  RC_ASSERT(read.get("To") == "+15550100002");
}

using kind = twilio_send_outcome::kind;

struct answer_case {
  const char* name;
  int status;
  std::string body;
  kind what;
  std::int32_t error_code;
};

class twilio_answer : public ::testing::TestWithParam<answer_case> {};

TEST_P(twilio_answer, means) {
  const auto& param = GetParam();
  const auto outcome = decode_twilio_send_answer(param.status, param.body);
  EXPECT_EQ(outcome.what, param.what);
  EXPECT_EQ(outcome.error_code, param.error_code);
  EXPECT_EQ(outcome.provider_id, param.what == kind::accepted ? sid : "");
}

const std::string accepted_body
  = std::string{R"({"sid":")"} + sid + R"(","status":"queued","error_code":null})";

std::string error_body(int code, int status) {
  return R"({"code":)" + std::to_string(code) + R"(,"message":"no","status":)"
         + std::to_string(status) + "}";
}

INSTANTIATE_TEST_SUITE_P(
  answers, twilio_answer,
  ::testing::Values(
    answer_case{"created", 201, accepted_body, kind::accepted, 0},
    answer_case{"ok", 200, accepted_body, kind::accepted, 0},
    answer_case{"created_without_sid", 201, "{}", kind::transient, 201},
    answer_case{"ok_from_a_proxy", 200, "<html>captive</html>", kind::transient, 200},
    answer_case{"sid_of_another_type", 201, R"({"sid":1})", kind::transient, 201},
    answer_case{"sid_empty", 201, R"({"sid":""})", kind::transient, 201},
    answer_case{"sid_with_spaces", 201, R"({"sid":"a b"})", kind::transient, 201},
    answer_case{"array", 201, "[]", kind::transient, 201},
    answer_case{"accepted_elsewhere", 202, accepted_body, kind::transient, 202},
    answer_case{"redirect", 302, "", kind::transient, 302},
    answer_case{"too_many", 429, error_body(20429, 429), kind::throttled, 20429},
    answer_case{"too_many_without_body", 429, "", kind::throttled, 429},
    answer_case{"channel_limit", 400, error_body(63018, 400), kind::throttled, 63018},
    answer_case{"limit_as_another_status", 400, error_body(20429, 400), kind::throttled, 20429},
    answer_case{"bad_number", 400, error_body(21211, 400), kind::permanent, 21211},
    answer_case{"opted_out", 400, error_body(21610, 400), kind::permanent, 21610},
    answer_case{"unauthorized", 401, error_body(20003, 401), kind::permanent, 20003},
    answer_case{"not_found_from_a_proxy", 404, "nope", kind::permanent, 404},
    answer_case{"server_error", 500, error_body(20500, 500), kind::transient, 20500},
    answer_case{"bad_gateway", 502, "<html>", kind::transient, 502},
    answer_case{"error_with_a_sid", 500, accepted_body, kind::transient, 500},
    answer_case{"code_of_another_type", 400, R"({"code":"21211"})", kind::permanent, 400},
    answer_case{"code_out_of_range", 400, R"({"code":9999999999})", kind::permanent, 400},
    answer_case{"code_negative", 400, R"({"code":-1})", kind::permanent, 400},
    answer_case{"deep", 201, std::string(10'000, '['), kind::transient, 201},
    answer_case{"huge", 201, accepted_body + std::string(70'000, ' '), kind::transient, 201},
    answer_case{"cut_short", 201, accepted_body.substr(0, 30), kind::transient, 201}),
  [](const auto& instance) { return instance.param.name; });

RC_GTEST_PROP(twilio_answer, survives_any_bytes, (const std::string& body)) {
  const auto outcome = decode_twilio_send_answer(201, body);
  RC_ASSERT(outcome.what == kind::transient);
}

}  // namespace
}  // namespace parley::carrier
