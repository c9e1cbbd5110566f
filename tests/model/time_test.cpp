#include "parley/model/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>

namespace parley::model {
namespace {

using namespace std::chrono_literals;

struct time_case {
  const char* text;
  std::int64_t ms;
};

class rfc3339_reads : public ::testing::TestWithParam<time_case> {};

TEST_P(rfc3339_reads, as) {
  const auto at = from_rfc3339(GetParam().text);
  ASSERT_TRUE(at) << GetParam().text;
  EXPECT_EQ(at->time_since_epoch().count(), GetParam().ms) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(texts, rfc3339_reads,
                         ::testing::Values(time_case{"1970-01-01T00:00:00Z", 0},
                                           time_case{"1970-01-01T00:00:00.678Z", 678},
                                           time_case{"1970-01-01t00:00:01.5z", 1500},
                                           time_case{"1970-01-01T00:00:00.0009Z", 0},
                                           time_case{"1970-01-01T00:00:00.123456789Z", 123},
                                           time_case{"1969-12-31T23:59:59.999Z", -1},
                                           time_case{"1970-01-01T01:00:00+01:00", 0},
                                           time_case{"1969-12-31T19:30:00-04:30", 0},
                                           time_case{"1970-01-01T00:00:00-00:00", 0},
                                           time_case{"2024-02-29T00:00:00Z", 1'709'164'800'000},
                                           time_case{"2016-12-31T23:59:60Z", 1'483'228'800'000},
                                           time_case{"2017-01-01T00:59:60+01:00",
                                                     1'483'228'800'000}));

class rfc3339_refuses : public ::testing::TestWithParam<const char*> {};

TEST_P(rfc3339_refuses, what_is_no_time) {
  EXPECT_FALSE(from_rfc3339(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
  texts, rfc3339_refuses,
  ::testing::Values("", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z",
                    "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Z ", " 2026-01-02T03:04:05Z",
                    "2026-13-02T03:04:05Z", "2026-00-02T03:04:05Z", "2026-01-00T03:04:05Z",
                    "2026-02-29T03:04:05Z", "2026-04-31T03:04:05Z", "2026-01-02T24:00:00Z",
                    "2026-01-02T03:60:00Z", "2026-01-02T03:04:61Z", "2026-01-02T03:04:60Z",
                    "2026-01-02T03:04:05+0100", "2026-01-02T03:04:05+24:00",
                    "2026-01-02T03:04:05+01:60", "2026-1-02T03:04:05Z", "+026-01-02T03:04:05Z",
                    "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
                    "2026-01-02T03:04:05.1234567890123456789012345678901234567890123456Z"));

TEST(rfc3339_writes, utc_with_milliseconds) {
  EXPECT_EQ(to_rfc3339(timestamp{0ms}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(timestamp{-1ms}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(timestamp{1'767'323'045'678ms}), "2026-01-02T03:04:05.678Z");
}

RC_GTEST_PROP(rfc3339, round_trips_over_all_its_years, ()) {
  const auto first = *from_rfc3339("0000-01-01T00:00:00.000Z");
  const auto last = *from_rfc3339("9999-12-31T23:59:59.999Z");
  const timestamp at{std::chrono::milliseconds{
    *rc::gen::inRange(first.time_since_epoch().count(), last.time_since_epoch().count() + 1)}};
  RC_ASSERT(from_rfc3339(to_rfc3339(at)) == at);
}

RC_GTEST_PROP(rfc3339, survives_any_bytes, (const std::string& text)) {
  if (const auto at = from_rfc3339(text))
    RC_ASSERT(from_rfc3339(to_rfc3339(*at)) == at);
}

}  // namespace
}  // namespace parley::model
