#include "src/ingress/read_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace parley::ingress {
namespace {

TEST(read_pool, runs_what_it_took) {
  read_pool pool{2, 100};
  std::atomic<int> ran{0};
  std::promise<void> all;
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(pool.try_post([&] {
      if (++ran == 50)
        all.set_value();
    }));
  all.get_future().wait();
  EXPECT_EQ(ran, 50);
}

TEST(read_pool, refuses_when_too_many_wait_and_takes_more_afterwards) {
  read_pool pool{1, 2};
  std::promise<void> begun;
  std::promise<void> go_on;
  ASSERT_TRUE(pool.try_post([&] {
    begun.set_value();
    go_on.get_future().wait();
  }));
  begun.get_future().wait();
  EXPECT_TRUE(pool.try_post([] {}));
  std::promise<void> last;
  EXPECT_TRUE(pool.try_post([&] { last.set_value(); }));
  EXPECT_FALSE(pool.try_post([] {}));
  EXPECT_EQ(pool.waiting(), 2U);
  go_on.set_value();
  last.get_future().wait();
  std::promise<void> later;
  EXPECT_TRUE(pool.try_post([&] { later.set_value(); }));
  later.get_future().wait();
}

TEST(read_pool, finishes_what_runs_and_drops_what_waits_when_it_stops) {
  read_pool pool{1, 10};
  std::promise<void> begun;
  std::promise<void> go_on;
  std::atomic<bool> finished{false};
  std::atomic<bool> dropped_ran{false};
  ASSERT_TRUE(pool.try_post([&] {
    begun.set_value();
    go_on.get_future().wait();
    finished = true;
  }));
  begun.get_future().wait();
  ASSERT_TRUE(pool.try_post([&] { dropped_ran = true; }));
  auto stopped = std::async(std::launch::async, [&] { pool.stop(); });
  while (pool.try_post([] {}))  // Until `stop` has begun.
    std::this_thread::yield();
  while (pool.waiting() != 0)
    std::this_thread::yield();
  go_on.set_value();
  stopped.wait();
  EXPECT_TRUE(finished);
  EXPECT_FALSE(dropped_ran);
  EXPECT_FALSE(pool.try_post([] {}));
}

}  // namespace
}  // namespace parley::ingress
