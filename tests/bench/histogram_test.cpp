#include "bench/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "bench/random.hpp"

namespace {

using parley::bench::histogram;
using parley::bench::random_source;

TEST(histogram, is_zero_when_nothing_was_recorded) {
  const histogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.at(0.5), 0U);
  EXPECT_EQ(empty.max(), 0U);
  EXPECT_EQ(empty.min(), 0U);
}

TEST(histogram, is_exact_below_2048) {
  histogram counts;
  for (std::uint64_t value = 1; value <= 2000; ++value)
    counts.record(value);
  EXPECT_EQ(counts.at(0.5), 1000U);
  EXPECT_EQ(counts.at(0.99), 1980U);
  EXPECT_EQ(counts.at(0.999), 1998U);
  EXPECT_EQ(counts.at(0.0), 1U);
  EXPECT_EQ(counts.at(1.0), 2000U);
  EXPECT_DOUBLE_EQ(counts.mean(), 1000.5);
}

TEST(histogram, keeps_three_digits_over_its_whole_range) {
  for (std::uint64_t value = 1; value < histogram::value_max; value = value * 17 / 16 + 1) {
    histogram counts;
    counts.record(value);
    counts.record(histogram::value_max);
    const auto read = counts.at(0.5);
    ASSERT_GE(read, value);
    ASSERT_LE(static_cast<double>(read - value), static_cast<double>(value) / 1024.0) << value;
  }
}

TEST(histogram, agrees_with_sorted_values) {
  random_source random{7};
  histogram counts;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::uint64_t{1} << (10 + random.below(20));
    values.push_back(value + random.below(value));
    counts.record(values.back());
  }
  std::ranges::sort(values);
  for (const double quantile : {0.01, 0.5, 0.9, 0.99, 0.999, 0.9999}) {
    const auto rank = std::ceil(quantile * static_cast<double>(values.size()));
    const auto expected = static_cast<double>(values[static_cast<std::size_t>(rank) - 1]);
    EXPECT_NEAR(static_cast<double>(counts.at(quantile)), expected, expected / 1000.0) << quantile;
  }
  EXPECT_EQ(counts.max(), values.back());
  EXPECT_EQ(counts.min(), values.front());
}

TEST(histogram, never_reports_more_than_the_maximum) {
  histogram counts;
  counts.record(1'000'001);
  EXPECT_EQ(counts.at(0.5), 1'000'001U);
  EXPECT_EQ(counts.at(1.0), 1'000'001U);
}

TEST(histogram, clamps_what_is_out_of_range) {
  histogram counts;
  counts.record(histogram::value_max + 5);
  EXPECT_EQ(counts.max(), histogram::value_max);
}

TEST(histogram, merges_into_what_one_would_have_recorded) {
  histogram left;
  histogram right;
  histogram both;
  for (std::uint64_t value = 0; value < 50'000; value += 7) {
    (value % 2 == 0 ? left : right).record(value);
    both.record(value);
  }
  left.merge(right);
  EXPECT_EQ(left.count(), both.count());
  EXPECT_EQ(left.max(), both.max());
  EXPECT_EQ(left.min(), both.min());
  for (const double quantile : {0.1, 0.5, 0.99})
    EXPECT_EQ(left.at(quantile), both.at(quantile));
}

}  // namespace
