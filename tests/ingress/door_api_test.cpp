// Applications at the door: who may, what is found, what is refused and how.

#include "tests/ingress/door_fixture.hpp"

#include <gmock/gmock.h>

namespace parley::ingress {
namespace {

using ::testing::HasSubstr;

class door_api : public door_test {
protected:
  void SetUp() override {
    start();
    receive(alice_number, "+15551230001", "Hello");
    talk = conversation_with("+15551230001");
  }

  std::string path(std::string_view rest = "") const {
    return "/v1/conversations/" + talk + std::string{rest};
  }

  std::string talk;
};

TEST_F(door_api, without_a_known_key_nothing_is_shown) {
  for (const std::string& target : {std::string{"/v1/conversations"}, path(), path("/messages"),
                                    std::string{"/v1/events"}}) {
    const auto answer = get(target, "wrong");
    EXPECT_EQ(answer.status, 401) << target;
    EXPECT_EQ(code_of(answer), "unauthenticated");
    EXPECT_EQ(answer.headers.at("www-authenticate"), "Bearer");
    EXPECT_EQ(exchange(http::get(target)).status, 401) << target;
  }
  EXPECT_EQ(get("/v1/nothing", "wrong").status, 404);
}

TEST_F(door_api, a_key_does_what_its_scopes_say) {
  EXPECT_EQ(get(path(), "read-key").status, 200);
  EXPECT_EQ(get(path("/messages"), "read-key").status, 200);
  EXPECT_EQ(get("/v1/events", "read-key").status, 403);
  EXPECT_EQ(post(path("/messages"), R"({"user":"alice","body":"x"})", "read-key").status, 403);
  EXPECT_EQ(post(path("/close"), "{}", "read-key").status, 403);
  EXPECT_EQ(get(path(), "write-key").status, 403);
  EXPECT_EQ(post(path("/read"), R"({"user":"alice"})", "write-key").status, 403);
  EXPECT_EQ(code_of(post(path("/close"), "{}", "write-key")), "forbidden");
  EXPECT_EQ(post(path("/messages"), R"({"user":"alice","body":"x"})", "write-key").status, 201);
}

TEST_F(door_api, another_organisations_conversation_does_not_exist) {
  for (const auto& answer :
       {get(path(), "other-key"), get(path("/messages"), "other-key"),
        post(path("/messages"), R"({"user":"oscar","body":"x"})", "other-key"),
        post(path("/close"), "{}", "other-key"),
        post(path("/read"), R"({"user":"oscar"})", "other-key")}) {
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(code_of(answer), "not_found");
  }
  EXPECT_TRUE(json_of(get("/v1/conversations", "other-key")).at("items").as_array().empty());
  EXPECT_TRUE(json_of(get("/v1/events", "other-key")).at("items").as_array().empty());
}

TEST_F(door_api, what_is_not_there_is_not_found_and_a_wrong_method_is_told_the_right_ones) {
  for (const char* target : {"/", "/v1", "/v1/", "/v1/conversations/", "/v1/conversations/x",
                             "/v1/conversations/cv_00000000000000000000000000",
                             "/v1/conversations/a/b", "/v1//messages", "/v1/stream/x", "/metricsx"})
    EXPECT_EQ(get(target).status, 404) << target;
  const auto answer = post("/v1/events", "{}");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("allow"), "GET, HEAD");
  EXPECT_EQ(get(path("/participants/ann")).headers.at("allow"), "DELETE");
  EXPECT_EQ(get(path("/close")).headers.at("allow"), "POST");
  const auto both = exchange("DELETE " + path("/messages") + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(both.status, 405);
  EXPECT_EQ(both.headers.at("allow"), "GET, HEAD, POST");
  EXPECT_EQ(post("/metrics", "").status, 405);
}

TEST_F(door_api, a_head_is_a_get_without_its_body) {
  const auto head = exchange("HEAD " + path() + " HTTP/1.1\r\nHost: x\r\n" + bearer("demo-key")
                               + "\r\n",
                             true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), std::to_string(get(path()).body.size()));
}

TEST_F(door_api, a_conversation_is_shown_as_the_contract_says) {
  const auto json = json_of(get(path())).as_object();
  EXPECT_EQ(json.at("organization").as_string(), "demo");
  EXPECT_EQ(json.at("channel").as_string(), "sms");
  EXPECT_EQ(json.at("kind").as_string(), "one_to_one");
  EXPECT_EQ(json.at("state").as_string(), "active");
  EXPECT_EQ(json.at("number").as_string(), "sms:+15550100001");
  EXPECT_EQ(json.at("peers").at(0).as_string(), "sms:+15551230001");
  EXPECT_EQ(json.at("participants").at(0).at("user").as_string(), "alice");
  EXPECT_EQ(json.at("participants").at(0).at("unread").to_number<int>(), 1);
  EXPECT_TRUE(json.at("team").is_null());
  EXPECT_TRUE(json.at("previous").is_null());
  EXPECT_TRUE(json.at("close_reason").is_null());
  for (const char* name : {"claimed_by", "labels", "priority", "snoozed_until", "window",
                           "created_at", "last_activity_at"})
    EXPECT_TRUE(json.contains(name)) << name;
}

TEST_F(door_api, a_reply_is_answered_with_the_message_and_a_repetition_with_the_same) {
  const std::string key = "Idempotency-Key: k1\r\n";
  const auto first = post(path("/messages"), R"({"user":"alice","body":"Hi"})", "demo-key", key);
  EXPECT_EQ(first.status, 201);
  const auto message = json_of(first);
  EXPECT_EQ(message.at("index").to_number<int>(), 2);
  EXPECT_EQ(message.at("direction").as_string(), "outbound");
  EXPECT_EQ(message.at("deliveries").at(0).at("state").as_string(), "queued");
  // The same request in other words.
  const auto again
    = post(path("/messages"), R"({ "body":"\u0048i", "user":"alice" })", "demo-key", key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  const auto other = post(path("/messages"), R"({"user":"alice","body":"Ho"})", "demo-key", key);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(code_of(other), "idempotency_mismatch");
  const auto items = json_of(get(path("/messages"))).at("items").as_array();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[1].at("id"), message.at("id"));
}

TEST_F(door_api, a_reply_that_cannot_be_is_refused_by_name) {
  receive(support_number, "+15551230002", "Hello");
  const auto inbox = "/v1/conversations/" + conversation_with("+15551230002") + "/messages";
  const auto code = [&](const std::string& target, std::string_view json,
                        std::string_view headers = "") {
    return code_of(post(target, json, "demo-key", headers));
  };
  EXPECT_EQ(code(path("/messages"), R"({"user":"bob","body":"x"})"), "not_participant");
  EXPECT_EQ(code(path("/messages"), R"({"user":"nobody","body":"x"})"), "not_participant");
  EXPECT_EQ(code(path("/messages"), R"({"team":"support","body":"x"})"), "not_participant");
  EXPECT_EQ(code(inbox, R"({"user":"carol","body":"x"})"), "licence_required");
  EXPECT_EQ(code(path("/messages"), R"({"user":"alice"})"), "body_required");
  EXPECT_EQ(code(path("/messages"), "{"), "malformed");
  EXPECT_EQ(code(path("/messages?x=1"), R"({"user":"alice","body":"x"})"), "malformed");
  EXPECT_EQ(code(path("/messages"), R"({"user":"alice","body":"x"})",
                 "Idempotency-Key: " + std::string(256, 'k') + "\r\n"),
            "malformed");
  EXPECT_EQ(exchange(http::post(path("/messages"), R"({"user":"alice","body":"x"})",
                                bearer("demo-key") + "Content-Type: text/plain\r\n"))
              .status,
            415);
  EXPECT_EQ(post(path("/messages"), std::string(65 * 1024, ' ')).status, 413);
  EXPECT_EQ(post(inbox, R"({"team":"support","body":"x"})").status, 201);
  EXPECT_EQ(json_of(get(path())).at("last_index").to_number<int>(), 1);
}

TEST_F(door_api, closing_answers_with_the_closed_conversation_and_is_final) {
  const auto closed = post(path("/close"), R"({"user":"alice"})");
  EXPECT_EQ(closed.status, 200);
  EXPECT_EQ(json_of(closed).at("state").as_string(), "closed");
  EXPECT_EQ(json_of(closed).at("close_reason").as_string(), "user");
  EXPECT_EQ(code_of(post(path("/close"), "{}")), "conversation_closed");
  const auto late = post(path("/messages"), R"({"user":"alice","body":"x"})");
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(code_of(late), "conversation_closed");
  EXPECT_EQ(json_of(get("/v1/conversations?state=active")).at("items").as_array().size(), 0U);
  EXPECT_EQ(json_of(get("/v1/conversations?state=closed")).at("items").as_array().size(), 1U);
  receive(alice_number, "+15551230001", "again");
  const auto open = json_of(get("/v1/conversations?state=active")).at("items").at(0);
  EXPECT_EQ(open.at("previous").as_string(), talk);
}

TEST_F(door_api, a_close_without_a_body_is_the_applications) {
  const auto closed = exchange(http::post(path("/close"), "", bearer("demo-key")));
  EXPECT_EQ(closed.status, 200);
  EXPECT_EQ(json_of(closed).at("close_reason").as_string(), "api");
}

TEST_F(door_api, reading_moves_the_position_of_who_takes_part) {
  const auto read = post(path("/read"), R"({"user":"alice","index":1})");
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(json_of(read).at("participants").at(0).at("unread").to_number<int>(), 0);
  EXPECT_EQ(code_of(post(path("/read"), R"({"user":"bob"})")), "not_participant");
}

TEST_F(door_api, events_say_how_far_they_looked) {
  receive(spare_number, "+15551230009", "Anybody?");
  const auto page = json_of(get("/v1/events?limit=3")).as_object();
  const auto& items = page.at("items").as_array();
  ASSERT_EQ(items.size(), 2U) << "two events of one record are never on two pages";
  EXPECT_EQ(page.at("next").as_string(), "2");
  const auto rest = json_of(get("/v1/events?cursor=2")).as_object();
  EXPECT_EQ(rest.at("items").as_array().size(), 3U);
  EXPECT_TRUE(rest.at("next").is_null());
  EXPECT_EQ(rest.at("items").at(1).at("type").as_string(), "number.unrouted");
  EXPECT_EQ(code_of(get("/v1/events?types=nothing")), "malformed");
  EXPECT_EQ(code_of(get("/v1/events?after=1&cursor=1")), "malformed");
}

TEST_F(door_api, the_pages_of_operations_need_no_key) {
  EXPECT_EQ(exchange(http::get("/healthz")).status, 200);
  EXPECT_EQ(exchange(http::get("/readyz")).status, 200);
  const auto document = exchange(http::get("/openapi.json"));
  EXPECT_EQ(boost::json::parse(document.body).at("openapi").as_string(), "3.1.0");
  const auto metrics = exchange(http::get("/metrics"));
  EXPECT_THAT(metrics.headers.at("content-type"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(metrics.body,
              HasSubstr("\nparley_ingress_callbacks_total{kind=\"inbound\"} 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("\nprocess_resident_memory_bytes "));
}

TEST_F(door_api, every_route_of_the_api_is_described) {
  const auto paths
    = boost::json::parse(exchange(http::get("/openapi.json")).body).at("paths").as_object();
  for (const auto& [described, methods] : paths) {
    std::string target = described;
    for (const auto& [hole, filling] :
         {std::pair<std::string, std::string>{"{id}", talk}, {"{link}", "tw"}})
      if (const auto at = target.find(hole); at != std::string::npos)
        target.replace(at, hole.size(), filling);
    const auto answer = exchange("OPTIONS " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(answer.status, 405) << described << " is described and not served";
  }
}

class door_limits : public door_test {};

TEST_F(door_limits, reads_beyond_the_bound_are_refused) {
  auto options = generous();
  options.reads_waiting_max = 0;
  start(options);
  const auto answer = get("/v1/events");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(code_of(answer), "overloaded");
  EXPECT_EQ(answer.headers.at("retry-after"), "2");
}

}  // namespace
}  // namespace parley::ingress
