#include "parley/carrier/rate.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace parley::carrier {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr allowance strict(double units_per_s) {
  return {.units_per_s = units_per_s, .ahead_units = 0.0};
}

TEST(rate_limit, lets_the_first_message_start_at_once) {
  const rate_limit limit{strict(1.0)};
  EXPECT_LE(limit.next_start(), 0ns);
}

TEST(rate_limit, counts_segments_and_not_messages) {
  rate_limit limit{strict(2.0)};
  limit.start(0ns, 3);
  EXPECT_EQ(limit.next_start(), 1500ms);
  EXPECT_EQ(limit.next_start_behind(2), 2500ms);
}

TEST(rate_limit, saves_nothing_up_while_idle) {
  rate_limit limit{strict(1.0)};
  limit.start(0ns, 1);
  limit.start(100s, 1);
  EXPECT_EQ(limit.next_start(), 101s);
}

TEST(rate_limit, has_what_was_started_before_paid_for_at_the_rate_that_holds_now) {
  rate_limit limit{strict(1.0)};
  limit.start(0ns, 10);
  limit.change(5s, strict(0.1));
  EXPECT_EQ(limit.next_start(), 55s);
  limit.change(5s, strict(10.0));
  EXPECT_EQ(limit.next_start(), 5500ms);
}

TEST(rate_limit, lets_a_number_catch_up_20_ms) {
  const auto allowed = number_allowance(100.0);
  EXPECT_DOUBLE_EQ(allowed.ahead_units, 2.0);
  EXPECT_DOUBLE_EQ(number_allowance(1.0).ahead_units, 0.02);
}

TEST(rate_limit, takes_what_it_does_not_know_for_all_there_can_have_been) {
  rate_limit limit{{.units_per_s = 2.0, .ahead_units = 1.0}};
  limit.assume_used_up(10s, 24);
  EXPECT_EQ(limit.next_start(), 22s);
}

/// What was started, and how much could be paid for until then.
struct start {
  nanoseconds at{};
  std::uint32_t units = 0;
  double paid = 0;  ///< The rates over time until `at`.
};

/// No window may hold more than its rates pay for, `ahead_units` and one message.
void check_windows(const std::vector<start>& starts, double ahead_units) {
  std::uint32_t largest = 0;
  for (const auto& one : starts)
    largest = std::max(largest, one.units);
  for (std::size_t first = 0; first < starts.size(); ++first) {
    std::uint64_t sum = 0;
    for (std::size_t last = first; last < starts.size(); ++last) {
      sum += starts[last].units;
      const auto paid = starts[last].paid - starts[first].paid;
      RC_ASSERT(static_cast<double>(sum) <= paid + ahead_units + largest + 1e-6);
    }
  }
}

