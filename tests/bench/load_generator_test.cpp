#include "bench/load_generator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/bench/answering_server.hpp"

namespace {

namespace bench = parley::bench;
namespace http = parley::http;
using bench::testing::answering_server;

bench::request_block posts(std::size_t count, std::size_t body_bytes = 10) {
  bench::request_block block;
  for (std::size_t i = 0; i < count; ++i)
    block.add("POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\nContent-Length: "
              + std::to_string(body_bytes) + "\r\n\r\n" + std::string(body_bytes, 'x'));
  return block;
}

http::response with_status(int status) {
  http::response answer;
  answer.status = status;
  answer.body = "{}";
  return answer;
}

TEST(load_generator, closed_loop_sends_each_request_once) {
  std::vector<int> seen(2000);
  answering_server server{[&](http::request& incoming) {
    ++seen[static_cast<std::size_t>(std::stoi(std::string{incoming.path.substr(1)}))];
    return with_status(200);
  }};
  const auto requests = posts(2000);
  bench::load_generator generator{{.target = server.at(), .connections = 16, .threads = 1}};
  std::vector<std::uint8_t> acknowledged(requests.size());

  const auto result = generator.run(
    {.requests = &requests, .first = 0, .count = 2000, .acknowledged = &acknowledged});

  EXPECT_EQ(result.sent, 2000U);
  EXPECT_EQ(result.succeeded, 2000U);
  EXPECT_EQ(result.latency_ns.count(), 2000U);
  EXPECT_EQ(result.lost + result.unanswered, 0U);
  EXPECT_EQ(seen, std::vector<int>(2000, 1));
  EXPECT_EQ(acknowledged, std::vector<std::uint8_t>(2000, 1));
}

TEST(load_generator, threads_share_the_requests) {
  std::atomic<int> seen{0};
  answering_server server{[&](http::request&) {
    ++seen;
    return with_status(200);
  }};
  const auto requests = posts(1001);
  bench::load_generator generator{{.target = server.at(), .connections = 7, .threads = 3}};
  const auto result = generator.run({.requests = &requests, .first = 1, .count = 1000});
  EXPECT_EQ(result.sent, 1000U);
  EXPECT_EQ(result.succeeded, 1000U);
  EXPECT_EQ(seen.load(), 1000);
}

TEST(load_generator, counts_refusals_by_status_and_not_as_latency) {
  int count = 0;
  answering_server server{
    [&](http::request&) { return with_status(++count % 4 == 0 ? 503 : 200); }};
  const auto requests = posts(400);
  bench::load_generator generator{{.target = server.at(), .connections = 4, .threads = 1}};
  std::vector<std::uint8_t> acknowledged(requests.size());
  const auto result = generator.run(
    {.requests = &requests, .first = 0, .count = 400, .acknowledged = &acknowledged});
  EXPECT_EQ(result.by_status.at(200), 300U);
  EXPECT_EQ(result.by_status.at(503), 100U);
  EXPECT_EQ(result.succeeded, 300U);
  EXPECT_EQ(result.failed(), 100U);
  EXPECT_EQ(result.latency_ns.count(), 300U);
  EXPECT_EQ(std::count(acknowledged.begin(), acknowledged.end(), 1), 300);
}

TEST(load_generator, goes_on_after_connections_broke) {
  int count = 0;
  answering_server server{[&](http::request&) { return with_status(++count % 10 == 0 ? 0 : 200); }};
  const auto requests = posts(500);
  bench::load_generator generator{{.target = server.at(), .connections = 4, .threads = 1}};
  const auto result = generator.run({.requests = &requests, .first = 0, .count = 500});
  EXPECT_EQ(result.sent, 500U);
  EXPECT_EQ(result.succeeded, 450U);
  EXPECT_EQ(result.lost, 50U);
  EXPECT_GE(result.reconnects, 46U);  // The last ones may not be needed any more.
}

TEST(load_generator, stops_at_the_first_loss_when_told_to) {
  int count = 0;
  answering_server server{[&](http::request&) { return with_status(++count == 50 ? 0 : 200); }};
  const auto requests = posts(10'000);
  bench::load_generator generator{{.target = server.at(), .connections = 4, .threads = 1}};
  const auto result
    = generator.run({.requests = &requests, .first = 0, .count = 10'000, .stop_on_loss = true});
  EXPECT_EQ(result.lost, 1U);
  EXPECT_LT(result.sent, 10'000U);
  EXPECT_EQ(result.sent, result.succeeded + result.lost);
}

TEST(load_generator, follows_a_connection_that_the_server_closes_after_each_answer) {
  answering_server server{[](http::request&) {
    auto answer = with_status(200);
    answer.close = true;
    return answer;
  }};
  const auto requests = posts(50);
  bench::load_generator generator{{.target = server.at(), .connections = 2, .threads = 1}};
  const auto result = generator.run({.requests = &requests, .first = 0, .count = 50});
  EXPECT_EQ(result.succeeded, 50U);
  EXPECT_EQ(result.lost, 0U);
}

TEST(load_generator, sends_requests_larger_than_a_socket_buffer) {
  std::size_t bytes = 0;
  answering_server server{[&](http::request& incoming) {
    bytes += incoming.body.size();
    return with_status(200);
  }};
  constexpr std::size_t body_bytes = 1024 * 1024;
  const auto requests = posts(20, body_bytes);
  bench::load_generator generator{{.target = server.at(), .connections = 2, .threads = 1}};
  const auto result = generator.run({.requests = &requests, .first = 0, .count = 20});
  EXPECT_EQ(result.succeeded, 20U);
  EXPECT_EQ(bytes, 20 * body_bytes);
}

TEST(load_generator, open_loop_keeps_its_schedule) {
  answering_server server{[](http::request&) { return with_status(200); }};
  const auto requests = posts(200);
  bench::load_generator generator{{.target = server.at(), .connections = 8, .threads = 1}};
  const auto result
    = generator.run({.requests = &requests, .first = 0, .count = 200, .rate_per_s = 1000});
  EXPECT_EQ(result.succeeded, 200U);
  // The last of 200 arrivals at 1,000/s is due 199 ms after the first, however fast the server is.
  EXPECT_GE(result.elapsed, std::chrono::milliseconds{199});
}

TEST(load_generator, open_loop_counts_waiting_in_the_generator) {
  answering_server server{[](http::request&) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});  // The work of a slow target.
    return with_status(200);
  }};
  const auto requests = posts(40);
  bench::load_generator generator{{.target = server.at(), .connections = 1, .threads = 1}};
  const auto result
    = generator.run({.requests = &requests, .first = 0, .count = 40, .rate_per_s = 100'000});
  // All 40 are due at once and the target takes 5 ms each: the last has waited for all of them,
  // although its own exchange took about 5 ms.
  EXPECT_EQ(result.succeeded, 40U);
  EXPECT_GE(result.latency_ns.max(), 190'000'000U);
  EXPECT_GE(result.latency_ns.at(0.5), 90'000'000U);
}

TEST(load_generator, ends_sending_after_its_duration) {
  answering_server server{[](http::request&) { return with_status(200); }};
  const auto requests = posts(1000);
  bench::load_generator generator{{.target = server.at(), .connections = 1, .threads = 1}};
  const auto result = generator.run({.requests = &requests,
                                     .first = 0,
                                     .count = 1000,
                                     .rate_per_s = 100,
                                     .duration = std::chrono::milliseconds{100}});
  EXPECT_GE(result.sent, 1U);
  EXPECT_LE(result.sent, 10U);
  EXPECT_EQ(result.sent, result.succeeded);
}

TEST(load_generator, open_loop_sends_what_is_late_after_its_duration) {
  answering_server server{[](http::request&) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});  // The work of a slow target.
    return with_status(200);
  }};
  const auto requests = posts(50);
  bench::load_generator generator{{.target = server.at(), .connections = 1, .threads = 1}};
  // Twenty are due within 20 ms and take 100 ms: leaving the late ones out would hide that.
  const auto result = generator.run({.requests = &requests,
                                     .first = 0,
                                     .count = 50,
                                     .rate_per_s = 1000,
                                     .duration = std::chrono::milliseconds{20}});
  EXPECT_EQ(result.sent, 20U);
  EXPECT_EQ(result.succeeded, 20U);
}

TEST(load_generator, gives_up_a_target_that_does_not_answer) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  answering_server server{[&](http::request&) {
    released.wait();
    return with_status(200);
  }};
  const auto requests = posts(10);
  bench::load_generator generator{{.target = server.at(),
                                   .connections = 2,
                                   .threads = 1,
                                   .patience = std::chrono::milliseconds{20}}};
  const auto result = generator.run({.requests = &requests, .first = 0, .count = 10});
  release.set_value();
  EXPECT_EQ(result.sent, 2U);
  EXPECT_EQ(result.unanswered, 2U);
  EXPECT_EQ(result.unsent, 8U);
}

TEST(load_generator, says_when_nobody_listens) {
  bench::endpoint nobody;
  {
    answering_server server{[](http::request&) { return with_status(200); }};
    nobody = server.at();
  }
  EXPECT_THROW((bench::load_generator{{.target = nobody, .connections = 1, .threads = 1}}),
               std::system_error);
}

}  // namespace
