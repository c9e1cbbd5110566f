#include "parley/model/limits.hpp"
#include "tests/conversation/desk.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace parley::conversation {
namespace {

using model::conversation_phase;
using model::delivery_state;
using model::errc;

// -- inbound --------------------------------------------------------------------------------------

TEST(inbound, first_message_opens_a_conversation) {
  desk d;
  d.route.close_after_ms = 5000;
  const auto events = d.events_of(desk::inbound(1));
  ASSERT_EQ(events.size(), 2u);
  const auto& opened = body_of<model::conversation_opened>(events, 0);
  EXPECT_FALSE(opened.previous.has_value());
  EXPECT_EQ(opened.route, d.route);
  EXPECT_EQ(opened.timer_due, d.now + 5s);
  const auto& added = body_of<model::message_added>(events, 1);
  EXPECT_EQ(added.index, 1u);
  EXPECT_EQ(added.direction, model::direction::inbound);
  EXPECT_EQ(added.author, (model::author{model::author::kind::contact, "sms:+15550199999"}));
  EXPECT_EQ(added.dedupe, numbered(1));
  EXPECT_TRUE(added.message.has_value());
  EXPECT_EQ(events[0].conversation, events[1].conversation);
  EXPECT_EQ(events[0].at, d.now);

  EXPECT_EQ(d.state.id, events[0].conversation);
  EXPECT_EQ(d.state.phase, conversation_phase::active);
  EXPECT_EQ(d.state.created_at, d.now);
  EXPECT_EQ(d.state.opened_seq, 103u);
  EXPECT_EQ(d.state.head_seq, 106u);
  ASSERT_EQ(d.state.participants.size(), 2u);
  EXPECT_EQ(unread(d.state, d.state.participants[0]), 1u);
}

TEST(inbound, next_message_joins_the_open_conversation) {
  desk d;
  const auto first = d.opened().state.id;
  d.now += 1s;
  const auto events = d.events_of(desk::inbound(2));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(body_of<model::message_added>(events).index, 2u);
  EXPECT_EQ(events[0].conversation, first);
  EXPECT_EQ(d.state.last_activity, d.now);
  EXPECT_EQ(d.state.last_index, 2u);
}

TEST(inbound, closed_is_final_and_the_next_message_opens_a_new_one_that_links_to_it) {
  desk d;
  const auto first = d.opened().state.id;
  d.carry_out(model::close_conversation{first, {}});
  d.route.users = {"carol"};
  d.now += 1h;
  const auto events = d.events_of(desk::inbound(2));
  EXPECT_EQ(body_of<model::conversation_opened>(events, 0).previous, first);
  EXPECT_EQ(body_of<model::message_added>(events, 1).index, 1u);
  EXPECT_NE(d.state.id, first);
  EXPECT_EQ(d.state.previous, first);
  EXPECT_EQ(d.state.closed_for, model::close_reason::none);
  EXPECT_EQ(d.state.created_at, d.now);
  ASSERT_EQ(d.state.participants.size(), 1u);
  EXPECT_EQ(d.state.participants[0], (model::participant{"carol", 0}));
}

TEST(inbound, same_carrier_id_twice_is_one_message) {
  desk d;
  d.opened();
  const auto before = d.state;
  const auto again = d.carry_out(desk::inbound(1));
  ASSERT_TRUE(std::holds_alternative<duplicate>(again));
  EXPECT_FALSE(std::get<duplicate>(again).first.has_value());
  EXPECT_EQ(d.state, before);
}

TEST(inbound, same_carrier_id_after_the_close_opens_nothing) {
  desk d;
  d.opened().carry_out(model::close_conversation{d.state.id, {}});
  EXPECT_TRUE(std::holds_alternative<duplicate>(d.carry_out(desk::inbound(1))));
  EXPECT_EQ(d.state.phase, conversation_phase::closed);
}

TEST(inbound, the_last_64_carrier_ids_are_remembered) {
  desk d;
  for (std::uint64_t id = 1; id <= model::dedupe_ids_max + 1; ++id)
    d.carry_out(desk::inbound(id));
  EXPECT_EQ(d.state.seen.size(), model::dedupe_ids_max);
  EXPECT_TRUE(std::holds_alternative<duplicate>(d.decide(desk::inbound(2))));
  EXPECT_FALSE(std::holds_alternative<duplicate>(d.decide(desk::inbound(1))));
}

TEST(inbound, messages_without_a_carrier_id_are_never_duplicates) {
  desk d;
  d.carry_out(desk::inbound(0));
  d.carry_out(desk::inbound(0));
  EXPECT_EQ(d.state.last_index, 2u);
  EXPECT_TRUE(d.state.seen.empty());
}

TEST(inbound, without_a_route_nothing_opens) {
  desk d;
  auto around = d.around();
  around.route = nullptr;
  EXPECT_EQ(refusal(decide(d.state, desk::inbound(1), around)), errc::internal);
}

TEST(inbound, without_content_nothing_is_added) {
  desk d;
  EXPECT_EQ(refusal(d.decide(model::receive_message{nullptr, numbered(1), 1})), errc::malformed);
}

/// Which of the two waits decides when the first look is due.
struct due_case {
  const char* name;
  std::int64_t inactive_after_ms;
  std::int64_t close_after_ms;
  std::optional<std::chrono::milliseconds> due;  ///< After opening; empty: no timer.
};

class opening : public ::testing::TestWithParam<due_case> {};

TEST_P(opening, sets_the_timer_to_the_first_deadline) {
  desk d;
  d.route.inactive_after_ms = GetParam().inactive_after_ms;
  d.route.close_after_ms = GetParam().close_after_ms;
  d.opened();
  EXPECT_EQ(d.state.timer_due, GetParam().due ? d.now + *GetParam().due : model::timestamp{});
}

INSTANTIATE_TEST_SUITE_P(timers, opening,
                         ::testing::Values(due_case{"neither", 0, 0, std::nullopt},
                                           due_case{"close_only", 0, 900, 900ms},
                                           due_case{"inactive_only", 60, 0, 60ms},
                                           due_case{"inactive_first", 60, 900, 60ms},
                                           due_case{"close_first", 900, 60, 60ms},
                                           due_case{"negative_is_never", -5, -1, std::nullopt}),
                         [](const auto& instance) { return instance.param.name; });

TEST(opening_limits, a_deadline_beyond_all_time_is_the_end_of_time) {
  desk d;
  d.route.close_after_ms = std::numeric_limits<std::int64_t>::max();
  d.opened();
  EXPECT_EQ(d.state.timer_due, model::timestamp::max());
}

// -- outbound -------------------------------------------------------------------------------------

TEST(outbound, a_reply_takes_the_next_place_and_waits_for_the_carrier) {
  desk d;
  d.opened();
  d.now += 1s;
  const auto events = d.events_of(d.reply(10));
  ASSERT_EQ(events.size(), 1u);
  const auto& added = body_of<model::message_added>(events);
  EXPECT_EQ(added.index, 2u);
  EXPECT_EQ(added.direction, model::direction::outbound);
  EXPECT_EQ(added.message, numbered<model::message_id>(10));
  const auto& waiting = d.delivery(10);
  EXPECT_EQ(waiting.state, delivery_state::queued);
  EXPECT_EQ(waiting.conversation, d.state.id);
  EXPECT_EQ(waiting.index, 2u);
  EXPECT_EQ(waiting.message_seq, d.seq);
  EXPECT_EQ(waiting.attempts, 0u);
  EXPECT_EQ(waiting.updated_at, d.now);
}

TEST(outbound, who_writes_has_read_what_is_before) {
  desk d;
  d.opened().carry_out(d.reply(10));
  EXPECT_EQ(unread(d.state, d.participant("alice")), 0u);
  EXPECT_EQ(unread(d.state, d.participant("bob")), 2u);
}

TEST(outbound, a_team_writes_in_the_conversations_of_its_inbox) {
  desk d;
  d.route.inbox = "support";
  d.opened();
  auto reply = d.reply(10);
  reply.author = {model::author::kind::team, "support"};
  EXPECT_EQ(body_of<model::message_added>(d.events_of(reply)).author, reply.author);
  EXPECT_EQ(d.participant("alice").read_index, 0u);
}

TEST(outbound, a_reply_may_be_files_alone) {
  desk d;
  d.opened();
  auto reply = d.reply(10);
  reply.what = std::make_shared<const model::content>(
    model::content{{}, {{"https://example.org/a.png", "image/png"}}, {}, {}});
  EXPECT_EQ(d.events_of(reply).size(), 1u);
}

/// A reply that is turned away.
struct refusal_case {
  const char* name;
  void (*arrange)(desk&, model::send_message&);
  errc why;
};

class outbound_refused : public ::testing::TestWithParam<refusal_case> {};

TEST_P(outbound_refused, with_a_named_error) {
  desk d;
  d.route.inbox = "support";
  d.opened();
  auto reply = d.reply(10);
  GetParam().arrange(d, reply);
  const auto before = d.state;
  EXPECT_EQ(refusal(d.carry_out(reply)), GetParam().why);
  EXPECT_EQ(d.state, before);
}

INSTANTIATE_TEST_SUITE_P(
  rules, outbound_refused,
  ::testing::Values(
    refusal_case{"closed_is_final",
                 [](desk& d, model::send_message&) {
                   d.carry_out(model::close_conversation{d.state.id, {}});
                 },
                 errc::conversation_closed},
    refusal_case{"an_earlier_conversation_is_closed",
                 [](desk& d, model::send_message&) {
                   d.carry_out(model::close_conversation{d.state.id, {}});
                   d.carry_out(desk::inbound(2));
                 },
                 errc::conversation_closed},
    refusal_case{"one_before_the_previous_is_closed_too",
                 [](desk& d, model::send_message&) {
                   for (const std::uint64_t id : {2u, 3u}) {
                     d.carry_out(model::close_conversation{d.state.id, {}});
                     d.carry_out(desk::inbound(id));
                   }
                 },
                 errc::conversation_closed},
    refusal_case{"unknown_conversation",
                 [](desk&, model::send_message& reply) {
                   reply.conversation = numbered<model::conversation_id>(999);
                 },
                 errc::not_found},
    refusal_case{"no_conversation",
                 [](desk&, model::send_message& reply) { reply.conversation = {}; },
                 errc::not_found},
    refusal_case{"user_outside",
                 [](desk&, model::send_message& reply) { reply.author.id = "mallory"; },
                 errc::not_participant},
    refusal_case{"team_of_another_inbox",
                 [](desk&, model::send_message& reply) {
                   reply.author = {model::author::kind::team, "sales"};
                 },
                 errc::not_participant},
    refusal_case{"nameless_team",
                 [](desk&, model::send_message& reply) {
                   reply.author = {model::author::kind::team, ""};
                 },
                 errc::not_participant},
    refusal_case{"system_is_nobody",
                 [](desk&, model::send_message& reply) {
                   reply.author = {model::author::kind::system, "alice"};
                 },
                 errc::not_participant},
    refusal_case{"contact_is_not_inside",
                 [](desk&, model::send_message& reply) {
                   reply.author = {model::author::kind::contact, "alice"};
                 },
                 errc::not_participant},
    refusal_case{"neither_text_nor_files",
                 [](desk&, model::send_message& reply) { reply.what = text(""); },
                 errc::body_required},
    refusal_case{"no_content", [](desk&, model::send_message& reply) { reply.what = nullptr; },
                 errc::body_required},
    refusal_case{"too_many_wait_for_an_outcome",
                 [](desk& d, model::send_message&) {
                   for (std::uint64_t i = 0; i < model::deliveries_max; ++i)
                     d.carry_out(d.reply(100 + i));
                 },
                 errc::unfinished_deliveries}),
  [](const auto& instance) { return instance.param.name; });

TEST(outbound, before_the_first_conversation_there_is_nothing_to_answer) {
  desk d;
  auto reply = d.reply(10);
  EXPECT_EQ(refusal(d.decide(reply)), errc::not_found);
  reply.conversation = numbered<model::conversation_id>(1);
  EXPECT_EQ(refusal(d.decide(reply)), errc::not_found);
}

TEST(outbound, an_unrouted_conversation_has_nobody_who_may_answer) {
  desk d;
  d.route.users.clear();
  d.route.unrouted = true;
  d.opened();
  EXPECT_EQ(refusal(d.decide(d.reply(10))), errc::not_participant);
}

TEST(outbound, a_team_without_a_name_does_not_match_a_conversation_without_an_inbox) {
  desk d;
  d.opened();
  auto reply = d.reply(10);
  reply.author = {model::author::kind::team, ""};
  EXPECT_EQ(refusal(d.decide(reply)), errc::not_participant);
}

// -- idempotency ----------------------------------------------------------------------------------

class idempotency : public ::testing::Test {
protected:
  idempotency() {
    d.opened();
    reply = d.reply(10);
    reply.idempotency_key = numbered(500);
    reply.request_digest = numbered(600);
    reply.segments = 3;
  }

