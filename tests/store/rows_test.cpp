#include "parley/store/rows.hpp"

#include "src/store/bytes.hpp"
#include "src/store/keys.hpp"
#include "tests/store/store_fixture.hpp"

#include <algorithm>
#include <map>

namespace parley::store {
namespace {

std::size_t count(const std::vector<row>& rows, table where, bool erase) {
  return static_cast<std::size_t>(std::ranges::count_if(
    rows, [&](const row& one) { return one.where == where && one.erase == erase; }));
}

/// A pair with a conversation that has one queued message, without a store.
pair_driver talking() {
  pair_driver pair{pair_of(1)};
  conversation::apply(pair.state, pair.opened(1, to_users({"ann", "bob"}), at_ms(50)), 1);
  conversation::apply(pair.state, pair.outbound("text", 9), 2);
  return pair;
}

TEST(rows, opening_makes_the_id_the_listings_and_the_timer) {
  pair_driver pair{pair_of(1)};
  const std::vector events{pair.opened(1, to_users({"ann", "bob"}), at_ms(50))};
  const auto rows = project(pair.state, events);
  EXPECT_EQ(rows.size(), 5U);
  EXPECT_EQ(count(rows, table::conversation_ids, false), 1U);
  EXPECT_EQ(count(rows, table::listings, false), 3U);  // The organisation's, and each user's.
  EXPECT_EQ(count(rows, table::timers, false), 1U);
}

TEST(rows, an_inbox_is_listed_in_place_of_its_members) {
  pair_driver pair{pair_of(1)};
  const std::vector events{pair.opened(1, to_users({"ann", "bob"}, "sales"))};
  EXPECT_EQ(count(project(pair.state, events), table::listings, false), 2U);
}

TEST(rows, an_inbound_message_makes_none) {
  const auto pair = talking();
  const std::vector events{pair.inbound("text", 1)};
  EXPECT_TRUE(project(pair.state, events).empty());
}

TEST(rows, an_outbound_message_waits_under_its_own_number) {
  const auto pair = talking();
  const std::vector events{pair.inbound("text", 1), pair.outbound("text", 2)};
  const auto rows = project(pair.state, events);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].where, table::outbox);
  EXPECT_EQ(rows[0].key_ends_with_seq_of, 1);
  EXPECT_TRUE(rows[0].key.starts_with(outbox_prefix(7, pair.state.pair.ours)));
}

model::event with_files(const pair_driver& pair, std::uint64_t id, model::direction direction) {
  auto event = pair.message(direction, "look", id);
  auto& added = std::get<model::message_added>(event.body);
  auto what = std::make_shared<model::content>(*added.what);
  what->files.push_back({"https://carrier.example/1", "image/png"});
  added.what = std::move(what);
  return event;
}

TEST(rows, an_inbound_message_with_files_waits_for_them_in_a_lane_of_its_own) {
  const auto pair = talking();
  const std::vector events{pair.inbound("text", 1),
                           with_files(pair, 2, model::direction::inbound)};
  const auto rows = project(pair.state, events);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].where, table::outbox);
  EXPECT_FALSE(rows[0].erase);
  EXPECT_EQ(rows[0].key_ends_with_seq_of, 1);
  EXPECT_EQ(rows[0].key, outbox_lane_key(7, pair.state.pair.ours, lane::media));
}

TEST(rows, files_of_other_messages_are_waited_for_by_nobody) {
  const auto pair = talking();
  const std::vector notes{with_files(pair, 2, model::direction::note)};
  EXPECT_TRUE(project(pair.state, notes).empty());
  const std::vector sends{with_files(pair, 2, model::direction::outbound)};
  const auto rows = project(pair.state, sends);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].key, outbox_lane_key(7, pair.state.pair.ours, lane::reply));
}

TEST(rows, settled_and_redacted_messages_wait_for_no_files_any_more) {
  const auto pair = talking();
  const auto message = id_of<model::message_id>(5);
  for (const model::event_body& body :
       {model::event_body{model::media_settled{message, 1, 77}},
        model::event_body{model::message_redacted{message, 1, 77}}}) {
    const std::vector<model::event> events{{pair.state.id, at_ms(60), body}};
    const auto rows = project(pair.state, events);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_TRUE(rows[0].erase);
    auto key = outbox_lane_key(7, pair.state.pair.ours, lane::media);
    append_big(key, std::uint64_t{77});
    EXPECT_EQ(rows[0].key, key);
  }
}

