#include "parley/model/clock_time.hpp"

#include <gtest/gtest.h>

namespace parley::model {
namespace {

TEST(clock_time, every_minute_of_a_day_goes_both_ways) {
  for (std::int32_t minute = 0; minute <= minutes_of_a_day; ++minute)
    EXPECT_EQ(minute_of_clock(clock_of_minute(minute)), minute);
  EXPECT_EQ(clock_of_minute(9 * 60 + 5), "09:05");
  EXPECT_EQ(minute_of_clock("24:00"), minutes_of_a_day);
}

TEST(clock_time, anything_else_is_no_time) {
  for (const auto* none :
       {"", "9:00", "24:01", "09:60", "09.00", "-1:00", "09:0a", "09:00 ", "0900"})
    EXPECT_FALSE(minute_of_clock(none)) << none;
}

TEST(clock_time, dates_are_those_of_the_calendar) {
  EXPECT_TRUE(is_date("2028-02-29"));
  EXPECT_TRUE(is_date("2026-12-31"));
  for (const auto* none :
       {"", "2026-02-29", "2026-00-10", "2026-04-31", "2026/01/01", "2026-1-01"})
    EXPECT_FALSE(is_date(none)) << none;
}

}  // namespace
}  // namespace parley::model
