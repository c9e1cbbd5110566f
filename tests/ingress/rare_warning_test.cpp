#include "src/ingress/rare_warning.hpp"

#include <gtest/gtest.h>

namespace parley::ingress {
namespace {

TEST(rare_warning, comes_at_most_once_an_interval_with_the_count_since_the_last) {
  rare_warning subject{std::chrono::seconds{60}};
  const auto start = rare_warning::clock::time_point{std::chrono::hours{1}};
  EXPECT_EQ(subject.count(start), 1U);
  EXPECT_FALSE(subject.count(start));
  EXPECT_FALSE(subject.count(start + std::chrono::seconds{59}));
  EXPECT_EQ(subject.count(start + std::chrono::seconds{60}), 3U);
  EXPECT_FALSE(subject.count(start + std::chrono::seconds{61}));
}

}  // namespace
}  // namespace parley::ingress
