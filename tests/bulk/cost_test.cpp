#include "parley/bulk/cost.hpp"

#include <gtest/gtest.h>

namespace parley::bulk {
namespace {

model::price_settings prices() {
  return {"EUR", {{"+1", "0.0079"}, {"+44", "0.04"}, {"+4479", "0.1"}}};
}

TEST(cost_estimate, the_longest_beginning_of_a_number_that_has_a_price_counts) {
  cost_estimate cost{prices()};
  EXPECT_EQ(cost.currency(), "EUR");
  cost.add("+15551230001", 1);
  EXPECT_EQ(cost.millionths(), 7'900U);
  cost.add("+442071838750", 1);
  EXPECT_EQ(cost.millionths(), 47'900U);
  cost.add("+447911123456", 1);
  EXPECT_EQ(cost.millionths(), 147'900U);
  EXPECT_EQ(cost.unpriced_segments(), 0U);
}

TEST(cost_estimate, every_segment_costs) {
  cost_estimate cost{prices()};
  cost.add("+15551230001", 3);
  EXPECT_EQ(cost.millionths(), 23'700U);
}

TEST(cost_estimate, segments_without_a_price_are_told_apart) {
  cost_estimate cost{prices()};
  cost.add("+4930901820", 2);
  cost.add("70707", 1);
  EXPECT_EQ(cost.millionths(), 0U);
  EXPECT_EQ(cost.unpriced_segments(), 3U);
}

TEST(cost_estimate, a_plus_alone_is_for_all_others_that_are_no_short_codes) {
  auto all = prices();
  all.sms.push_back({"+", "0.5"});
  cost_estimate cost{all};
  cost.add("+4930901820", 2);
  cost.add("70707", 1);
  EXPECT_EQ(cost.millionths(), 1'000'000U);
  EXPECT_EQ(cost.unpriced_segments(), 1U);
}

}  // namespace
}  // namespace parley::bulk
