// Carriers at the door: what is taken, what is refused and how, and what is never acknowledged.

#include "tests/ingress/door_fixture.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace parley::ingress {
namespace {

using ::testing::HasSubstr;

class door_callbacks : public door_test {};

TEST_F(door_callbacks, a_message_is_acknowledged_once_it_can_be_read) {
  start();
  const auto answer = exchange(callback(inbound(alice_number, "+15551230001", "Grüße", "SM1")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "text/xml");
  EXPECT_EQ(answer.body, "<Response/>");
  const auto id = conversation_with("+15551230001");
  const auto messages = json_of(get("/v1/conversations/" + id + "/messages")).at("items");
  ASSERT_EQ(messages.as_array().size(), 1U);
  EXPECT_EQ(messages.at(0).at("body").as_string(), "Grüße");
  EXPECT_EQ(messages.at(0).at("provider_id").as_string(), "SM1");
}

TEST_F(door_callbacks, the_same_message_again_is_acknowledged_and_kept_once) {
  start();
  const auto again = callback(inbound(alice_number, "+15551230001", "once", "SM1"));
  EXPECT_EQ(exchange(again).status, 200);
  EXPECT_EQ(exchange(again).status, 200);
  const auto id = conversation_with("+15551230001");
  EXPECT_EQ(json_of(get("/v1/conversations/" + id)).at("last_index").to_number<int>(), 1);
}

struct refused_case {
  const char* name;
  std::string request;
  int status;
  const char* code;
};

TEST_F(door_callbacks, what_is_not_a_carriers_is_refused_by_name_and_leaves_nothing) {
  start();
  const auto good = inbound(alice_number, "+15551230001", "hello", "SM1");
  auto without_sid = good;
  without_sid.erase("MessageSid");
  auto unsigned_form = "Content-Type: application/x-www-form-urlencoded\r\n";
  const auto signed_as = [&](const std::string& signature, const std::string& type) {
    return http::post("/carriers/twilio/tw/inbound", encoded(good),
                      "Content-Type: " + type + "\r\nX-Twilio-Signature: " + signature + "\r\n");
  };
  const auto right = signature("token", "/carriers/twilio/tw/inbound", good);
  parameters crowded = good;
  for (int i = 0; i < 100; ++i)
    crowded["x" + std::to_string(i)] = "y";
  const std::vector<refused_case> cases{
    {"unsigned", http::post("/carriers/twilio/tw/inbound", encoded(good), unsigned_form), 403,
     "bad_signature"},
    {"wrong signature", signed_as("AAAA", "application/x-www-form-urlencoded"), 403,
     "bad_signature"},
    {"another link's token", callback(good, "inbound", "tw", "other-token"), 403, "bad_signature"},
    {"unknown link", callback(good, "inbound", "nowhere"), 404, "unknown_link"},
    {"link of another format", callback(good, "inbound", "meta"), 404, "unknown_link"},
    {"unknown part", callback(good, "outbound"), 404, "unknown_link"},
    {"unknown number", callback(inbound("+15559999999", "+15551230001", "x", "SM1")), 404,
     "unknown_number"},
    {"another link's number", callback(good, "inbound", "tw-2"), 404, "unknown_number"},
    {"another organisation's number", callback(inbound(other_number, "+15551230001", "x", "SM1")),
     404, "unknown_number"},
    {"no message id", callback(without_sid), 400, "malformed"},
    {"not UTF-8", callback(inbound(alice_number, "+15551230001", "\xff", "SM1")), 400,
     "malformed"},
    {"too many parameters", callback(crowded), 400, "malformed"},
    {"broken form",
     http::post("/carriers/twilio/tw/inbound", "a=%", unsigned_form), 400, "malformed"},
    {"other content", signed_as(right, "text/plain"), 415, "unsupported_media"},
    {"no content type", http::post("/carriers/twilio/tw/inbound", encoded(good)), 415,
     "unsupported_media"},
    {"JSON without digest", signed_as(right, "application/json"), 403, "bad_signature"},
    {"get", http::get("/carriers/twilio/tw/inbound"), 405, "method_not_allowed"},
    {"other carrier", http::post("/carriers/nobody/tw/inbound", "", unsigned_form), 404,
     "unknown_link"},
    {"too large", http::post("/carriers/twilio/tw/inbound", std::string(65 * 1024, 'x')), 413,
     "too_large"}};
  for (const auto& one : cases) {
    const auto answer = exchange(one.request);
    EXPECT_EQ(answer.status, one.status) << one.name;
    EXPECT_EQ(code_of(answer), one.code) << one.name;
  }
  EXPECT_TRUE(json_of(get("/v1/events")).at("items").as_array().empty());
  EXPECT_TRUE(json_of(get("/v1/events", "other-key")).at("items").as_array().empty());
}

TEST_F(door_callbacks, a_get_is_told_what_is_allowed) {
  start();
  EXPECT_EQ(exchange(http::get("/carriers/twilio/tw/status")).headers.at("allow"), "POST");
}

TEST_F(door_callbacks, a_json_body_that_is_signed_is_still_no_message) {
  start();
  const std::string body = R"({"a":1})";
  const std::string target
    = "/carriers/twilio/tw/inbound?bodySHA256="
      "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
  const auto answer
    = exchange(http::post(target, body,
                          "Content-Type: application/json\r\nX-Twilio-Signature: "
                            + signature("token", target, {}) + "\r\n"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(code_of(answer), "malformed");
}

TEST_F(door_callbacks, the_query_is_part_of_what_is_signed) {
  start();
  const auto form = inbound(alice_number, "+15551230001", "hello", "SM1");
  const std::string target = "/carriers/twilio/tw/inbound?foo=1&bar=2";
  const auto post_to = [&](const std::string& where) {
    return exchange(http::post(where, encoded(form),
                               "Content-Type: application/x-www-form-urlencoded\r\n"
                               "X-Twilio-Signature: "
                                 + signature("token", target, form) + "\r\n"));
  };
  EXPECT_EQ(post_to("/carriers/twilio/tw/inbound?foo=1&bar=3").status, 403);
  EXPECT_EQ(post_to("/carriers/twilio/tw/inbound").status, 403);
  EXPECT_EQ(post_to(target).status, 200);
}

TEST_F(door_callbacks, a_report_is_acknowledged_even_when_nobody_knows_the_message) {
  start();
  const parameters report{{"MessageSid", "SM" + std::string(32, 'a')},
                          {"MessageStatus", "delivered"},
                          {"To", "+15551230001"},
                          {"From", std::string{alice_number}}};
  EXPECT_EQ(exchange(callback(report, "status")).status, 200);
  auto broken = report;
  broken.erase("MessageStatus");
  EXPECT_EQ(exchange(callback(broken, "status")).status, 400);
}

TEST_F(door_callbacks, over_the_bound_the_answer_is_503_and_nothing_is_kept) {
  auto options = generous();
  options.commands_in_flight_max = 0;
  start(options);
  const auto answer = exchange(callback(inbound(alice_number, "+15551230001", "x", "SM1")));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(code_of(answer), "overloaded");
  EXPECT_EQ(answer.headers.at("retry-after"), "2");
  EXPECT_TRUE(json_of(get("/v1/events")).at("items").as_array().empty());
}

TEST_F(door_callbacks, every_admitted_callback_is_settled_and_counted_out) {
  auto options = generous();
  options.commands_in_flight_max = 4;
  start(options);
  constexpr int each = 200;
  std::vector<std::thread> carriers;
  std::atomic<int> kept{0};
  for (int i = 0; i < 4; ++i)
    carriers.emplace_back([&, i] {
      auto peer = connect();
      for (int count = 0; count < each; ++count) {
        const auto them = "+1555124" + std::to_string(1000 + i * 20 + count % 20);
        peer.send(callback(inbound(support_number, them, "x",
                                   "SM" + std::to_string(i) + "-" + std::to_string(count))));
        const auto answer = peer.read_response();
        ASSERT_TRUE(answer.has_value());
        ASSERT_TRUE(answer->status == 200 || answer->status == 503) << answer->status;
        kept += answer->status == 200 ? 1 : 0;
      }
    });
  for (auto& carrier : carriers)
    carrier.join();
  int found = 0;
  for (std::string target = "/v1/events?types=conversation.message.created&limit=1000";;) {
    const auto page = json_of(get(target));
    found += static_cast<int>(page.at("items").as_array().size());
    if (page.at("next").is_null())
      break;
    target = "/v1/events?types=conversation.message.created&limit=1000&cursor="
             + std::string{page.at("next").as_string()};
  }
  EXPECT_EQ(found, kept);
  EXPECT_THAT(get("/metrics").body, HasSubstr("\nparley_ingress_in_flight 0\n"));
}

TEST_F(door_callbacks, once_it_has_settled_everything_it_stops) {
  start();
  receive(alice_number, "+15551230001", "before");
  subject->stop_accepting();
  EXPECT_TRUE(subject->wait_until_settled(std::chrono::minutes{1}));
}

}  // namespace
}  // namespace parley::ingress
