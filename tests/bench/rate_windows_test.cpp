#include "bench/rate_windows.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace {

using parley::bench::check_rates;
using namespace std::chrono_literals;
using times = std::vector<std::chrono::steady_clock::time_point>;

/// `count` messages at this distance, the first at `begin`.
times evenly(std::size_t count, std::chrono::milliseconds distance,
             std::chrono::milliseconds begin = 0ms) {
  times result;
  for (std::size_t i = 0; i < count; ++i)
    result.emplace_back(begin + distance * static_cast<int>(i));
  return result;
}

TEST(rate_windows, a_number_at_its_rate_achieves_all_of_it) {
  const auto findings = check_rates({evenly(100, 100ms)}, {.rate_per_s = 10, .burst = 1});
  EXPECT_TRUE(findings.within());
  EXPECT_DOUBLE_EQ(findings.achieved_mean, 1.0);
  ASSERT_EQ(findings.windows.size(), 3U);
  EXPECT_EQ(findings.windows[0].worst, 10U);  // The eleventh is a whole second after the first.
  EXPECT_EQ(findings.windows[0].allowed, 11.0);
  EXPECT_EQ(findings.windows[1].worst, 100U);
}

TEST(rate_windows, one_number_too_fast_for_a_second_is_found) {
  auto fast = evenly(12, 50ms, 30'000ms);
  const auto findings
    = check_rates({evenly(100, 100ms), fast, evenly(50, 100ms)}, {.rate_per_s = 10, .burst = 1});
  EXPECT_FALSE(findings.within());
  EXPECT_EQ(findings.windows[0].worst, 12U);
  EXPECT_EQ(findings.numbers, 3U);
  EXPECT_DOUBLE_EQ(findings.achieved_max, 2.0);
}

TEST(rate_windows, what_the_way_alone_can_make_is_no_proof) {
  // Ten a second, of which the first were held up for 200 ms: the second after looks fuller.
  auto held_up = evenly(30, 100ms);
  held_up[0] = held_up[1] = held_up[2];
  held_up.insert(held_up.begin() + 3, held_up[2]);
  const auto strict = check_rates({held_up}, {.rate_per_s = 10, .burst = 1});
  EXPECT_EQ(strict.windows[0].worst, 13U);
  EXPECT_FALSE(strict.within());
  const auto lenient = check_rates({held_up}, {.rate_per_s = 10, .burst = 1, .slack_s = 0.2});
  EXPECT_EQ(lenient.windows[0].worst, 13U);
  EXPECT_TRUE(lenient.within());
}

TEST(rate_windows, the_longer_windows_count_too) {
  // Never more than two in a second, but 14 in ten.
  times pairs;
  for (int second = 0; second < 7; ++second) {
    pairs.emplace_back(1'400ms * second);
    pairs.emplace_back(1'400ms * second);
  }
  const auto findings = check_rates({pairs}, {.rate_per_s = 1, .burst = 1});
  EXPECT_EQ(findings.windows[0].worst, 2U);
  EXPECT_EQ(findings.windows[1].worst, 14U);
  EXPECT_FALSE(findings.within());
}

TEST(rate_windows, what_came_slowly_says_so) {
  const auto findings
    = check_rates({evenly(11, 200ms), evenly(1, 1ms), {}}, {.rate_per_s = 10, .burst = 1});
  EXPECT_DOUBLE_EQ(findings.achieved_min, 0.5);
  EXPECT_EQ(findings.numbers, 1U);  // Of one message or none no rate can be told.
  EXPECT_EQ(findings.messages, 12U);
}

}  // namespace
