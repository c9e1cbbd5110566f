#include "bench/receipts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace {

namespace bench = parley::bench;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

bench::send_record with_text(std::string text, clock::time_point at) {
  bench::send_record request;
  request.body = std::move(text);
  request.received = at;
  return request;
}

TEST(receipts, keep_what_has_a_number_in_order) {
  bench::receipts got;
  got.note(with_text("Your order #5", {}));
  got.note(with_text("a note of somebody else", {}));
  got.note(with_text("Your order #4", {}));
  ASSERT_EQ(got.count(), 2U);
  EXPECT_EQ(got.since(0)[0].ordinal, 5U);
  EXPECT_EQ(got.since(1)[0].ordinal, 4U);
  EXPECT_TRUE(got.since(3).empty());
}

TEST(receipts, wait_no_longer_than_nothing_comes) {
  bench::receipts got;
  got.note(with_text("#0", {}));
  EXPECT_TRUE(got.wait_for(1, 30s));
  EXPECT_FALSE(got.wait_for(2, 0s));
}

TEST(receipts, measure_from_the_intended_time_and_each_message_once) {
  const clock::time_point start{};
  const std::vector<clock::time_point> intended{start, start + 1s, start + 2s};
  const std::vector<bench::receipt> got{{.ordinal = 0, .at = start + 500ms},
                                        {.ordinal = 1, .at = start + 1400ms},
                                        {.ordinal = 1, .at = start + 9s},
                                        {.ordinal = 7, .at = start + 9s}};
  bench::load_result accepted;
  accepted.sent = 3;
  const auto way = bench::end_to_end(got, intended, accepted);
  EXPECT_EQ(way.sent, 3U);
  EXPECT_EQ(way.succeeded, 2U);
  EXPECT_EQ(way.failed(), 1U);
  EXPECT_EQ(way.latency_ns.count(), 2U);
  EXPECT_EQ(way.latency_ns.max(), 500'000'000U);
  EXPECT_EQ(way.elapsed, 1400ms);
  EXPECT_EQ(way.answered.per_second(), (std::vector<std::uint64_t>{1, 1}));
}

}  // namespace