  desk d;
  model::send_message reply;
};

TEST_F(idempotency, the_same_key_never_sends_twice_and_gets_the_first_answer) {
  d.carry_out(reply);
  const auto first_at = d.now;
  d.now += model::idempotency_lifetime - 1ms;
  reply.message = numbered<model::message_id>(11);
  const auto again = d.carry_out(reply);
  ASSERT_TRUE(std::holds_alternative<duplicate>(again));
  const model::used_key expected{
    numbered(500), numbered(600), numbered<model::message_id>(10), 2, 3, first_at,
    d.state.id};
  EXPECT_EQ(std::get<duplicate>(again).first, expected);
  EXPECT_EQ(d.state.last_index, 2u);
}

TEST_F(idempotency, the_same_key_gets_the_first_answer_after_the_close) {
  d.carry_out(reply);
  d.carry_out(model::close_conversation{d.state.id, {}});
  EXPECT_TRUE(std::holds_alternative<duplicate>(d.decide(reply)));
}

TEST_F(idempotency, another_request_under_the_same_key_is_refused) {
  d.carry_out(reply);
  reply.request_digest = numbered(601);
  EXPECT_EQ(refusal(d.decide(reply)), errc::idempotency_mismatch);
}

TEST_F(idempotency, after_24_hours_the_key_is_free_again) {
  d.carry_out(reply);
  d.now += model::idempotency_lifetime;
  reply.message = numbered<model::message_id>(11);
  reply.request_digest = numbered(601);
  EXPECT_EQ(d.events_of(reply).size(), 1u);
  ASSERT_EQ(d.state.keys.size(), 1u);
  EXPECT_EQ(d.state.keys[0].message, numbered<model::message_id>(11));
}

TEST_F(idempotency, expired_keys_leave_with_the_next_one) {
  d.carry_out(reply);
  d.now += model::idempotency_lifetime;
  reply.message = numbered<model::message_id>(11);
  reply.idempotency_key = numbered(501);
  d.carry_out(reply);
  ASSERT_EQ(d.state.keys.size(), 1u);
  EXPECT_EQ(d.state.keys[0].key, numbered(501));
}

TEST_F(idempotency, sends_without_a_key_are_different_sends) {
  reply.idempotency_key = {};
  d.carry_out(reply);
  reply.message = numbered<model::message_id>(11);
  EXPECT_EQ(d.events_of(reply).size(), 1u);
  EXPECT_TRUE(d.state.keys.empty());
}

TEST_F(idempotency, a_refused_send_does_not_use_its_key) {
  reply.author.id = "mallory";
  EXPECT_EQ(refusal(d.carry_out(reply)), errc::not_participant);
  reply.author.id = "alice";
  EXPECT_EQ(d.events_of(reply).size(), 1u);
}

TEST_F(idempotency, the_oldest_key_leaves_when_there_are_too_many) {
  for (std::uint64_t i = 0; i <= model::idempotency_keys_max; ++i) {
    reply.message = numbered<model::message_id>(10 + i);
    reply.idempotency_key = numbered(500 + i);
    d.carry_out(reply);
    d.carry_out(desk::begin(10 + i));
    d.carry_out(desk::end(10 + i, delivery_state::failed));
  }
  EXPECT_EQ(d.state.keys.size(), model::idempotency_keys_max);
  EXPECT_EQ(d.state.keys.front().key, numbered(501));
}

// -- the chain ------------------------------------------------------------------------------------

TEST(chain, every_64th_message_is_marked_with_its_place_in_the_journal) {
  desk d;
  for (std::uint64_t id = 1; id <= 130; ++id)
    d.carry_out(desk::inbound(id));
  ASSERT_EQ(d.state.marks.size(), 2u);
  EXPECT_EQ(d.state.marks[0].index, 64u);
  EXPECT_EQ(d.state.marks[1].index, 128u);
  for (const auto& mark : d.state.marks) {
    const auto there = std::ranges::find(d.journal, mark.seq, &desk::journal_entry::first);
    ASSERT_NE(there, d.journal.end());
    EXPECT_EQ(std::get<model::message_added>(there->second.body).index, mark.index);
  }
}

TEST(chain, too_many_marks_lose_every_second_and_the_stride_doubles) {
  desk d;
  for (std::uint64_t id = 1; id <= 64 * (model::chain_marks_max + 1); ++id)
    d.carry_out(desk::inbound(id));
  EXPECT_EQ(d.state.mark_stride, 128u);
  ASSERT_EQ(d.state.marks.size(), model::chain_marks_max / 2);
  for (std::size_t i = 0; i < d.state.marks.size(); ++i)
    EXPECT_EQ(d.state.marks[i].index, 128 * (i + 1));
}

TEST(chain, a_new_conversation_starts_its_own_marks) {
  desk d;
  for (std::uint64_t id = 1; id <= 64 * (model::chain_marks_max + 1); ++id)
    d.carry_out(desk::inbound(id));
  d.carry_out(model::close_conversation{d.state.id, {}});
  d.carry_out(desk::inbound(1'000'000));
  EXPECT_TRUE(d.state.marks.empty());
  EXPECT_EQ(d.state.mark_stride, model::conversation_state{}.mark_stride);
  EXPECT_EQ(d.state.opened_seq, d.seq - 3);
}

// -- automatic replies ----------------------------------------------------------------------------

class automatic : public ::testing::Test {
protected:
  automatic() { d.auto_reply = automatic_reply{text("soon"), 2}; }

