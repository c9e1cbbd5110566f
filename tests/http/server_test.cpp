#include "parley/http/server.hpp"

#include "tests/http/loopback.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <vector>

namespace parley::http {

namespace {

TEST(http_server, answers_many_requests_on_one_connection) {
  running_server server;
  auto peer = server.connect();
  for (int i = 0; i < 50; ++i) {
    const auto body = "number " + std::to_string(i);
    ASSERT_TRUE(peer.send(post("/", body)));
    const auto answer = peer.read_response();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, body);
    EXPECT_EQ(answer->headers.at("content-type"), "text/plain");
  }
  EXPECT_EQ(server.subject.counts().connections_total, 1u);
  EXPECT_EQ(server.subject.counts().requests_total, 50u);
}

TEST(http_server, presents_the_request) {
  running_server server;
  server.owner.on_handle = [&](request& incoming, ticket where) {
    response what;
    what.body = std::string{incoming.target} + '|' + std::string{incoming.path} + '|'
                + std::string{incoming.query} + '|' + std::string{incoming.header("x-mark")} + '|'
                + std::string{incoming.header("absent")} + '|'
                + (incoming.method == method::put ? "put" : "other") + '|' + incoming.body;
    server.subject.answer(where, std::move(what));
  };
  auto peer = server.connect();
  ASSERT_TRUE(
    peer.send("PUT /a%20b?c=%26&d HTTP/1.1\r\nHost: h\r\nX-MARK:  first \r\nX-Mark: second"
              "\r\nContent-Length: 2\r\n\r\nok"));
  EXPECT_EQ(peer.read_response()->body, "/a%20b?c=%26&d|/a%20b|c=%26&d|first||put|ok");
  ASSERT_TRUE(peer.send("GET http://h:80/x?y HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(peer.read_response()->body, "http://h:80/x?y|/x|y|||other|");
}

TEST(http_server, keeps_pipelined_requests_in_order) {
  running_server server;
  auto peer = server.connect();
  std::string all;
  constexpr int count = 500;
  for (int i = 0; i < count; ++i)
    all += post("/", std::to_string(i));
  std::thread writer{[&] { EXPECT_TRUE(peer.send(all)); }};
  for (int i = 0; i < count; ++i) {
    const auto answer = peer.read_response();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->body, std::to_string(i));
  }
  writer.join();
}

TEST(http_server, reads_requests_that_arrive_byte_by_byte) {
  running_server server;
  auto peer = server.connect();
  for (const char byte : post("/", "slow but sure", "X-Some-Field: with a value\r\n"))
    ASSERT_TRUE(peer.send({&byte, 1}));
  EXPECT_EQ(peer.read_response()->body, "slow but sure");
}

TEST(http_server, reads_chunked_and_large_bodies) {
  running_server server;
  auto peer = server.connect();
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_TRUE(peer.send(head + "5;ext=1\r\nhello\r\n7\r\n, world\r\n0\r\nTrailer: x\r\n\r\n"));
  EXPECT_EQ(peer.read_response()->body, "hello, world");
  std::string large;
  while (large.size() < 900'000)
    large += "line " + std::to_string(large.size()) + "\n";
  std::thread writer{[&] { EXPECT_TRUE(peer.send(post("/", large))); }};
  EXPECT_EQ(peer.read_response()->body, large);
  writer.join();
}

TEST(http_server, invites_a_body_that_waits) {
  running_server server;
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
                        "Expect: 100-continue\r\n\r\n"));
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(peer.send("body"));
  EXPECT_EQ(peer.read_response()->body, "body");
}

TEST(http_server, obeys_the_connection_field_and_the_version) {
  running_server server;
  auto closing = server.connect();
  ASSERT_TRUE(closing.send(get("/", "Connection: close\r\n")));
  EXPECT_EQ(closing.read_response()->headers.at("connection"), "close");
  EXPECT_TRUE(closing.at_end());
  auto old = server.connect();
  ASSERT_TRUE(old.send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(old.read_response()->status, 200);
  EXPECT_TRUE(old.at_end());
  auto old_kept = server.connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(old_kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_EQ(old_kept.read_response()->headers.at("connection"), "keep-alive");
  }
}

TEST(http_server, sends_no_body_where_there_may_be_none) {
  const auto ready = prepare(200, "text/plain", "prepared");  // Never owned: outlives the server.
  running_server server;
  server.owner.on_handle = [&](request& incoming, ticket where) {
    response what;
    what.body = "text";
    if (incoming.path == "/prepared")
      what.prepared = &ready;
    if (incoming.path == "/nothing")
      what.status = 204;
    server.subject.answer(where, std::move(what));
  };
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(peer.read_response(true)->headers.at("content-length"), "4");
  ASSERT_TRUE(peer.send("HEAD /prepared HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(peer.read_response(true)->headers.at("content-length"), "8");
  ASSERT_TRUE(peer.send(get("/nothing")));
  EXPECT_FALSE(peer.read_response()->headers.contains("content-length"));
  ASSERT_TRUE(peer.send(get("/prepared")));
  EXPECT_EQ(peer.read_response()->body, "prepared");
}

TEST(http_server, lets_nobody_split_an_answer) {
  running_server server;
  server.owner.on_handle = [&](request&, ticket where) {
    response what;
    what.headers = {{"X-A", "1\r\nX-Injected: 1"},
                    {"X-B\r\nX-Injected", "1"},
                    {"Content-Length", "999"},
                    {"Retry-After", "1"}};
    what.body = "b";
    server.subject.answer(where, std::move(what));
  };
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/")));
  const auto answer = peer.read_response();
  EXPECT_FALSE(answer->headers.contains("x-injected"));
  EXPECT_EQ(answer->headers.at("retry-after"), "1");
  EXPECT_EQ(answer->body, "b");
}

TEST(http_server, survives_a_handler_that_throws) {
  running_server server;
  server.owner.on_handle = [](request&, ticket) { throw std::runtime_error{"on purpose"}; };
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/")));
  EXPECT_EQ(peer.read_response()->status, 500);
  EXPECT_TRUE(peer.at_end());
}

/// Requests that were handed over and wait for the test to answer them.
class waiting_requests {
public:
  void add(ticket where) {
    const std::lock_guard lock{mutex_};
    tickets_.push_back(where);
    more_.notify_all();
  }
  std::vector<ticket> wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    more_.wait(lock, [&] { return tickets_.size() >= count; });
    return std::exchange(tickets_, {});
  }

private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<ticket> tickets_;
};

TEST(http_server, takes_answers_in_batches_from_another_thread) {
  const auto ready = prepare(200, "text/plain", "ready");
  waiting_requests waiting;
  running_server server;
  server.owner.on_handle = [&](request&, ticket where) { waiting.add(where); };
  constexpr std::size_t count = 40;
  std::vector<tcp_peer> peers;
  for (std::size_t i = 0; i < count; ++i)
    peers.push_back(server.connect());
  for (int round = 0; round < 20; ++round) {
    for (const auto& peer : peers)
      ASSERT_TRUE(peer.send(get("/")));
    std::vector<std::pair<ticket, response>> answers;
    std::set<std::uint32_t> lanes;
    for (const auto& where : waiting.wait_for(count)) {
      lanes.insert(where.lane);
      answers.emplace_back(where, response{}).second.prepared = &ready;
    }
    EXPECT_EQ(lanes.size(), 2u);
    server.subject.answer(answers);
    for (auto& peer : peers)
      ASSERT_EQ(peer.read_response()->body, "ready");
  }
}

TEST(http_server, ignores_stale_answers) {
  waiting_requests waiting;
  running_server server;
  server.owner.on_handle = [&](request&, ticket where) { waiting.add(where); };
  const auto text = [](const char* body) {
    response what;
    what.body = body;
    return what;
  };
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/")));
  const auto first = waiting.wait_for(1).front();
  server.subject.answer(first, text("one"));
  EXPECT_EQ(peer.read_response()->body, "one");
  ASSERT_TRUE(peer.send(get("/")));
  const auto second = waiting.wait_for(1).front();
  EXPECT_NE(first, second);
  // The right answer comes last, on the same lane: whatever came before it was ignored.
  server.subject.answer(first, text("stale"));
  server.subject.answer(ticket{}, text("nobody's"));
  server.subject.answer(ticket{7, 7, 7}, text("no such lane"));
  server.subject.answer(ticket{second.lane, 70000, 7}, text("no such slot"));
  server.subject.answer(second, text("two"));
  EXPECT_EQ(peer.read_response()->body, "two");
  server.subject.answer(second, text("again"));
  ASSERT_TRUE(peer.send(get("/")));
  server.subject.answer(waiting.wait_for(1).front(), text("three"));
  EXPECT_EQ(peer.read_response()->body, "three");
}

TEST(http_server, drops_the_answer_of_a_connection_that_has_gone) {
  waiting_requests waiting;
  running_server server;
  server.owner.on_handle = [&](request&, ticket where) { waiting.add(where); };
  auto gone = server.connect();
  ASSERT_TRUE(gone.send(get("/")));
  const auto where = waiting.wait_for(1).front();
  gone.reset();
  response large;
  large.body.assign(1'000'000, 'x');
  server.subject.answer(where, large);
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/")));
  server.subject.answer(waiting.wait_for(1).front(), response{});
  EXPECT_EQ(peer.read_response()->status, 200);
}

TEST(http_server, runs_work_on_its_lanes) {
  running_server server;
  std::mutex mutex;
  std::condition_variable done;
  std::set<std::thread::id> threads;
  for (std::uint32_t lane = 0; lane < 2; ++lane)
    server.subject.post(lane, [&] {
      const std::lock_guard lock{mutex};
      threads.insert(std::this_thread::get_id());
      done.notify_all();
    });
  std::unique_lock lock{mutex};
  done.wait(lock, [&] { return threads.size() == 2; });
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST(http_server, refuses_connections_beyond_the_limit) {
  auto options = options_for_tests();
  options.connections_max = 3;
  running_server server{options};
  std::vector<tcp_peer> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(server.connect());
    ASSERT_TRUE(peers.back().send(get("/")));
    ASSERT_TRUE(peers.back().read_response());
  }
  EXPECT_TRUE(server.connect().at_end());
  EXPECT_EQ(server.subject.counts().connections_refused, 1u);
  EXPECT_EQ(server.subject.counts().connections_open, 3u);
  ASSERT_TRUE(peers.back().send(get("/", "Connection: close\r\n")));
  ASSERT_TRUE(peers.back().read_response());
  ASSERT_TRUE(peers.back().at_end());
  peers.pop_back();
  while (server.subject.counts().connections_open == 3)
    std::this_thread::yield();
  auto next = server.connect();
  ASSERT_TRUE(next.send(get("/")));
  EXPECT_TRUE(next.read_response());
}

TEST(http_server, refuses_an_address_in_use) {
  running_server server;
  auto options = options_for_tests();
  options.port = server.subject.port();
  scripted_handler owner;
  http::server second{options, owner};
  EXPECT_THROW(second.start(), std::system_error);
}

TEST(http_server, finishes_what_is_in_flight_when_it_stops_accepting) {
  waiting_requests waiting;
  auto options = options_for_tests();
  options.lanes
    = 1;  // So that the end of the one connection shows what the other one's lane knows.
  running_server server{options};
  server.owner.on_handle = [&](request&, ticket where) { waiting.add(where); };
  auto idle = server.connect();
  ASSERT_TRUE(idle.send(get("/")));
  server.subject.answer(waiting.wait_for(1).front(), response{});
  ASSERT_TRUE(idle.read_response());
  auto busy = server.connect();
  ASSERT_TRUE(busy.send(get("/")));
  const auto where = waiting.wait_for(1).front();
  server.subject.stop_accepting();
  EXPECT_TRUE(idle.at_end());
  server.subject.answer(where, response{});
  EXPECT_EQ(busy.read_response()->headers.at("connection"), "close");
  EXPECT_TRUE(busy.at_end());
  EXPECT_THROW(server.connect(), std::system_error);
}

TEST(http_server, stops_with_requests_in_flight_and_ignores_late_answers) {
  waiting_requests waiting;
  std::vector<ticket> late;
  running_server server;
  server.owner.on_handle = [&](request&, ticket where) { waiting.add(where); };
  std::vector<tcp_peer> peers;
  for (int i = 0; i < 10; ++i) {
    peers.push_back(server.connect());
    ASSERT_TRUE(peers.back().send(get("/")));
  }
  late = waiting.wait_for(10);
  auto half = server.connect();
  ASSERT_TRUE(half.send("GET / HT"));
  std::atomic<bool> going{true};
  std::thread answering{[&] {
    while (going)
      server.subject.answer(late.front(), response{});
  }};
  server.subject.stop();
  server.subject.stop();
  going = false;
  answering.join();
  for (const auto& where : late)
    server.subject.answer(where, response{});
  server.subject.post(0, [] { FAIL() << "nobody is there to run this"; });
  for (auto& peer : peers) {
    const auto answer = peer.read_response();  // One of them may have got its answer in time.
    EXPECT_EQ(answer ? answer->status : 200, 200);
  }
  EXPECT_EQ(server.subject.counts().connections_open, 0u);
}

TEST(http_server, can_be_ended_without_being_started) {
  scripted_handler owner;
  server never{options_for_tests(), owner};
  never.answer({}, {});
  never.stop_accepting();
}

}  // namespace

}  // namespace parley::http
