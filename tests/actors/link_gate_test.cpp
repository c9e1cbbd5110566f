#include "actors/link_gate.hpp"

#include <map>
#include <memory>
#include <string>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

namespace parley::actors {
namespace {

using namespace std::chrono_literals;
using store::lane;
using circuit = link_gate::circuit;

/// A link with four places that is left alone for a second after three failures in a row, with
/// senders that only count how often they were called.
class link_gate_test : public ::testing::Test {
protected:
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  ~link_gate_test() override { system_.await_actors_before_shutdown(false); }

  sender_actor sender(const std::string& name) {
    // The name is an argument: CAF 0.17.6 binds none by looking behind a null pointer, which
    // _GLIBCXX_ASSERTIONS ends the process for.
    auto behavior = [this](sender_actor::pointer,
                           const std::string& called) -> sender_actor::behavior_type {
      return {[](atom::outbox) {},
              [this, called](atom::room) { ++calls_[called]; },
              [](const number_facts_ptr&) {},
              [](const attempt_decision&) {},
              [](const carrier_answer&) {},
              [](atom::backlog, std::uint64_t) {},
              [](atom::tick) {}};
    };
    return system_.spawn(behavior, name);
  }

  int calls(const std::string& name) {
    auto& scheduler
      = dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
    while (scheduler.run() > 0) {
    }
    return calls_[name];
  }

  bool enter(const sender_actor& who, lane which = lane::reply) {
    return gate_.enter(which, who, now_).entered;
  }

  void leave(link_sign shown, lane which = lane::reply) {
    gate_.leave(which, false, shown, now_);
  }

  /// So many attempts fail.
  void fail(int times, const sender_actor& who) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(enter(who));
      leave(link_sign::broken);
    }
  }

  config config_;
  caf::actor_system system_{config_};
  std::map<std::string, int> calls_;
  link_gate::clock_time now_{1h};
  link_gate gate_{"tw", {.in_flight_max = 4, .failures_max = 3, .pause_first = 1s,
                         .pause_longest = 4s}};
};

TEST_F(link_gate_test, has_as_many_places_as_the_link_may_have_attempts) {
  const auto ann = sender("ann");
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(enter(ann)) << i;
  EXPECT_FALSE(enter(ann));
  EXPECT_EQ(gate_.look().in_flight, 4U);
  leave(link_sign::alive);
  EXPECT_EQ(calls("ann"), 1);
  EXPECT_TRUE(enter(ann));
}

TEST_F(link_gate_test, leaves_a_quarter_of_the_places_to_replies) {
  const auto ann = sender("ann");
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(enter(ann, lane::bulk)) << i;
  EXPECT_FALSE(enter(ann, lane::bulk));
  EXPECT_TRUE(enter(ann, lane::reply));
}

TEST_F(link_gate_test, calls_replies_first_and_each_sender_once) {
  const auto ann = sender("ann");
  const auto ben = sender("ben");
  const auto cem = sender("cem");
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(enter(ann));
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(enter(ben, lane::bulk));
  EXPECT_FALSE(enter(cem));
  leave(link_sign::alive);
  EXPECT_EQ(calls("cem"), 1);
  EXPECT_EQ(calls("ben"), 0);
  leave(link_sign::alive);
  EXPECT_EQ(calls("ben"), 1);
  leave(link_sign::alive);
  EXPECT_EQ(calls("ben"), 1) << "nobody waits any more";
}

TEST_F(link_gate_test, calls_the_next_when_who_was_called_needs_no_place) {
  const auto ann = sender("ann");
  const auto ben = sender("ben");
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(enter(ann));
  EXPECT_FALSE(enter(ann));
  EXPECT_FALSE(enter(ben));
  leave(link_sign::alive);
  EXPECT_EQ(calls("ann"), 1);
  EXPECT_EQ(calls("ben"), 0);
  gate_.pass_on();
  EXPECT_EQ(calls("ben"), 1);
}