/// A sender as it lives: messages and retries come at any time, the carrier throttles, the
/// directory changes the rate, and the process dies and starts again without knowing what was.
TEST(rate_limit, I8_never_exceeds_what_the_rates_pay_for_plus_the_burst_over_any_window) {
  const bool holds = rc::check("no window holds more", [] {
    const std::vector<double> rates{0.1, 1.0, 3.0, 80.0, 999.0};
    auto per_s = *rc::gen::elementOf(rates);
    const auto ahead = *rc::gen::element(0.0, 0.02, 2.0, 44.0);
    rate_limit limit{{.units_per_s = per_s, .ahead_units = ahead}};
    nanoseconds now{0};
    double paid = 0;
    std::vector<start> starts;
    for (int i = 0; i < 200; ++i) {
      const auto longest = *rc::gen::element<std::int64_t>(1'000'000, 2'000'000'000);
      const nanoseconds step{*rc::gen::inRange<std::int64_t>(0, longest)};
      now += step;
      paid += per_s * std::chrono::duration<double>(step).count();
      const auto what = *rc::gen::inRange(0, 20);
      if (what == 0) {
        per_s = *rc::gen::elementOf(rates);
        limit.change(now, {.units_per_s = per_s, .ahead_units = ahead});
      } else if (what == 1) {
        limit = rate_limit{{.units_per_s = per_s, .ahead_units = ahead}};
        limit.assume_used_up(now, message_segments_max);
      } else if (limit.next_start() <= now) {
        const auto units = *rc::gen::inRange<std::uint32_t>(1, message_segments_max + 1);
        limit.start(now, units);
        starts.push_back({now, units, paid});
      }
    }
    check_windows(starts, ahead);
  });
  EXPECT_TRUE(holds);
}

TEST(pair_limits, give_each_person_45_messages_at_once_and_then_one_each_6_s) {
  pair_limits limits{whatsapp_pair, 1'000, -1h};
  for (int i = 0; i < 45; ++i) {
    ASSERT_LE(limits.next_start("ann", 1s), 1s) << i;
    limits.start("ann", 1s);
  }
  EXPECT_NEAR(std::chrono::duration<double>(limits.next_start("ann", 1s)).count(), 7.0, 1e-6);
  EXPECT_LE(limits.next_start("ben", 1s), 1s) << "somebody else's";
}

TEST(pair_limits, give_nobody_a_burst_when_it_is_not_known_what_was_sent_before) {
  pair_limits limits{whatsapp_pair, 1'000, 0s};
  EXPECT_NEAR(std::chrono::duration<double>(limits.next_start("ann", 1s)).count(), 6.0, 1e-6);
  limits.start("ann", 6001ms);
  EXPECT_NEAR(std::chrono::duration<double>(limits.next_start("ann", 7s)).count(), 12.0, 1e-6);
  EXPECT_LE(limits.next_start("ben", 271s), 271s);
}

TEST(pair_limits, I12_let_those_go_who_have_paid) {
  pair_limits limits{whatsapp_pair, 1'000'000, -1h};
  nanoseconds now{0};
  for (int i = 0; i < 20'000; ++i) {
    now += 12'500us;  // 80 messages a second.
    const auto whom = "+1555" + std::to_string(i);
    ASSERT_LE(limits.next_start(whom, now), now);
    limits.start(whom, now);
    ASSERT_LE(limits.size(), 2U * 480U + 64U);
  }
}

TEST(pair_limits, I12_let_somebody_new_wait_when_there_are_too_many) {
  pair_limits limits{whatsapp_pair, 10, -1h};
  for (int i = 0; i < 10; ++i)
    limits.start(std::to_string(i), std::chrono::seconds{i});
  EXPECT_EQ(std::llround(std::chrono::duration<double>(limits.next_start("new", 5s)).count()), 6);
  EXPECT_EQ(limits.size(), 10U);
  EXPECT_LE(limits.next_start("9", 9s), 9s) << "who has a place has it";
  EXPECT_LE(limits.next_start("new", 6001ms), 6001ms);
}

TEST(pair_limits, I8_never_exceed_anybodys_allowance_over_any_window_and_restart) {
  const bool holds = rc::check("no window of a pair holds more", [] {
    const auto places = *rc::gen::element<std::size_t>(2, 100);
    pair_limits limits{whatsapp_pair, places, -1h};
    nanoseconds now{0};
    std::vector<std::vector<start>> starts(4);
    for (int i = 0; i < 300; ++i) {
      now += nanoseconds{*rc::gen::inRange<std::int64_t>(0, 3'000'000'000)};
      if (*rc::gen::inRange(0, 100) == 0)
        limits = pair_limits{whatsapp_pair, places, now};
      const auto whom = *rc::gen::inRange<std::size_t>(0, starts.size());
      for (int n = *rc::gen::element(1, 60); n > 0; --n) {
        if (limits.next_start(std::to_string(whom), now) > now)
          break;
        limits.start(std::to_string(whom), now);
        starts[whom].push_back({now, 1, std::chrono::duration<double>(now).count() / 6.0});
        RC_ASSERT(limits.size() <= places);
      }
    }
    for (const auto& one : starts)
      check_windows(one, whatsapp_pair.ahead_units);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace parley::carrier
