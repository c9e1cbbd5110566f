// Live streams at the door.

#include "tests/http/websocket_peer.hpp"
#include "tests/ingress/door_fixture.hpp"

#include <boost/json/serialize.hpp>

#include <vector>

namespace parley::ingress {
namespace {

class door_stream : public door_test {
protected:
  http::websocket_peer stream(std::string_view query, std::string_view key = "demo-key") const {
    return {connect(), "/v1/stream" + std::string{query}, bearer(key)};
  }

  static std::vector<std::string> take(http::websocket_peer& from, std::size_t count) {
    std::vector<std::string> texts;
    while (texts.size() < count) {
      auto frame = from.read();
      if (frame.opcode != http::opcode_text)
        break;
      texts.push_back(std::move(frame.payload));
    }
    return texts;
  }

  /// What `GET /v1/events` shows, each as text.
  std::vector<std::string> listed(std::string_view query = "?limit=1000") const {
    const auto body = get("/v1/events" + std::string{query}).body;
    const auto page = boost::json::parse(body);
    std::vector<std::string> texts;
    for (const auto& item : page.at("items").as_array())
      texts.push_back(boost::json::serialize(item));
    return texts;
  }
};

TEST_F(door_stream, shows_the_past_and_then_what_happens_as_the_list_does) {
  start();
  for (int i = 0; i < 3; ++i)
    receive(alice_number, "+15551230001", "past");
  auto live = stream("?after=0");
  ASSERT_EQ(live.answer().status, 101);
  auto seen = take(live, 4);
  for (int i = 0; i < 200; ++i)
    receive(spare_number, "+1555123" + std::to_string(1000 + i % 10), "live");
  const auto more = take(live, 200 + 2 * 10);
  seen.insert(seen.end(), more.begin(), more.end());
  EXPECT_EQ(seen, listed());
}

TEST_F(door_stream, without_a_position_begins_with_what_happens_next) {
  start();
  receive(alice_number, "+15551230001", "past");
  auto live = stream("");
  ASSERT_EQ(live.answer().status, 101);
  // The handshake's answer comes before the stream has its position: a first event settles it.
  receive(alice_number, "+15551230001", "now");
  const auto seen = take(live, 1);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(boost::json::parse(seen[0]).at("data").at("body").as_string(), "now");
}

TEST_F(door_stream, shows_only_its_own_organisation_and_the_types_it_asked_for) {
  start();
  auto other = stream("?after=0", "other-key");
  auto closed = stream("?after=0&types=conversation.closed");
  receive(alice_number, "+15551230001", "secret");
  const auto id = conversation_with("+15551230001");
  EXPECT_EQ(post("/v1/conversations/" + id + "/close", "{}").status, 200);
  ASSERT_EQ(exchange(callback(inbound(other_number, "+15551230001", "for oscar", "SM9"), "inbound",
                              "tw-other", "other-token"))
              .status,
            200);
  const auto seen = take(other, 2);
  ASSERT_EQ(seen.size(), 2U);
  for (const auto& text : seen)
    EXPECT_EQ(boost::json::parse(text).at("organization").as_string(), "other");
  const auto one = take(closed, 1);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(boost::json::parse(one[0]).at("type").as_string(), "conversation.closed");
}

/// Mission 9, roles: carol is an agent, and a member of support.
TEST_F(door_stream, shows_an_agent_only_what_the_agent_may_see) {
  start();
  receive(alice_number, "+15551230001", "for alice");
  receive(support_number, "+15551230002", "for support");
  auto live = stream("?after=0&types=conversation.message.created", "carol-key");
  ASSERT_EQ(live.answer().status, 101);
  receive(alice_number, "+15551230001", "for alice again");
  receive(support_number, "+15551230002", "for support again");
  for (const auto* body : {"for support", "for support again"}) {
    const auto seen = take(live, 1);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(boost::json::parse(seen[0]).at("data").at("body").as_string(), body);
  }
  EXPECT_EQ(stream("", "nobody-key").answer().status, 403) << "its user is no user any more";
}

TEST_F(door_stream, is_refused_like_any_request) {
  auto options = generous();
  options.streams_max = 1;
  start(options);
  EXPECT_EQ(stream("", "wrong").answer().status, 401);
  EXPECT_EQ(stream("", "read-key").answer().status, 403);
  EXPECT_EQ(stream("?types=nothing").answer().status, 400);
  EXPECT_EQ(stream("?after=x").answer().status, 400);
  EXPECT_EQ((http::websocket_peer{connect(), "/v1/events", bearer("demo-key")}).answer().status,
            404);
  EXPECT_EQ(get("/v1/stream").status, 400);
  auto first = stream("?after=0");
  ASSERT_EQ(first.answer().status, 101);
  receive(alice_number, "+15551230001", "x");
  ASSERT_EQ(take(first, 2).size(), 2U);  // It is open for certain.
  EXPECT_EQ(stream("").answer().status, 503);
}

TEST_F(door_stream, ends_with_its_position_when_the_broker_stops) {
  start();
  receive(alice_number, "+15551230001", "x");
  auto live = stream("?after=0");
  ASSERT_EQ(take(live, 2).size(), 2U);
  subject->stop_accepting();
  const auto end = live.read();
  ASSERT_EQ(end.opcode, http::opcode_close);
  EXPECT_EQ(http::websocket_peer::close_code(end), 1001);
  EXPECT_EQ(end.payload.substr(2), "last_seq=2");
}

TEST_F(door_stream, goes_with_its_reader) {
  start();
  for (int i = 0; i < 20; ++i) {
    auto live = stream("?after=0");
    ASSERT_EQ(live.answer().status, 101);
    live.socket().reset();
  }
  receive(alice_number, "+15551230001", "x");
  auto live = stream("?after=0");
  EXPECT_EQ(take(live, 2).size(), 2U);
}

}  // namespace
}  // namespace parley::ingress