TEST_F(link_gate_test, is_left_alone_after_failures_in_a_row_whichever_number_had_them) {
  const auto ann = sender("ann");
  const auto ben = sender("ben");
  fail(2, ann);
  ASSERT_TRUE(enter(ann));
  leave(link_sign::alive);
  fail(2, ann);
  EXPECT_EQ(gate_.look().state, circuit::closed) << "it has answered in between";
  fail(1, ben);
  EXPECT_EQ(gate_.look().state, circuit::open);
  const auto passed = gate_.enter(lane::reply, ann, now_);
  EXPECT_FALSE(passed.entered);
  ASSERT_TRUE(passed.again_at);
  EXPECT_GE(*passed.again_at, now_ + 1s);
  EXPECT_LE(*passed.again_at, now_ + 1200ms) << "with jitter";
  EXPECT_FALSE(gate_.still_open_to(false));
}

TEST_F(link_gate_test, lets_one_attempt_show_whether_it_works_again) {
  const auto ann = sender("ann");
  const auto ben = sender("ben");
  fail(3, ann);
  now_ += 2s;
  const auto probe = gate_.enter(lane::bulk, ann, now_);
  EXPECT_TRUE(probe.entered);
  EXPECT_TRUE(probe.probe);
  EXPECT_TRUE(gate_.still_open_to(true));
  EXPECT_FALSE(enter(ben)) << "one at a time";
  gate_.leave(lane::bulk, true, link_sign::alive, now_);
  EXPECT_EQ(gate_.look().state, circuit::closed);
  EXPECT_EQ(calls("ben"), 1);
  EXPECT_TRUE(enter(ben));
  EXPECT_TRUE(enter(ben));
}

TEST_F(link_gate_test, waits_twice_as_long_each_time_up_to_the_longest_pause) {
  const auto ann = sender("ann");
  fail(3, ann);
  for (const std::chrono::milliseconds pause : {2s, 4s, 4s}) {
    now_ += 5s;
    ASSERT_TRUE(gate_.enter(lane::reply, ann, now_).probe);
    gate_.leave(lane::reply, true, link_sign::broken, now_);
    const auto again = gate_.enter(lane::reply, ann, now_).again_at;
    ASSERT_TRUE(again);
    EXPECT_GE(*again, now_ + pause);
    EXPECT_LE(*again, now_ + pause + pause / 5);
  }
  EXPECT_EQ(gate_.look().opened_total, 4U);
}

TEST_F(link_gate_test, probes_anew_when_nothing_came_of_the_probe) {
  const auto ann = sender("ann");
  const auto ben = sender("ben");
  fail(3, ann);
  now_ += 2s;
  ASSERT_TRUE(gate_.enter(lane::reply, ann, now_).probe);
  EXPECT_FALSE(enter(ben));
  gate_.leave(lane::reply, true, link_sign::none, now_);
  EXPECT_EQ(calls("ben"), 1);
  EXPECT_TRUE(gate_.enter(lane::reply, ben, now_).probe);
}

TEST_F(link_gate_test, learns_nothing_from_failures_of_before_it_was_left_alone) {
  const auto ann = sender("ann");
  ASSERT_TRUE(enter(ann));
  fail(3, ann);
  leave(link_sign::broken);
  EXPECT_EQ(gate_.look().opened_total, 1U);
  now_ += 2s;
  EXPECT_TRUE(enter(ann));
}

TEST_F(link_gate_test, of_one_link_knows_nothing_of_another) {
  link_gates gates{{.in_flight_max = 4, .failures_max = 1, .pause_first = 1s,
                    .pause_longest = 1s}};
  const auto ann = sender("ann");
  const auto broken = gates.of(1, "a", 0);
  EXPECT_EQ(broken, gates.of(1, "a", 0));
  ASSERT_TRUE(broken->enter(lane::reply, ann, now_).entered);
  broken->leave(lane::reply, false, link_sign::broken, now_);
  EXPECT_FALSE(broken->enter(lane::reply, ann, now_).entered);
  const auto narrow = gates.of(2, "a", 1);
  EXPECT_TRUE(narrow->enter(lane::reply, ann, now_).entered);
  EXPECT_FALSE(narrow->enter(lane::reply, ann, now_).entered) << "it has one place of its own";
}

}  // namespace
}  // namespace parley::actors
