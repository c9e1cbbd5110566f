#include "parley/store/reader.hpp"

#include "tests/store/store_fixture.hpp"

#include <gmock/gmock.h>

namespace parley::store {
namespace {

using model::conversation_phase;
using ::testing::ElementsAre;

class reader_test : public store_test {
protected:
  reader_test() { open(); }

  std::vector<std::string> pairs_listed(listing_query query) {
    query.limit = 100;
    std::vector<std::string> out;
    for (const auto& line : read->list(query))
      out.push_back(line.pair_key);
    return out;
  }
};

TEST_F(reader_test, reads_on_from_a_place_and_stops_when_told) {
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {})});
  for (std::uint64_t i = 1; i < 10; ++i)
    pair.append(*log, {pair.inbound("text", i)});
  settle();
  std::vector<std::uint64_t> seen;
  const auto keep = [&](const record& found) {
    seen.push_back(found.seq);
    return found.seq != 8;
  };
  EXPECT_EQ(read->read_from(2, 3, keep), 5U);
  EXPECT_THAT(seen, ElementsAre(3U, 4U, 5U));
  EXPECT_EQ(read->read_from(5, 100, keep), 8U);
  EXPECT_EQ(read->read_from(10, 100, keep), 10U);
  EXPECT_EQ(read->read_from(500, 100, keep), 500U);
  EXPECT_EQ(seen.size(), 6U);
}

TEST_F(reader_test, reads_back_along_one_pair) {
  pair_driver one{pair_of(1)};
  pair_driver two{pair_of(2)};
  one.append(*log, {one.opened(1, {})});
  two.append(*log, {two.opened(2, {})});
  one.append(*log, {one.inbound("a", 1)});
  two.append(*log, {two.inbound("b", 2)});
  one.append(*log, {one.inbound("c", 3)});
  settle();
  std::vector<std::uint64_t> seen;
  read->read_back(5, [&](const record& found) {
    EXPECT_EQ(found.pair_key, one.key);
    seen.push_back(found.seq);
    return true;
  });
  EXPECT_THAT(seen, ElementsAre(5U, 3U, 1U));
  EXPECT_THROW(read->read_back(6, [](const record&) { return true; }), corruption_error);
}

TEST_F(reader_test, finds_open_and_closed_conversations) {
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {})});
  settle();
  const auto id = id_of<model::conversation_id>(1);
  ASSERT_TRUE(read->find(id));
  EXPECT_EQ(read->find(id)->pair_key, pair.key);
  EXPECT_FALSE(read->find(id)->closed);
  EXPECT_FALSE(read->find(id_of<model::conversation_id>(2)));

  pair.append(*log, {pair.closed()});
  pair.snapshot(*log);
  settle();
  const auto final_state = pair.state;
  pair.append(*log, {pair.opened(2, {}), pair.inbound("new", 1)});
  pair.snapshot(*log);
  settle();
  log->stop();
  EXPECT_EQ(read->find(id)->closed, final_state);
  EXPECT_FALSE(read->find(id_of<model::conversation_id>(2))->closed);
}

TEST_F(reader_test, a_closed_conversation_keeps_its_final_state_without_a_snapshot) {
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {})});
  pair.append(*log, {pair.closed()});
  const auto final_state = pair.state;
  pair.append(*log, {pair.opened(2, {})});
  settle();
  EXPECT_EQ(read->find(id_of<model::conversation_id>(1))->closed, final_state);
}

TEST_F(reader_test, lists_newest_first_and_page_by_page) {
  for (std::uint64_t i = 1; i <= 7; ++i) {
    pair_driver pair{pair_of(i)};
    pair.append(*log, {pair.opened(i, to_users({"ann"}, i % 2 == 0 ? "sales" : ""))});
  }
  settle();
  listing_query query{.organization = 7,
                      .scope = listing_scope::organization,
                      .scope_id = {},
                      .phase = conversation_phase::active,
                      .after = {},
                      .limit = 3};
  std::vector<std::string> seen;
  for (auto page = read->list(query); !page.empty(); page = read->list(query)) {
    EXPECT_LE(page.size(), 3U);
    for (const auto& line : page)
      seen.push_back(line.id.text());
    query.after = page.back().cursor;
  }
  std::vector<std::string> expected;
  for (std::uint64_t i = 7; i > 0; --i)
    expected.push_back(id_of<model::conversation_id>(i).text());
  EXPECT_EQ(seen, expected);

  EXPECT_EQ(pairs_listed({.organization = 7, .scope = listing_scope::inbox, .scope_id = "sales"})
              .size(),
            3U);
  EXPECT_EQ(pairs_listed({.organization = 7, .scope = listing_scope::user, .scope_id = "ann"})
              .size(),
            4U);
  EXPECT_TRUE(pairs_listed({.organization = 7, .scope = listing_scope::user, .scope_id = "an"})
                .empty());
  EXPECT_TRUE(pairs_listed({.organization = 8}).empty());
  EXPECT_TRUE(pairs_listed({.organization = 6}).empty());
}

