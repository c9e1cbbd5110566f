#include "parley/model/price.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace parley::model {
namespace {

TEST(price, is_read_in_millionths) {
  EXPECT_EQ(read_price("0.0079"), 7'900U);
  EXPECT_EQ(read_price("1"), 1'000'000U);
  EXPECT_EQ(read_price("0"), 0U);
  EXPECT_EQ(read_price("007.50"), 7'500'000U);
  EXPECT_EQ(read_price("0.000001"), 1U);
  EXPECT_EQ(read_price("100"), price_millionths_max);
}

TEST(price, what_is_no_number_or_too_dear_is_none) {
  for (const std::string_view text : {"", ".", ".5", "5.", "-1", "+1", "1e2", "0x1", " 1", "1 ",
                                      "1,5", "1.2.3", "0.0000001", "100.000001", "0100", "nan"})
    EXPECT_EQ(read_price(text), std::nullopt) << text;
}

TEST(price, is_written_with_two_places_or_as_many_as_it_needs) {
  EXPECT_EQ(price_text(0), "0.00");
  EXPECT_EQ(price_text(7'900), "0.0079");
  EXPECT_EQ(price_text(12'340'000), "12.34");
  EXPECT_EQ(price_text(12'300'000), "12.30");
  EXPECT_EQ(price_text(5'000'001), "5.000001");
}

}  // namespace
}  // namespace parley::model
