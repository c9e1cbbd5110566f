#include "bench/timeline.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace {

using parley::bench::timeline;
using namespace std::chrono_literals;
using counts = std::vector<std::uint64_t>;

TEST(timeline, counts_by_the_second) {
  timeline line;
  EXPECT_EQ(line.per_second(), counts{});
  for (const auto at : {0ns, 999'999'999ns, 2'000'000'000ns})
    line.record(at);
  EXPECT_EQ(line.per_second(), (counts{2, 0, 1}));
}

TEST(timeline, adds_up_those_of_several_threads) {
  timeline shorter;
  timeline longer;
  shorter.record(0s);
  longer.record(0s);
  longer.record(3s);
  shorter.merge(longer);
  EXPECT_EQ(shorter.per_second(), (counts{2, 0, 0, 1}));
  longer.merge({});
  EXPECT_EQ(longer.per_second(), (counts{1, 0, 0, 1}));
}

TEST(timeline, is_bounded_at_both_ends) {
  timeline line;
  line.record(-1s);
  line.record(std::chrono::hours{1'000});
  ASSERT_EQ(line.per_second().size(), timeline::seconds_max);
  EXPECT_EQ(line.per_second().front(), 1U);
  EXPECT_EQ(line.per_second().back(), 1U);
}

}  // namespace
