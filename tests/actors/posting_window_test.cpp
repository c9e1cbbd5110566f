#include "actors/posting_window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace parley::actors {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class posting_window_test : public testing::Test {
protected:
  posting_key add(std::uint64_t seq, std::uint8_t conversation, bool live = true) {
    outgoing_event event;
    event.seq = seq;
    event.id.bytes[15] = static_cast<std::uint8_t>(seq);
    event.conversation.bytes[0] = conversation;
    event.body = std::make_shared<const std::string>(10, 'x');
    const posting_key key{.live = live, .seq = seq, .event = event.id};
    window.add(key, std::move(event));
    return key;
  }

  /// Everything that may be posted now, by sequence number.
  std::vector<std::uint64_t> begin_all() {
    std::vector<std::uint64_t> begun;
    while (const auto next = window.begin_next(now))
      begun.push_back(next->seq);
    return begun;
  }

  posting_window window;
  posting_window::time_point now{1h};
};

TEST_F(posting_window_test, events_of_one_conversation_are_posted_one_after_the_other) {
  const auto first = add(1, 7);
  const auto second = add(2, 7);
  add(3, 7);
  EXPECT_THAT(begin_all(), ElementsAre(1));
  window.settle(first);
  EXPECT_THAT(begin_all(), ElementsAre(2));
  window.settle(second);
  EXPECT_THAT(begin_all(), ElementsAre(3));
}

TEST_F(posting_window_test, conversations_do_not_wait_for_each_other) {
  add(1, 7);
  add(2, 8);
  add(3, 7);
  add(4, 9);
  EXPECT_THAT(begin_all(), ElementsAre(1, 2, 4));
}

TEST_F(posting_window_test, a_conversation_waits_for_its_retry) {
  const auto first = add(1, 7);
  add(2, 7);
  EXPECT_THAT(begin_all(), ElementsAre(1));
  window.retry(first, now + 5s);
  EXPECT_THAT(begin_all(), IsEmpty());
  EXPECT_EQ(window.next_time(), now + 5s);
  now += 5s;
  EXPECT_THAT(begin_all(), ElementsAre(1));
  window.retry(first, now + 1h);
  window.hurry();
  EXPECT_THAT(begin_all(), ElementsAre(1)) << "at once";
  window.settle(first);
  EXPECT_THAT(begin_all(), ElementsAre(2));
}

TEST_F(posting_window_test, what_was_chosen_goes_ahead_of_what_the_journal_brings) {
  const auto begun = add(5, 7);
  EXPECT_THAT(begin_all(), ElementsAre(5));
  add(6, 7);
  add(2, 7, false);
  add(1, 8, false);
  EXPECT_THAT(begin_all(), ElementsAre(1));
  window.settle(begun);
  EXPECT_THAT(begin_all(), ElementsAre(2)) << "but not of what has begun";
}

TEST_F(posting_window_test, knows_where_the_journal_is_not_settled) {
  EXPECT_EQ(window.first_live(), std::nullopt);
  add(1, 7, false);
  EXPECT_EQ(window.first_live(), std::nullopt) << "what was chosen holds no cursor back";
  const auto four = add(4, 8);
  add(6, 9);
  EXPECT_EQ(window.first_live(), 4u);
  EXPECT_THAT(begin_all(), ElementsAre(1, 4, 6));
  window.settle(four);
  EXPECT_EQ(window.first_live(), 6u);
  EXPECT_EQ(window.size(), 2u);
  EXPECT_EQ(window.bytes(), 20u);
}

TEST_F(posting_window_test, forgets_what_was_met_in_the_journal) {
  const auto begun = add(4, 7);
  EXPECT_THAT(begin_all(), ElementsAre(4));
  add(1, 7, false);
  add(5, 7);
  const auto later = add(6, 8);
  EXPECT_THAT(begin_all(), ElementsAre(6));
  window.retry(later, now + 5s);
  window.forget_live();
  EXPECT_FALSE(window.has(begun));
  EXPECT_EQ(window.size(), 1u);
  now += 1h;
  EXPECT_THAT(begin_all(), ElementsAre(1)) << "and nothing else is left that could begin";
  add(4, 7);
  add(6, 8);
  EXPECT_THAT(begin_all(), ElementsAre(6));
}

}  // namespace
}  // namespace parley::actors