/// A pair whose other end is a group, with a message that waits for both of its parties.
pair_driver with_group() {
  pair_driver pair{pair_of(1)};
  pair.state.pair.theirs
    = *model::address::group_of(model::channel::sms, {"+15551230001", "+15551230002"});
  conversation::apply(pair.state, pair.opened(1, to_users({"ann"})), 1);
  auto sent = pair.outbound("to both", 9);
  std::get<model::message_added>(sent.body).recipients = {"sms:+15551230001", "sms:+15551230002"};
  conversation::apply(pair.state, sent, 2);
  return pair;
}

std::vector<row> outbox_rows(std::vector<row> all) {
  std::erase_if(all, [](const row& one) { return one.where != table::outbox; });
  return all;
}

/// A message that is to leave at 500 ms, as number 9 and event 2.
pair_driver with_scheduled() {
  pair_driver pair{pair_of(1)};
  conversation::apply(pair.state, pair.opened(1, to_users({"ann"})), 1);
  auto sent = pair.outbound("later", 9);
  std::get<model::message_added>(sent.body).send_at = at_ms(500);
  EXPECT_TRUE(outbox_rows(project(pair.state, std::vector{sent})).empty());
  conversation::apply(pair.state, sent, 2);
  return pair;
}

TEST(rows, a_scheduled_message_enters_the_outbox_with_the_event_that_queues_it) {
  using model::delivery_state;
  auto pair = with_scheduled();
  const std::vector queued{pair.delivery(9, delivery_state::queued)};
  const auto rows = outbox_rows(project(pair.state, queued));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_FALSE(rows[0].erase);
  EXPECT_EQ(rows[0].key_ends_with_seq_of, 0);
  const auto content = open_outbox(rows[0].value);
  EXPECT_TRUE(content.one_recipient);
  EXPECT_EQ(content.message_seq, 2U);
  EXPECT_EQ(content.valid_from, at_ms(500));
  EXPECT_EQ(content.pair_key, pair.state.pair.key());
  conversation::apply(pair.state, queued[0], 7);
  const auto gone
    = outbox_rows(project(pair.state, std::vector{pair.delivery(9, delivery_state::sent)}));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_TRUE(gone[0].erase);
  auto key = outbox_lane_key(7, pair.state.pair.ours, lane::reply);
  append_big(key, std::uint64_t{7});
  EXPECT_EQ(gone[0].key, key);
}

TEST(rows, a_scheduled_message_that_is_called_off_has_no_row_to_go) {
  auto pair = with_scheduled();
  const std::vector events{pair.delivery(9, model::delivery_state::canceled)};
  EXPECT_TRUE(project(pair.state, events).empty());
}

