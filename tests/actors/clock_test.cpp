#include "actors/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <caf/all.hpp>
#include <gtest/gtest.h>

#include "actors/scheduler.hpp"

namespace parley::actors {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto far_away = 1h;
constexpr auto patience = 30s;  // For a machine that is very busy; nothing is measured.

/// What an actor was told, and when.
class notes {
public:
  struct note {
    int what = 0;
    steady_clock::time_point at;
  };

  void add(int what) {
    const std::lock_guard guard{mutex_};
    told_.push_back({what, steady_clock::now()});
    changed_.notify_all();
  }

  [[nodiscard]] std::vector<note> wait_for(std::size_t count) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, patience, [&] { return told_.size() >= count; });
    return told_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<note> told_;
};

struct config : caf::actor_system_config {
  config() {
    load<scheduler>();
    set("scheduler.max-threads", std::size_t{1});
  }
};

class clock_test : public testing::Test {
protected:
  void TearDown() override {
    for (const auto& who : listeners_)  // As `cast::stop` does; the clock may refer to them.
      caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
    listeners_.clear();
  }

  caf::actor listener() {
    listeners_.push_back(system_.spawn(
      [](caf::event_based_actor*, notes* to) -> caf::behavior {
        return {[to](int what) { to->add(what); }};
      },
      &told_));
    return listeners_.back();
  }

  void send_at(const caf::actor& to, steady_clock::time_point when, int what) {
    system_.clock().schedule_message(
      when, caf::actor_cast<caf::strong_actor_ptr>(to),
      caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, what));
  }

  notes told_;  // Outlives the actors.
  config config_;
  caf::actor_system system_{config_};
  std::vector<caf::actor> listeners_;
};

TEST_F(clock_test, delivers_in_the_order_in_which_they_are_due_and_not_before) {
  const auto who = listener();
  const auto start = steady_clock::now();
  for (const int ms : {40, 5, 20, 0, 30})
    send_at(who, start + std::chrono::milliseconds{ms}, ms);
  const auto told = told_.wait_for(5);
  ASSERT_EQ(told.size(), 5U);
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].what, (std::vector{0, 5, 20, 30, 40}[i]));
    EXPECT_GE(told[i].at - start, std::chrono::milliseconds{told[i].what});
  }
}

TEST_F(clock_test, delivers_what_is_due_at_one_moment_in_the_order_in_which_it_came) {
  const auto who = listener();
  const auto when = steady_clock::now() + 20ms;
  for (int i = 0; i < 100; ++i)
    send_at(who, when, i);
  const auto told = told_.wait_for(100);
  ASSERT_EQ(told.size(), 100U);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(told[static_cast<std::size_t>(i)].what, i);
}

// The thread sleeps until what was due first; what comes later and is due before must wake it.
TEST_F(clock_test, wakes_up_for_what_is_due_before_it_would) {
  const auto who = listener();
  send_at(who, steady_clock::now() + far_away, 2);
  ASSERT_TRUE(told_.wait_for(0).empty());
  std::this_thread::sleep_for(10ms);  // So that it does sleep.
  send_at(who, steady_clock::now() + 5ms, 1);
  const auto told = told_.wait_for(1);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].what, 1);
}

TEST_F(clock_test, loses_nothing_that_many_threads_put_on_it) {
  constexpr int threads = 4;
  constexpr int each = 2'000;
  const auto who = listener();
  std::vector<std::thread> askers;
  for (int t = 0; t < threads; ++t)
    askers.emplace_back([&, t] {
      for (int i = 0; i < each; ++i)
        send_at(who, steady_clock::now() + std::chrono::microseconds{i % 7 * 300}, t);
    });
  for (auto& asker : askers)
    asker.join();
  EXPECT_EQ(told_.wait_for(threads * each).size(), std::size_t{threads * each});
}

TEST_F(clock_test, an_actor_can_ask_for_a_message_to_itself_and_end_before_it_comes) {
  system_.spawn(
    [](caf::event_based_actor* self, notes* to) {
      self->delayed_send(self, 5ms, 1);
      return caf::behavior{[self, to](int what) {
        to->add(what);
        self->delayed_send(self, 5ms, 2);
        self->quit();
      }};
    },
    &told_);
  ASSERT_EQ(told_.wait_for(1).size(), 1U);
  const auto who = listener();
  send_at(who, steady_clock::now() + 20ms, 3);
  const auto told = told_.wait_for(2);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1].what, 3) << "nobody is there any more for the other one";
}

// Else a broker with something on its clock for tomorrow would not end today.
TEST_F(clock_test, ends_with_messages_still_to_come) {
  send_at(listener(), steady_clock::now() + far_away, 1);
  EXPECT_TRUE(told_.wait_for(0).empty());
}

}  // namespace
}  // namespace parley::actors
