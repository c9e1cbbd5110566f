#include "bench/fanout_book.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

namespace bench = parley::bench;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

std::string event(int seq, const std::string& sid) {
  return R"({"seq":)" + std::to_string(seq) + R"(,"data":{"body":"x","provider_id":")" + sid
         + R"("}})";
}

TEST(fanout_book, passes_readers_who_see_the_same) {
  bench::fanout_book book{2};
  book.take(0, event(3, "SM1"), clock::time_point{1s});
  book.take(0, event(5, "SM2"), clock::time_point{2s});
  book.take(1, event(3, "SM1"), clock::time_point{3s});
  book.take(1, event(5, "SM2"), clock::time_point{4s});
  EXPECT_TRUE(book.result({"SM1", "SM2"}).passed());
  ASSERT_EQ(book.events().size(), 2U);
  EXPECT_EQ(book.events()[0].provider_id, "SM1");
  EXPECT_EQ(book.events()[0].readers, 2U);
  EXPECT_EQ(book.events()[0].last, clock::time_point{3s});
}

TEST(fanout_book, finds_a_reader_who_lacks_one) {
  bench::fanout_book book{2};
  book.take(0, event(3, "SM1"), {});
  book.take(0, event(5, "SM2"), {});
  book.take(1, event(3, "SM1"), {});
  EXPECT_EQ(book.result({"SM1", "SM2"}).missing, 1U);
}

TEST(fanout_book, finds_another_order) {
  bench::fanout_book book{2};
  book.take(0, event(3, "SM1"), {});
  book.take(0, event(5, "SM2"), {});
  book.take(1, event(5, "SM2"), {});
  book.take(1, event(3, "SM1"), {});
  EXPECT_EQ(book.result({}).out_of_place, 2U);

  bench::fanout_book backwards{1};
  backwards.take(0, event(5, "SM2"), {});
  backwards.take(0, event(3, "SM1"), {});
  EXPECT_EQ(backwards.result({}).out_of_place, 1U);
}

TEST(fanout_book, finds_what_was_lost_and_what_came_twice) {
  bench::fanout_book book{1};
  book.take(0, event(3, "SM1"), {});
  book.take(0, event(5, "SM1"), {});
  const auto findings = book.result({"SM1", "SM2"});
  EXPECT_EQ(findings.lost, 1U);
  EXPECT_EQ(findings.twice, 1U);
  EXPECT_FALSE(findings.passed());
}

}  // namespace
