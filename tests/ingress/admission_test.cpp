#include "src/ingress/admission.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace parley::ingress {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

TEST(admission, refuses_beyond_its_bound_and_admits_again_after_a_release) {
  admission door{2};
  EXPECT_FALSE(door.try_admit());
  EXPECT_FALSE(door.would_refuse());
  EXPECT_FALSE(door.try_admit());
  EXPECT_EQ(door.would_refuse(), model::errc::overloaded);
  EXPECT_EQ(door.try_admit(), model::errc::overloaded);
  EXPECT_EQ(door.in_flight(), 2U);
  door.release(1);
  EXPECT_FALSE(door.try_admit());
  EXPECT_EQ(door.try_admit(), model::errc::overloaded);
}

TEST(admission, once_closed_admits_nobody_and_keeps_count_of_who_is_inside) {
  admission door{2};
  EXPECT_FALSE(door.try_admit());
  door.close();
  EXPECT_EQ(door.try_admit(), model::errc::shutting_down);
  EXPECT_EQ(door.would_refuse(), model::errc::shutting_down);
  EXPECT_FALSE(door.wait_until_empty(milliseconds{1}));
  door.release(1);
  EXPECT_TRUE(door.wait_until_empty(milliseconds{0}));
}

TEST(admission, never_lets_more_in_than_its_bound_whoever_races) {
  constexpr std::size_t bound = 3;
  admission door{bound};
  std::atomic<std::size_t> inside{0};
  std::atomic<bool> exceeded{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        if (door.try_admit())
          continue;
        if (inside.fetch_add(1) >= bound)
          exceeded = true;
        inside.fetch_sub(1);
        door.release(1);
      }
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(door.in_flight(), 0U);
}

TEST(admission, wakes_whoever_waits_for_the_last_one) {
  for (int round = 0; round < 200; ++round) {
    admission door{8};
    EXPECT_FALSE(door.try_admit());
    EXPECT_FALSE(door.try_admit());
    door.close();
    std::thread other{[&] {
      door.release(1);
      door.release(1);
    }};
    EXPECT_TRUE(door.wait_until_empty(minutes{2}));
    other.join();
  }
}

}  // namespace
}  // namespace parley::ingress
