#include "actors/ticking.hpp"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

namespace parley::actors {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Keeps what an actor would have the clock send.
struct asker {
  struct {
    asked_ticks ticks;
  } state;
  std::vector<std::chrono::milliseconds> asked;

  template <class Atom>
  void delayed_send(asker*, std::chrono::milliseconds wait, Atom) {
    asked.push_back(wait);
  }
};

TEST(ticking_test, asks_once_for_a_moment_and_those_after_it) {
  asker who;
  const auto when = steady_clock::now() + 1h;
  tick_by(&who, when);
  tick_by(&who, when);
  tick_by(&who, when + 1h);
  EXPECT_EQ(who.asked.size(), 1U);
}

TEST(ticking_test, asks_again_for_an_earlier_moment_and_after_a_tick) {
  asker who;
  tick_by(&who, steady_clock::now() + 1h);
  tick_by(&who, steady_clock::now());
  EXPECT_EQ(who.asked.size(), 2U);
  tick_came(&who);
  tick_by(&who, steady_clock::now());
  EXPECT_EQ(who.asked.size(), 3U);
}

// With each moment that an earlier one took the place of, there was one more on its way for ever.
TEST(ticking_test, has_no_more_ticks_on_their_way_however_often_it_asks_at_each) {
  asker who;
  const auto start = steady_clock::now();
  tick_by(&who, start + 250ms);
  tick_by(&who, start + 20ms);
  for (int i = 2; i < 1'000; ++i) {
    tick_came(&who);
    tick_by(&who, start + 20ms * i);
    ASSERT_LE(who.state.ticks.size(), 2U);
  }
  EXPECT_EQ(who.state.ticks.size(), 1U) << "the one of 250 ms has come";
}

}  // namespace
}  // namespace parley::actors