model::route waiting_for(const std::string& inbox) {
  auto route = to_users({"ann", "bob"}, inbox);
  route.assigned = true;
  return route;
}

TEST_F(reader_test, a_queue_is_first_come_first_and_page_by_page) {
  std::vector<pair_driver> pairs;
  for (std::uint64_t i = 1; i <= 5; ++i)
    pairs.emplace_back(pair_of(i));
  for (const auto i : {3U, 1U, 2U, 4U})  // By the time at which each opens, which is by its id.
    pairs[i - 1].append(*log, {pairs[i - 1].opened(i, waiting_for("sales"))});
  pairs[4].append(*log, {pairs[4].opened(5, waiting_for("sales-2"))});
  settle();
  std::vector<std::string> seen;
  for (auto page = read->waiting(7, "sales", {}, 3); !page.empty();
       page = read->waiting(7, "sales", page.back().cursor, 3)) {
    EXPECT_LE(page.size(), 3U);
    for (const auto& line : page)
      seen.push_back(line.pair_key);
  }
  EXPECT_THAT(seen, ElementsAre(pairs[0].key, pairs[1].key, pairs[2].key, pairs[3].key));
  EXPECT_TRUE(read->waiting(8, "sales", {}, 3).empty());
  EXPECT_TRUE(read->waiting(7, "sale", {}, 3).empty());
  EXPECT_TRUE(read->waiting(7, "sales", "no cursor", 3).empty());
}

TEST_F(reader_test, who_is_given_a_conversation_leaves_the_queue_and_has_one_more) {
  pair_driver pair{pair_of(1)};
  const auto id = id_of<model::conversation_id>(1);
  const auto is = [&](std::size_t waiting, std::size_t ann, std::size_t bob) {
    settle();
    EXPECT_EQ(read->waiting(7, "sales", {}, 9).size(), waiting);
    EXPECT_EQ(read->count_held(7, "ann", 9), ann);
    EXPECT_EQ(read->count_held(7, "bob", 9), bob);
  };
  pair.append(*log, {pair.opened(1, waiting_for("sales"))});
  is(1, 0, 0);
  pair.append(*log, {{id, at_ms(2), model::conversation_claimed{"ann", true}}});
  is(0, 1, 0);
  pair.append(*log, {{id, at_ms(3), model::conversation_released{"ann", false, {}, true}}});
  is(1, 0, 0);
  pair.append(*log, {{id, at_ms(4), model::conversation_claimed{"bob", true}}});
  is(0, 0, 1);
  pair.append(*log, {pair.closed()});
  is(0, 0, 0);
}

TEST_F(reader_test, what_a_user_has_is_counted_up_to_a_limit) {
  for (std::uint64_t i = 1; i <= 4; ++i) {
    pair_driver pair{pair_of(i)};
    pair.append(*log, {pair.opened(i, waiting_for("sales"))});
    pair.append(*log, {{id_of<model::conversation_id>(i), at_ms(2),
                        model::conversation_claimed{"ann", true}}});
  }
  settle();
  EXPECT_EQ(read->count_held(7, "ann", 9), 4U);
  EXPECT_EQ(read->count_held(7, "ann", 3), 3U);
  EXPECT_EQ(read->count_held(7, "ann", 0), 0U);
  EXPECT_EQ(read->count_held(7, "an", 9), 0U);
  EXPECT_EQ(read->count_held(8, "ann", 9), 0U);
}

