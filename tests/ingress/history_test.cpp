#include "src/ingress/api/history.hpp"

#include "src/ingress/api/lookup.hpp"
#include "src/ingress/problem.hpp"
#include "tests/store/store_fixture.hpp"

#include <gtest/gtest.h>

#include <map>
#include <variant>

namespace parley::ingress {
namespace {

using model::delivery_state;
using model::direction;
using store::pair_driver;

TEST(history_query, reads_positions_and_refuses_two_of_them) {
  EXPECT_EQ(read_history_query("after=7&limit=3").after, 7U);
  EXPECT_EQ(read_history_query("before=7").before, 7U);
  EXPECT_EQ(read_history_query("cursor=a12").after, 12U);
  EXPECT_EQ(read_history_query("cursor=b12").before, 12U);
  for (const char* query : {"after=1&before=9", "cursor=a1&after=1", "before=0", "cursor=",
                            "cursor=a", "cursor=12", "cursor=a0", "cursor=a1x", "cursor=c1",
                            "cursor=a99999999999999999999", "after=-1", "from=1"})
    EXPECT_THROW((void)read_history_query(query), refusal) << query;
}

struct range_case {
  history_query query;
  std::uint64_t last_index;
  history_range range;
  std::string next;
};

class history_ranges : public ::testing::TestWithParam<range_case> {};

TEST_P(history_ranges, are) {
  const auto& [query, last_index, expected, next] = GetParam();
  const auto range = range_of(query, last_index);
  EXPECT_EQ(range.first, expected.first);
  EXPECT_EQ(range.last, expected.last);
  EXPECT_EQ(next_of(query, range, last_index), next);
}

INSTANTIATE_TEST_SUITE_P(
  pages, history_ranges,
  ::testing::Values(range_case{{0, 0, 10}, 0, {1, 0}, ""}, range_case{{0, 0, 10}, 5, {1, 5}, ""},
                    range_case{{0, 0, 5}, 5, {1, 5}, ""}, range_case{{0, 0, 4}, 5, {1, 4}, "a4"},
                    range_case{{4, 0, 4}, 5, {5, 5}, ""}, range_case{{5, 0, 4}, 5, {1, 0}, ""},
                    range_case{{900, 0, 4}, 5, {1, 0}, ""},
                    range_case{{0, 6, 4}, 5, {2, 5}, "b2"}, range_case{{0, 2, 4}, 5, {1, 1}, ""},
                    range_case{{0, 1, 4}, 5, {1, 0}, ""},
                    range_case{{0, 900, 2}, 5, {4, 5}, "b4"},
                    range_case{{0, 4, 2}, 5, {2, 3}, "b2"}, range_case{{0, 3, 2}, 5, {1, 2}, ""}));

/// Mission 3: who joined later, and is shown history from joining on, is shown nothing before.
INSTANTIATE_TEST_SUITE_P(
  from_joining_on, history_ranges,
  ::testing::Values(range_case{{0, 0, 10, 3}, 5, {4, 5}, ""},
                    range_case{{0, 0, 1, 3}, 5, {4, 4}, "a4"},
                    range_case{{4, 0, 4, 3}, 5, {5, 5}, ""},
                    range_case{{0, 6, 4, 3}, 5, {4, 5}, ""},
                    range_case{{0, 6, 1, 3}, 5, {5, 5}, "b5"},
                    range_case{{0, 5, 1, 3}, 5, {4, 4}, ""},
                    range_case{{0, 4, 4, 3}, 5, {4, 3}, ""},
                    range_case{{0, 0, 4, 5}, 5, {1, 0}, ""},
                    range_case{{0, 9, 4, UINT64_MAX}, 5, {1, 0}, ""}));

/// History over a real store. A model of what every message's delivery should be runs beside it.
class history_test : public store::store_test {
protected:
  void append(model::event event) { pair.append(*log, {std::move(event)}); }

  void open_conversation(std::uint64_t id) { append(pair.opened(id, store::to_users({"ann"}))); }

  void receive(std::uint64_t id) { append(pair.inbound("in", id)); }

  void send(std::uint64_t id) {
    append(pair.outbound("out", id));
    expected[store::id_of<model::message_id>(id)] = delivery_state::queued;
    index_of[store::id_of<model::message_id>(id)] = pair.state.last_index;
    conversation_of[store::id_of<model::message_id>(id)] = pair.state.id;
  }

