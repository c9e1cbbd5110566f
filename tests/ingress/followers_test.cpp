#include "src/ingress/followers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

namespace parley::ingress {
namespace {

TEST(followers, are_told_once_when_there_is_more) {
  followers waiting;
  int woken = 0;
  waiting.await(5, [&] { ++woken; });
  EXPECT_EQ(woken, 0);
  waiting.committed(6);
  EXPECT_EQ(woken, 1);
  waiting.committed(7);
  EXPECT_EQ(woken, 1);
}

TEST(followers, are_told_at_once_when_more_came_before_they_asked) {
  followers waiting;
  waiting.committed(6);
  int woken = 0;
  waiting.await(5, [&] { ++woken; });
  EXPECT_EQ(woken, 1);
  waiting.committed(7);
  EXPECT_EQ(woken, 1);
}

TEST(followers, are_not_told_after_the_close) {
  followers waiting;
  int woken = 0;
  waiting.await(5, [&] { ++woken; });
  waiting.close();
  waiting.committed(6);
  waiting.await(5, [&] { ++woken; });
  EXPECT_EQ(woken, 0);
}

TEST(followers, miss_nothing_however_commits_and_waiting_interleave) {
  constexpr std::uint64_t last = 20'000;
  followers waiting;
  std::atomic<std::uint64_t> durable{0};
  std::thread writer{[&] {
    for (std::uint64_t seq = 1; seq <= last; ++seq) {
      durable = seq;
      waiting.committed(seq);
    }
  }};
  // Reads to the end, waits, reads on: a lost wake-up would leave it here for ever.
  for (std::uint64_t position = 0; position < last;) {
    position = durable;
    if (position == last)
      break;
    const auto woken = std::make_shared<std::atomic<bool>>(false);
    waiting.await(position, [woken] {
      *woken = true;
      woken->notify_one();
    });
    woken->wait(false);
    while (durable == position)
      std::this_thread::yield();
  }
  writer.join();
  EXPECT_EQ(durable, last);
}

}  // namespace
}  // namespace parley::ingress
