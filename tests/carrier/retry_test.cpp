#include "parley/carrier/retry.hpp"

#include <gtest/gtest.h>

namespace parley::carrier {
namespace {

using namespace std::chrono_literals;
using kind = attempt_verdict::kind;

TEST(judge_attempt, an_exchange_lost_after_writing_has_an_unknown_outcome) {
  EXPECT_EQ(judge_attempt(false, true, 0, "").what, kind::unknown);
}

TEST(judge_attempt, a_request_that_was_never_written_may_be_tried_again) {
  EXPECT_EQ(judge_attempt(false, false, 0, "").what, kind::transient);
}

TEST(judge_attempt, keeps_the_carriers_code) {
  const auto verdict = judge_attempt(
    true, false, 400, R"({"code":21211,"message":"bad To","more_info":"","status":400})");
  EXPECT_EQ(verdict.what, kind::permanent);
  EXPECT_EQ(verdict.error_code, 21211);
}

TEST(judge_attempt, takes_the_sid_of_an_accepted_message) {
  const auto verdict
    = judge_attempt(true, false, 201, R"({"sid":"SM00000000000000000000000000000001"})");
  EXPECT_EQ(verdict.what, kind::accepted);
  EXPECT_EQ(verdict.provider_id, "SM00000000000000000000000000000001");
}

TEST(retry_delay, waits_5_s_30_s_5_min_30_min_and_then_gives_up) {
  EXPECT_EQ(retry_delay(1), 5s);
  EXPECT_EQ(retry_delay(2), 30s);
  EXPECT_EQ(retry_delay(3), 5min);
  EXPECT_EQ(retry_delay(4), 30min);
  EXPECT_EQ(retry_delay(5), std::nullopt);
}

/// 2026-10-21 07:28:00 UTC.
constexpr model::timestamp some_day{std::chrono::sys_days{std::chrono::October / 21 / 2026} + 7h
                                    + 28min};

TEST(throttle_pause, does_as_the_carrier_asks_within_reason) {
  EXPECT_EQ(throttle_pause(1, "7", some_day), 7s);
  EXPECT_EQ(throttle_pause(1, "0", some_day), 1s);
  EXPECT_EQ(throttle_pause(1, "999999", some_day), 1h);
}

TEST(throttle_pause, understands_the_date_until_which_the_carrier_wants_peace) {
  constexpr auto until = "Wed, 21 Oct 2026 07:28:00 GMT";
  EXPECT_EQ(throttle_pause(1, until, some_day - 90s), 90s);
  EXPECT_EQ(throttle_pause(1, until, some_day + 90s), 1s) << "it is past";
  EXPECT_EQ(throttle_pause(1, until, some_day - 48h), 1h);
}

TEST(throttle_pause, backs_off_when_the_carrier_says_nothing_it_can_read) {
  EXPECT_EQ(throttle_pause(1, "", some_day), 1s);
  EXPECT_EQ(throttle_pause(3, "soon", some_day), 4s);
  EXPECT_EQ(throttle_pause(60, "", some_day), 60s);
}

TEST(http_date, is_nothing_but_the_one_form_of_today) {
  EXPECT_EQ(http_date("Wed, 21 Oct 2026 07:28:00 GMT"), some_day);
  for (const auto* wrong :
       {"", "Wed, 21 Oct 2026 07:28:00 UTC", "Wed, 32 Oct 2026 07:28:00 GMT",
        "Wed, 29 Feb 2026 07:28:00 GMT", "Wed, 21 Okt 2026 07:28:00 GMT",
        "Wed, 21 Oct 2026 24:28:00 GMT", "Wed, 21 Oct 2026 07:60:00 GMT",
        "Wed, +1 Oct 2026 07:28:00 GMT", "Wed, 21 Oct -026 07:28:00 GMT",
        "Wednesday, 21-Oct-26 07:28:00 GMT", "Wed Oct 21 07:28:00 2026",
        "Wed, 21 Oct 2026 07:28:00 GMT "})
    EXPECT_EQ(http_date(wrong), std::nullopt) << wrong;
}

TEST(with_jitter, spreads_over_a_fifth_and_never_comes_earlier) {
  EXPECT_EQ(with_jitter(5s, 0.0), 5s);
  EXPECT_EQ(with_jitter(5s, 0.5), 5500ms);
  EXPECT_EQ(with_jitter(30min, 1.0), 36min);
}

}  // namespace
}  // namespace parley::carrier