TEST(rows, a_resent_party_of_a_group_has_a_row_of_its_own) {
  using model::delivery_state;
  auto pair = with_group();
  const auto move = [&](const char* to, delivery_state state) {
    auto event = pair.delivery(9, state);
    std::get<model::delivery_changed>(event.body).to = to;
    return event;
  };
  conversation::apply(pair.state, move("sms:+15551230001", delivery_state::unknown), 3);
  const auto resent = move("sms:+15551230001", delivery_state::queued);
  const auto rows = outbox_rows(project(pair.state, std::vector{resent}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(open_outbox(rows[0].value).to, "sms:+15551230001");
  EXPECT_EQ(open_outbox(rows[0].value).valid_from, resent.at);
  conversation::apply(pair.state, resent, 4);
  // The message's own row waits for the other party alone.
  const auto last
    = outbox_rows(project(pair.state, std::vector{move("sms:+15551230002", delivery_state::sent)}));
  ASSERT_EQ(last.size(), 1U);
  auto key = outbox_lane_key(7, pair.state.pair.ours, lane::reply);
  append_big(key, std::uint64_t{2});
  EXPECT_EQ(last[0].key, key);
}

TEST(rows, a_conversation_is_listed_as_unknown_from_the_first_to_the_last_such_outcome) {
  using model::delivery_state;
  auto pair = with_group();
  const auto prefix
    = listing_prefix(7, listing_scope::unknown, {}, model::conversation_phase::active);
  const auto lines = [&](const char* to, delivery_state state, std::uint64_t seq) {
    auto event = pair.delivery(9, state);
    std::get<model::delivery_changed>(event.body).to = to;
    auto rows = project(pair.state, std::vector{event});
    std::erase_if(rows, [&](const row& one) {
      return one.where != table::listings || !one.key.starts_with(prefix);
    });
    conversation::apply(pair.state, event, seq);
    return rows;
  };
  ASSERT_EQ(lines("sms:+15551230001", delivery_state::unknown, 3).size(), 1U);
  EXPECT_EQ(lines("sms:+15551230002", delivery_state::unknown, 4).size(), 1U);
  EXPECT_TRUE(lines("sms:+15551230001", delivery_state::failed, 5).empty());
  const auto last = lines("sms:+15551230002", delivery_state::queued, 6);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_TRUE(last[0].erase);
}

TEST(rows, an_outcome_that_is_known_again_at_once_is_not_listed) {
  using model::delivery_state;
  const auto pair = talking();
  const std::vector events{pair.delivery(9, delivery_state::unknown),
                           pair.delivery(9, delivery_state::delivered)};
  const auto rows = project(pair.state, events);
  const auto last = std::ranges::find(rows.rbegin(), rows.rend(), table::listings, &row::where);
  ASSERT_NE(last, rows.rend());
  EXPECT_TRUE(last->erase);
}

TEST(rows, every_outcome_ends_the_waiting_once) {
  using model::delivery_state;
  for (const auto to :
       {delivery_state::unknown, delivery_state::sent, delivery_state::delivered,
        delivery_state::failed, delivery_state::canceled, delivery_state::expired}) {
    auto pair = talking();
    const std::vector events{pair.delivery(9, to)};
    const auto rows = outbox_rows(project(pair.state, events));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_TRUE(rows[0].erase);
    auto key = outbox_lane_key(7, pair.state.pair.ours, lane::reply);
    append_big(key, std::uint64_t{2});
    EXPECT_EQ(rows[0].key, key);
    conversation::apply(pair.state, events[0], 3);
    EXPECT_TRUE(outbox_rows(project(pair.state, events)).empty());
  }
  const auto pair = talking();
  for (const auto to : {delivery_state::queued, delivery_state::sending}) {
    const std::vector events{pair.delivery(9, to)};
    EXPECT_TRUE(project(pair.state, events).empty());
  }
  const std::vector nobody_knows{pair.delivery(77, delivery_state::sent)};
  EXPECT_TRUE(project(pair.state, nobody_knows).empty());
}

TEST(rows, a_groups_message_waits_for_the_last_of_its_recipients) {
  using model::delivery_state;
  auto pair = with_group();
  auto first = pair.delivery(9, delivery_state::sent);
  std::get<model::delivery_changed>(first.body).to = "sms:+15551230001";
  auto second = pair.delivery(9, delivery_state::failed);
  std::get<model::delivery_changed>(second.body).to = "sms:+15551230002";
  EXPECT_TRUE(project(pair.state, std::vector{first}).empty());
  EXPECT_EQ(project(pair.state, std::vector{first, second}).size(), 1U) << "both at once";
  conversation::apply(pair.state, first, 3);
  const auto rows = project(pair.state, std::vector{second});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].erase);
}

TEST(rows, a_group_is_listed_for_each_of_its_parties) {
  pair_driver pair{pair_of(1)};
  pair.state.pair.theirs
    = *model::address::group_of(model::channel::sms, {"+15551230001", "+15551230002"});
  const auto rows = project(pair.state, std::vector{pair.opened(1, to_users({"ann"}))});
  for (const char* party : {"+15551230001", "+15551230002"}) {
    const auto prefix
      = listing_prefix(7, listing_scope::party, party_scope(pair.state.pair.ours, party),
                       model::conversation_phase::active);
    EXPECT_TRUE(std::ranges::any_of(rows, [&](const row& one) {
      return one.where == table::listings && one.key.starts_with(prefix);
    })) << party;
  }
}

TEST(rows, idling_moves_listings_and_timer) {
  const auto pair = talking();
  const std::vector<model::event> events{
    {pair.state.id, at_ms(60), model::conversation_idled{at_ms(90)}}};
  const auto rows = project(pair.state, events);
  EXPECT_EQ(count(rows, table::listings, true), 3U);
  EXPECT_EQ(count(rows, table::listings, false), 3U);
  EXPECT_EQ(count(rows, table::timers, true), 1U);
  EXPECT_EQ(count(rows, table::timers, false), 1U);
}

TEST(rows, a_message_wakes_an_inactive_conversation_within_the_same_events) {
  const auto pair = talking();
  const std::vector<model::event> events{
    {pair.state.id, at_ms(60), model::conversation_idled{at_ms(50)}}, pair.inbound("text", 3)};
  const auto rows = project(pair.state, events);
  EXPECT_EQ(count(rows, table::listings, true), 6U);
  EXPECT_EQ(count(rows, table::listings, false), 6U);
  EXPECT_EQ(count(rows, table::timers, true) + count(rows, table::timers, false), 0U);
}

