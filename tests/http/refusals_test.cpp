#include "tests/http/loopback.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace parley::http {

namespace {

/// Bytes that the server refuses, and how.
struct refusal_case {
  const char* name;
  std::string bytes;
  int status;
};

class http_refusals : public ::testing::TestWithParam<refusal_case> {};

TEST_P(http_refusals, answers_and_closes) {
  running_server server;
  server.owner.on_handle = [](request&, ticket) { FAIL() << "the handler saw it"; };
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(GetParam().bytes));
  const auto answer = peer.read_response();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, GetParam().status);
  EXPECT_EQ(answer->headers.at("connection"), "close");
  EXPECT_FALSE(answer->body.empty());
  EXPECT_TRUE(peer.at_end());
}

std::string many_fields() {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 2000; ++i)
    bytes += "X-Field-" + std::to_string(i) + ": v\r\n";
  return bytes + "\r\n";
}

const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";

INSTANTIATE_TEST_SUITE_P(
  all, http_refusals,
  ::testing::Values(
    refusal_case{"no_http", "\x16\x03\x01 hello\r\n\r\n", 400},
    refusal_case{"bad_version", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400},
    refusal_case{"bad_target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    refusal_case{"bad_field", "GET / HTTP/1.1\r\nHost: h\r\nbroken\r\n\r\n", 400},
    refusal_case{"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
    refusal_case{"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    refusal_case{"folded_field", "GET / HTTP/1.1\r\nHost: h\r\nX-A: b\r\n c\r\n\r\n", 400},
    refusal_case{"bad_length", head + "Content-Length: x\r\n\r\n", 400},
    refusal_case{"two_lengths", head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
    refusal_case{"length_and_chunked",
                 head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    refusal_case{"unknown_coding", head + "Transfer-Encoding: gzip\r\n\r\nx", 400},
    refusal_case{"bad_chunk", head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
    refusal_case{"endless_chunk_extension",
                 head + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(200'000, 'a'), 400},
    refusal_case{"long_target", "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n", 431},
    refusal_case{"long_field",
                 "GET / HTTP/1.1\r\nHost: h\r\nX-A: " + std::string(20'000, 'a') + "\r\n\r\n", 431},
    refusal_case{"many_fields", many_fields(), 431},
    refusal_case{"announced_too_large", head + "Content-Length: 2000000\r\n\r\n", 413},
    refusal_case{"announced_absurd", head + "Content-Length: 18446744073709551615\r\n\r\n", 413},
    refusal_case{"announced_too_large_for_the_path",
                 "POST /small?x HTTP/1.1\r\nHost: h\r\nContent-Length: 17\r\n\r\n", 413},
    refusal_case{"expected_too_large",
                 head + "Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n", 413},
    refusal_case{"chunked_too_large",
                 "POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "a\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
                 413},
    refusal_case{"chunk_absurd", head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                 413}),
  [](const auto& instance) { return instance.param.name; });

TEST(http_limits, are_inclusive) {
  running_server server;
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(post("/small", "0123456789abcdef")));
  EXPECT_EQ(peer.read_response()->status, 200);
}

/// The answer must reach a client that is still busy sending what nobody will read.
TEST(http_limits, answers_before_a_large_body_is_sent) {
  running_server server;
  auto peer = server.connect();
  const auto bytes = head + "Content-Length: 50000000\r\n\r\n" + std::string(3'000'000, 'x');
  std::thread writer{[&] { static_cast<void>(peer.send(bytes)); }};
  const auto answer = peer.read_response();
  writer.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
}

TEST(http_limits, counts_fields_that_arrive_one_by_one) {
  running_server server;
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("GET / HTTP/1.1\r\nHost: h\r\n"));
  for (int i = 0; i < 200; ++i)
    if (!peer.send("X-Field: " + std::string(200, 'a') + "\r\n"))
      break;
  EXPECT_EQ(peer.read_response()->status, 431);
}

server_options with_timeouts(std::chrono::milliseconds read, std::chrono::milliseconds idle,
                             std::chrono::milliseconds write) {
  auto options = options_for_tests();
  options.read_timeout = read;
  options.idle_timeout = idle;
  options.write_timeout = write;
  return options;
}

constexpr std::chrono::milliseconds soon{100};
constexpr std::chrono::milliseconds far{60'000};

TEST(http_timeouts, end_an_idle_connection_silently) {
  running_server server{with_timeouts(far, soon, far)};
  auto fresh = server.connect();
  auto used = server.connect();
  ASSERT_TRUE(used.send(get("/")));
  ASSERT_TRUE(used.read_response());
  EXPECT_TRUE(fresh.at_end());
  EXPECT_TRUE(used.at_end());
  EXPECT_EQ(server.subject.counts().timeouts_total, 2u);
}

TEST(http_timeouts, end_a_request_that_trickles) {
  running_server server{with_timeouts(soon, far, far)};
  server.owner.body_bytes = 1'000'000'000;
  auto peer = server.connect();
  std::atomic<bool> going{true};
  std::thread trickle{[&] {
    static_cast<void>(peer.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n"));
    while (going && peer.send("x"))
      std::this_thread::yield();
  }};
  const auto answer = peer.read_response();
  going = false;
  trickle.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
}

TEST(http_timeouts, end_a_header_that_never_ends) {
  running_server server{with_timeouts(soon, far, far)};
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("GET / HTTP/1.1\r\nHo"));
  EXPECT_EQ(peer.read_response()->status, 408);
  EXPECT_TRUE(peer.at_end());
}

TEST(http_timeouts, end_a_reader_that_does_not_read) {
  running_server server{with_timeouts(far, far, soon)};
  server.owner.on_handle = [&](request&, ticket where) {
    response what;
    what.body.assign(32'000'000, 'x');
    server.subject.answer(where, std::move(what));
  };
  auto peer = server.connect(4096);
  ASSERT_TRUE(peer.send(get("/")));
  while (server.subject.counts().timeouts_total == 0)
    std::this_thread::yield();
  std::string got;
  EXPECT_LT(peer.read(32'000'000).size(), 32'000'000u);
}

/// Only the peer's silence is limited, not the work on its request.
TEST(http_timeouts, leave_a_request_alone_that_waits_for_its_answer) {
  ticket where;
  std::atomic<bool> waiting{false};
  running_server server{with_timeouts(soon, soon, soon)};
  server.owner.on_handle = [&](request& incoming, ticket given) {
    if (incoming.path == "/other") {
      server.subject.answer(given, response{});
      return;
    }
    where = given;
    waiting = true;
  };
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/")));
  while (!waiting)
    std::this_thread::yield();
  for (int i = 0; i < 3; ++i) {  // Each ends only by a sweep that came after the wait began.
    auto witness = server.connect();
    EXPECT_TRUE(witness.at_end());
  }
  server.subject.answer(where, response{});
  EXPECT_EQ(peer.read_response()->status, 200);
}

TEST(http_timeouts, give_a_slow_reader_its_whole_answer) {
  running_server server;
  server.owner.on_handle = [&](request&, ticket where) {
    response what;
    for (int i = 0; what.body.size() < 3'000'000; ++i)
      what.body += std::to_string(i);
    server.subject.answer(where, std::move(what));
  };
  auto peer = server.connect(4096);
  ASSERT_TRUE(peer.send(get("/") + get("/")));
  const auto first = peer.read_response();
  const auto second = peer.read_response();
  ASSERT_TRUE(first && second);
  EXPECT_GE(first->body.size(), 3'000'000u);
  EXPECT_EQ(first->body, second->body);
}

}  // namespace

}  // namespace parley::http