  void close() { d.carry_out(model::close_conversation{d.state.id, {}}); }

  desk d;
};

TEST_F(automatic, the_first_message_of_a_conversation_is_answered) {
  const auto events = d.events_of(desk::inbound(1));
  ASSERT_EQ(events.size(), 3u);
  const auto& reply = body_of<model::message_added>(events, 2);
  EXPECT_EQ(reply.index, 2u);
  EXPECT_EQ(reply.direction, model::direction::outbound);
  EXPECT_EQ(reply.author.type, model::author::kind::system);
  EXPECT_EQ(reply.what->body, "soon");
  EXPECT_EQ(reply.segments, 2u);
  EXPECT_EQ(d.delivery(2'000'001).state, delivery_state::queued);
  EXPECT_EQ(d.events_of(desk::inbound(2)).size(), 1u) << "and only the first";
}

TEST_F(automatic, at_most_once_in_ten_minutes_however_often_the_conversation_is_closed) {
  d.carry_out(desk::inbound(1));
  close();
  d.now += model::auto_reply_pause - 1ms;
  EXPECT_EQ(d.events_of(desk::inbound(2)).size(), 2u);
  close();
  d.now += 1ms;
  EXPECT_EQ(d.events_of(desk::inbound(3)).size(), 3u);
}

TEST_F(automatic, a_started_conversation_is_not_answered) {
  model::start_conversation start;
  start.first = d.reply(10);
  start.route.users = {"alice"};
  EXPECT_EQ(d.events_of(start).size(), 2u);
}

}  // namespace
}  // namespace parley::conversation