TEST(rows, closing_takes_the_timer) {
  const auto pair = talking();
  const std::vector events{pair.closed()};
  const auto rows = project(pair.state, events);
  EXPECT_EQ(count(rows, table::timers, true), 1U);
  EXPECT_EQ(count(rows, table::timers, false), 0U);
}

TEST(rows, opening_over_a_closed_one_keeps_its_final_state) {
  auto pair = talking();
  conversation::apply(pair.state, pair.closed(), 3);
  const std::vector events{pair.opened(2, {})};
  const auto rows = project(pair.state, events);
  EXPECT_EQ(count(rows, table::conversation_ids, false), 2U);
  EXPECT_TRUE(open_place(rows[0].value).closed);
}

TEST(rows, organisations_and_numbers_do_not_share_prefixes) {
  const model::address ours{model::channel::sms, "+15551"};
  const model::address longer{model::channel::sms, "+155512"};
  EXPECT_FALSE(outbox_prefix(1, longer).starts_with(outbox_prefix(1, ours)));
  EXPECT_FALSE(outbox_prefix(2, ours).starts_with(outbox_prefix(1, ours)));
  EXPECT_LT(outbox_prefix(1, ours), outbox_prefix(256, ours));
}

/// Keys of the listings that are put, and not erased again by a later row.
std::vector<std::string> listed(const std::vector<row>& rows) {
  std::map<std::string, bool> last;
  for (const auto& one : rows)
    if (one.where == table::listings)
      last[one.key] = one.erase;
  std::vector<std::string> keys;
  for (const auto& [key, erased] : last)
    if (!erased)
      keys.push_back(key);
  return keys;
}

std::string place_of(const pair_driver& pair, listing_scope scope, std::string_view id) {
  auto key = listing_prefix(7, scope, id, model::conversation_phase::active);
  append_listing_place(key, pair.state.created_at, pair.state.id);
  return key;
}

TEST(rows, whoever_is_added_to_a_teams_conversation_has_a_line_and_loses_it) {
  pair_driver pair{pair_of(1)};
  conversation::apply(pair.state, pair.opened(1, to_users({"ann", "bob"}, "sales")), 1);
  const auto line = place_of(pair, listing_scope::user, "eve");
  const model::event added{pair.state.id, at_ms(1), model::participant_added{"eve"}};
  EXPECT_EQ(std::ranges::count(listed(project(pair.state, std::vector{added})), line), 1);
  conversation::apply(pair.state, added, 2);
  for (const model::event_body& body :
       {model::event_body{model::participant_removed{"eve"}},
        model::event_body{model::conversation_claimed{"ann"}}}) {
    const auto rows = project(pair.state, std::vector{model::event{pair.state.id, at_ms(2), body}});
    EXPECT_EQ(std::ranges::count(listed(rows), line), 0);
    EXPECT_EQ(std::ranges::count(rows, line, &row::key), 1);
  }
}

TEST(rows, a_transfer_moves_the_line_to_the_other_inbox_or_user) {
  auto pair = talking();
  const auto moved = [&](std::string user, std::string inbox, std::vector<std::string> team) {
    const model::event event{pair.state.id, at_ms(1),
                             model::conversation_transferred{"ann", std::move(user),
                                                             std::move(inbox), std::move(team), 0}};
    const auto rows = project(pair.state, std::vector{event});
    conversation::apply(pair.state, event, pair.state.head_seq + 1);
    return listed(rows);
  };
  const auto everybodys = place_of(pair, listing_scope::organization, {});
  EXPECT_EQ(moved("eve", "", {"eve"}),
            (std::vector{everybodys, place_of(pair, listing_scope::user, "eve")}));
  EXPECT_EQ(moved("", "sales", {"ann", "bob"}),
            (std::vector{place_of(pair, listing_scope::inbox, "sales"), everybodys}));
  // A member of the team finds it in the inbox, whoever has claimed it; it counts as that one's.
  EXPECT_EQ(moved("bob", "sales", {"ann", "bob"}),
            (std::vector{place_of(pair, listing_scope::held, "bob"),
                         place_of(pair, listing_scope::inbox, "sales"), everybodys}));
}

TEST(rows, a_note_is_not_sent) {
  auto pair = talking();
  const std::vector events{pair.message(model::direction::note, "between us", 5)};
  EXPECT_TRUE(project(pair.state, events).empty());
}

}  // namespace
}  // namespace parley::store
