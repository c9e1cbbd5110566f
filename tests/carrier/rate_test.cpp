#include "parley/carrier/rate.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace parley::carrier {
namespace {

using std::chrono::nanoseconds;

TEST(rate_limit, lets_the_first_message_start_at_once) {
  const rate_limit limit{1.0};
  EXPECT_LE(limit.next_start(), nanoseconds{0});
}

TEST(rate_limit, counts_segments_and_not_messages) {
  rate_limit limit{2.0};
  limit.start(nanoseconds{0}, 3);
  EXPECT_EQ(limit.next_start(), nanoseconds{1'500'000'000});
}

TEST(rate_limit, saves_nothing_up_while_idle) {
  rate_limit limit{1.0};
  limit.start(nanoseconds{0}, 1);
  limit.start(nanoseconds{100'000'000'000}, 1);
  EXPECT_EQ(limit.next_start(), nanoseconds{101'000'000'000});
}

TEST(rate_limit, I8_never_exceeds_rate_times_window_plus_one_message_over_any_window) {
  const bool holds = rc::check("no window holds more", [] {
    const auto per_s = *rc::gen::element(0.1, 1.0, 3.0, 80.0, 999.0);
    rate_limit limit{per_s};
    nanoseconds now{0};
    std::vector<std::pair<nanoseconds, std::uint32_t>> starts;
    std::uint32_t largest = 0;
    for (int i = 0; i < 200; ++i) {
      now += nanoseconds{*rc::gen::inRange<std::int64_t>(0, 2'000'000'000)};
      if (limit.next_start() > now)
        continue;
      const auto units = *rc::gen::inRange<std::uint32_t>(1, 12);
      limit.start(now, units);
      starts.emplace_back(now, units);
      largest = std::max(largest, units);
    }
    for (std::size_t first = 0; first < starts.size(); ++first) {
      std::uint64_t sum = 0;
      for (std::size_t last = first; last < starts.size(); ++last) {
        sum += starts[last].second;
        const auto window = std::chrono::duration<double>(starts[last].first - starts[first].first);
        RC_ASSERT(static_cast<double>(sum) <= per_s * window.count() + largest + 1e-6);
      }
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace parley::carrier