TEST_F(reader_test, a_cursor_that_is_none_lists_nothing) {
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {})});
  settle();
  const std::vector cursors{std::string{"x"}, std::string(48, 'g'), std::string(4'000, 'a')};
  for (const auto& cursor : cursors)
    EXPECT_TRUE(pairs_listed({.organization = 7, .after = cursor}).empty());
}

TEST_F(reader_test, lists_follow_the_phase) {
  pair_driver pair{pair_of(1)};
  const auto in = [&](conversation_phase phase) {
    settle();
    const listing_query query{
      .organization = 7, .scope = listing_scope::unrouted, .phase = phase};
    return pairs_listed(query).size();
  };
  model::route nobody;
  nobody.unrouted = true;
  pair.append(*log, {pair.opened(1, nobody)});
  EXPECT_EQ(in(conversation_phase::active), 1U);
  pair.append(*log, {{pair.state.id, at_ms(1), model::conversation_idled{}}});
  EXPECT_EQ(in(conversation_phase::active), 0U);
  EXPECT_EQ(in(conversation_phase::inactive), 1U);
  pair.append(*log, {pair.inbound("awake", 1)});
  EXPECT_EQ(in(conversation_phase::active), 1U);
  EXPECT_EQ(in(conversation_phase::inactive), 0U);
  pair.append(*log, {pair.closed()});
  EXPECT_EQ(in(conversation_phase::active), 0U);
  EXPECT_EQ(in(conversation_phase::closed), 1U);
}

TEST_F(reader_test, an_outbox_is_oldest_first_and_shrinks_with_outcomes) {
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {})});
  for (std::uint64_t i = 1; i <= 5; ++i)
    pair.append(*log, {pair.outbound("text", i)});
  pair_driver elsewhere{{.organization = 7,
                         .ours = {model::channel::sms, "+15550000002"},
                         .theirs = {model::channel::sms, "+16661000001"}}};
  elsewhere.append(*log, {elsewhere.opened(2, {}), elsewhere.outbound("text", 6)});
  pair.append(*log, {pair.delivery(1, model::delivery_state::sending)});
  pair.append(*log, {pair.delivery(2, model::delivery_state::sent)});
  settle();

  const auto prefix = outbox_prefix(7, pair.state.pair.ours);
  const auto seqs = [&](std::uint64_t after, std::size_t limit) {
    std::vector<std::uint64_t> out;
    for (const auto& entry : read->outbox(prefix, lane::reply, after, limit)) {
      EXPECT_EQ(entry.pair_key, pair.key);
      EXPECT_EQ(entry.message_seq, entry.seq);
      EXPECT_FALSE(entry.one_recipient);
      EXPECT_EQ(std::get<model::message_added>(read->at(entry.seq)->event.body).message,
                entry.message);
      out.push_back(entry.seq);
    }
    return out;
  };
  EXPECT_THAT(seqs(0, 100), ElementsAre(2U, 4U, 5U, 6U));
  EXPECT_THAT(seqs(0, 2), ElementsAre(2U, 4U));
  EXPECT_THAT(seqs(4, 2), ElementsAre(5U, 6U));
  EXPECT_TRUE(read->outbox(prefix, lane::bulk, 0, 100).empty());
  EXPECT_THAT(read->outbox_numbers(),
              ElementsAre(std::pair{7U, pair.state.pair.ours},
                          std::pair{7U, elsewhere.state.pair.ours}));
}

TEST_F(reader_test, timers_come_in_order_and_one_a_pair) {
  pair_driver late{pair_of(1)};
  pair_driver early{pair_of(2)};
  EXPECT_FALSE(read->next_timer());
  late.append(*log, {late.opened(1, {}, at_ms(3'000))});
  early.append(*log, {early.opened(2, {}, at_ms(2'000))});
  settle();
  EXPECT_EQ(read->next_timer(), at_ms(2'000));
  EXPECT_TRUE(read->due_timers(at_ms(1'999), 10).empty());
  EXPECT_EQ(read->due_timers(at_ms(3'000), 10).size(), 2U);
  EXPECT_EQ(read->due_timers(at_ms(3'000), 1).at(0).pair_key, early.key);

  early.append(*log, {{early.state.id, at_ms(1), model::timer_rearmed{at_ms(4'000)}}});
  settle();
  const auto due = read->due_timers(at_ms(9'000), 10);
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].pair_key, late.key);
  EXPECT_EQ(due[1].due, at_ms(4'000));
  late.append(*log, {late.closed()});
  early.append(*log, {early.closed()});
  settle();
  EXPECT_FALSE(read->next_timer());
}

/// A message whose id says that it was accepted at that time, as the ids of the broker do.
model::event accepted_at(const pair_driver& pair, std::int64_t ms, std::uint64_t number) {
  auto event = pair.inbound("text", number);
  event.at = at_ms(ms);
  auto& id = std::get<model::message_added>(event.body).message;
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(ms) >> (8 * (5 - i)));
  return event;
}

TEST_F(reader_test, finds_every_message_by_its_id) {
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, to_users({"ann"}))});
  std::vector<model::message_id> ids;
  for (std::uint64_t i = 0; i < 300; ++i) {
    // Several in the same millisecond, and one that had to wait for its turn.
    auto event = accepted_at(pair, 10'000 + static_cast<std::int64_t>(i / 7) * 100, i + 1);
    ids.push_back(std::get<model::message_added>(event.body).message);
    if (i % 50 == 0)
      event.at += std::chrono::milliseconds{900};
    pair.append(*log, {event});
  }
  settle();
  for (const auto& id : ids) {
    const auto found = read->find_message(id);
    ASSERT_TRUE(found) << id.text();
    EXPECT_EQ(std::get<model::message_added>(found->event.body).message, id);
  }
  auto unknown = ids[150];
  unknown.bytes[15] = 0xff;
  EXPECT_FALSE(read->find_message(unknown));
  EXPECT_FALSE(read->find_message(id_of<model::message_id>(7)));
}

TEST_F(reader_test, finds_no_message_in_an_empty_journal) {
  EXPECT_FALSE(read->find_message(id_of<model::message_id>(1)));
}

}  // namespace
}  // namespace parley::store