  void report(std::uint64_t id, delivery_state state) {
    const auto message = store::id_of<model::message_id>(id);
    model::delivery_changed change;
    change.message = message;
    change.index = index_of.at(message);
    change.state = state;
    change.provider_id = "SM" + std::to_string(id);
    append({conversation_of.at(message), store::at_ms(7'000), std::move(change)});
    expected[message] = state;
  }

  /// Every page of the conversation has its messages in order and the right states.
  void expect_pages(const model::conversation_id& id, std::size_t limit) {
    settle();
    const auto state = find_conversation(*read, id);
    ASSERT_TRUE(state.has_value());
    for (history_query query{0, 0, limit}; query.after < state->last_index; query.after += limit) {
      const auto range = range_of(query, state->last_index);
      const auto items = read_history(*read, *state, range);
      ASSERT_EQ(items.size(), range.last - range.first + 1);
      for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& added = std::get<model::message_added>(items[i].event.body);
        ASSERT_EQ(items[i].event.conversation, id);
        ASSERT_EQ(added.index, range.first + i);
        if (added.direction == direction::outbound) {
          ASSERT_EQ(items[i].deliveries.size(), 1U);
          EXPECT_EQ(items[i].deliveries[0].state, expected.at(added.message)) << added.index;
        }
      }
    }
  }

  pair_driver pair{store::pair_of(1)};
  std::map<model::message_id, delivery_state> expected;
  std::map<model::message_id, std::uint64_t> index_of;
  std::map<model::message_id, model::conversation_id> conversation_of;
};

TEST_F(history_test, pages_of_inbound_messages_are_found_wherever_they_are) {
  open();
  open_conversation(1);
  for (std::uint64_t id = 1; id <= 500; ++id)
    receive(id);
  for (const std::size_t limit : {1U, 7U, 64U, 1000U})
    expect_pages(pair.state.id, limit);
}

TEST_F(history_test, an_empty_page_reads_nothing) {
  open();
  open_conversation(1);
  settle();
  EXPECT_TRUE(read_history(*read, pair.state, {}).empty());
}

TEST_F(history_test, deliveries_are_the_latest_even_when_they_came_long_after_their_page) {
  open();
  open_conversation(1);
  for (std::uint64_t id = 1; id <= 100; ++id)
    send(id);
  for (std::uint64_t id = 1; id <= 100; ++id)
    report(id, delivery_state::sent);
  for (std::uint64_t id = 101; id <= 300; ++id)
    receive(id);
  // Long after, above many marks; most of these deliveries have left the state.
  for (std::uint64_t id = 1; id <= 100; id += 3)
    report(id, id % 2 == 0 ? delivery_state::delivered : delivery_state::failed);
  for (std::uint64_t id = 301; id <= 400; ++id)
    receive(id);
  for (const std::size_t limit : {1U, 10U, 64U, 1000U})
    expect_pages(pair.state.id, limit);
}

TEST_F(history_test, a_read_receipt_after_the_delivery_is_seen_from_below_the_mark) {
  open();
  open_conversation(1);
  for (std::uint64_t id = 1; id <= 70; ++id) {
    send(id);
    report(id, delivery_state::sent);
    report(id, delivery_state::delivered);
  }
  for (std::uint64_t id = 1; id <= 20; ++id)
    report(id, delivery_state::read);
  for (std::uint64_t id = 71; id <= 200; ++id) {
    send(id);
    report(id, delivery_state::failed);
  }
  expect_pages(pair.state.id, 16);
}

TEST_F(history_test, a_closed_conversation_shows_what_was_reported_after_its_end) {
  open();
  open_conversation(1);
  receive(1);
  send(2);
  report(2, delivery_state::sent);
  send(3);
  report(3, delivery_state::failed);
  const auto first = pair.state.id;
  append(pair.closed());
  pair.snapshot(*log);
  open_conversation(2);
  receive(4);
  report(2, delivery_state::delivered);
  for (std::uint64_t id = 10; id < 90; ++id) {
    send(id);
    report(id, delivery_state::failed);
  }
  expect_pages(first, 100);
  expect_pages(first, 1);
  expect_pages(pair.state.id, 10);
  reopen();
  expect_pages(first, 100);
}

}  // namespace
}  // namespace parley::ingress
