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

TEST(throttle_pause, does_as_the_carrier_asks_within_reason) {
  EXPECT_EQ(throttle_pause(1, "7"), 7s);
  EXPECT_EQ(throttle_pause(1, "0"), 1s);
  EXPECT_EQ(throttle_pause(1, "999999"), 1h);
}

TEST(throttle_pause, backs_off_when_the_carrier_says_nothing_it_can_read) {
  EXPECT_EQ(throttle_pause(1, ""), 1s);
  EXPECT_EQ(throttle_pause(3, "Wed, 21 Oct 2026 07:28:00 GMT"), 4s);
  EXPECT_EQ(throttle_pause(60, ""), 60s);
}

}  // namespace
}  // namespace parley::carrier
