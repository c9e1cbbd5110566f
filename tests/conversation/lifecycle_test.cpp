#include "tests/conversation/desk.hpp"

#include <algorithm>

namespace parley::conversation {
namespace {

using model::conversation_phase;
using model::errc;

/// A conversation that becomes inactive after a minute and closes after an hour.
class lifecycle : public ::testing::Test {
protected:
  lifecycle() {
    d.route.inactive_after_ms = 60'000;
    d.route.close_after_ms = 3'600'000;
    d.opened();
  }

  /// Lets the timer that stands fire at its time.
  decision fire() {
    d.now = std::max(d.now, d.state.timer_due);
    return d.carry_out(model::fire_timer{d.state.timer_due});
  }

  desk d;
};

// -- closing --------------------------------------------------------------------------------------

TEST_F(lifecycle, a_participant_closes_it) {
  const auto events = d.events_of(model::close_conversation{d.state.id, "bob"});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(body_of<model::conversation_closed>(events),
            (model::conversation_closed{model::close_reason::user, "bob"}));
  EXPECT_EQ(d.state.phase, conversation_phase::closed);
  EXPECT_EQ(d.state.closed_for, model::close_reason::user);
  EXPECT_EQ(d.state.timer_due, model::timestamp{});
}

TEST_F(lifecycle, the_application_closes_it) {
  const auto events = d.events_of(model::close_conversation{d.state.id, {}});
  EXPECT_EQ(body_of<model::conversation_closed>(events).reason, model::close_reason::api);
  EXPECT_EQ(d.state.closed_for, model::close_reason::api);
}

TEST_F(lifecycle, nobody_else_closes_it) {
  EXPECT_EQ(refusal(d.decide(model::close_conversation{d.state.id, "mallory"})),
            errc::not_participant);
}

TEST_F(lifecycle, closed_is_final) {
  const auto first = d.state.id;
  d.carry_out(model::close_conversation{first, {}});
  EXPECT_EQ(refusal(d.decide(model::close_conversation{first, "bob"})), errc::conversation_closed);
  EXPECT_EQ(refusal(d.decide(d.reply(10))), errc::conversation_closed);
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(refusal(d.decide(model::close_conversation{first, "bob"})), errc::conversation_closed);
  EXPECT_EQ(d.state.phase, conversation_phase::active);
}

TEST_F(lifecycle, an_unknown_conversation_is_not_found) {
  const auto other = numbered<model::conversation_id>(999);
  EXPECT_EQ(refusal(d.decide(model::close_conversation{other, {}})), errc::not_found);
  EXPECT_EQ(refusal(d.decide(model::mark_read{other, "bob", 0})), errc::not_found);
  EXPECT_EQ(refusal(desk{}.decide(model::close_conversation{{}, {}})), errc::not_found);
  EXPECT_EQ(refusal(desk{}.decide(model::mark_read{{}, "bob", 0})), errc::not_found);
}

TEST_F(lifecycle, what_is_the_pairs_survives_the_close) {
  auto reply = d.reply(10);
  reply.idempotency_key = numbered(500);
  d.carry_out(reply);
  d.carry_out(model::report_delivery{"SM1", model::delivery_state::delivered, 0});
  const auto before = d.state;
  d.carry_out(model::close_conversation{d.state.id, {}});
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(d.state.deliveries, before.deliveries);
  EXPECT_EQ(d.state.parked, before.parked);
  EXPECT_EQ(d.state.keys, before.keys);
  EXPECT_EQ(d.state.seen.size(), 2u);
  EXPECT_EQ(d.state.head_seq, d.seq);
}

// -- reading --------------------------------------------------------------------------------------

TEST_F(lifecycle, a_read_position_moves_forward_only_and_not_beyond_the_last_message) {
  for (std::uint64_t id = 2; id <= 5; ++id)
    d.carry_out(desk::inbound(id));
  EXPECT_EQ(body_of<model::read_advanced>(d.events_of(model::mark_read{d.state.id, "bob", 3})),
            (model::read_advanced{"bob", 3}));
  EXPECT_EQ(unread(d.state, d.participant("bob")), 2u);
  EXPECT_EQ(unread(d.state, d.participant("alice")), 5u);
  for (const std::uint64_t back : {1u, 2u, 3u})
    EXPECT_TRUE(
      std::holds_alternative<nothing>(d.carry_out(model::mark_read{d.state.id, "bob", back})));
  d.carry_out(model::mark_read{d.state.id, "bob", 1000});
  EXPECT_EQ(d.participant("bob").read_index, 5u);
}

TEST_F(lifecycle, reading_to_no_index_reads_everything) {
  d.carry_out(desk::inbound(2));
  d.carry_out(model::mark_read{d.state.id, "bob", 0});
  EXPECT_EQ(unread(d.state, d.participant("bob")), 0u);
}

TEST_F(lifecycle, who_does_not_participate_reads_nothing) {
  EXPECT_EQ(refusal(d.decide(model::mark_read{d.state.id, "mallory", 1})), errc::not_participant);
}

TEST_F(lifecycle, what_is_closed_can_still_be_read_until_the_next_begins) {
  const auto first = d.state.id;
  d.carry_out(model::close_conversation{first, {}});
  d.carry_out(model::mark_read{first, "bob", 0});
  EXPECT_EQ(d.participant("bob").read_index, 1u);
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(refusal(d.decide(model::mark_read{first, "alice", 0})), errc::conversation_closed);
}

// -- time -----------------------------------------------------------------------------------------

TEST_F(lifecycle, inactive_after_the_idle_time_and_closed_after_the_rest) {
  const auto started = d.now;
  auto outcome = fire();
  EXPECT_EQ(d.now, started + 1min);
  EXPECT_EQ(body_of<model::conversation_idled>(std::get<0>(outcome)).timer_due, started + 1h);
  EXPECT_EQ(d.state.phase, conversation_phase::inactive);
  EXPECT_EQ(d.state.timer_due, started + 1h);
  outcome = fire();
  EXPECT_EQ(body_of<model::conversation_closed>(std::get<0>(outcome)),
            (model::conversation_closed{model::close_reason::idle, {}}));
  EXPECT_EQ(d.state.phase, conversation_phase::closed);
  EXPECT_EQ(d.state.timer_due, model::timestamp{});
}

TEST_F(lifecycle, a_timer_that_comes_too_late_closes_at_once) {
  d.now += 2h;
  d.carry_out(model::fire_timer{d.state.timer_due});
  EXPECT_EQ(d.state.phase, conversation_phase::closed);
}

TEST_F(lifecycle, one_millisecond_before_its_time_it_stays_active) {
  d.now = d.state.timer_due - 1ms;
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(model::fire_timer{d.state.timer_due})));
}

TEST_F(lifecycle, one_millisecond_before_its_close_it_stays_inactive) {
  fire();
  d.now = d.state.timer_due - 1ms;
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(model::fire_timer{d.state.timer_due})));
}

TEST_F(lifecycle, messages_do_not_rewrite_the_timer_and_the_firing_sets_it_anew) {
  const auto first_due = d.state.timer_due;
  d.now += 50s;
  EXPECT_EQ(d.events_of(desk::inbound(2)).size(), 1u);
  EXPECT_EQ(d.state.timer_due, first_due);
  const auto last_message = d.now;
  const auto outcome = fire();
  EXPECT_EQ(body_of<model::timer_rearmed>(std::get<0>(outcome)).timer_due, last_message + 1min);
  EXPECT_EQ(d.state.timer_due, last_message + 1min);
  EXPECT_EQ(d.state.phase, conversation_phase::active);
}

TEST_F(lifecycle, a_timer_that_is_not_the_one_set_is_nothing) {
  const auto stale = d.state.timer_due;
  fire();
  d.now += 2h;
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(model::fire_timer{stale})));
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(model::fire_timer{})));
  d.carry_out(model::close_conversation{d.state.id, {}});
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(model::fire_timer{})));
}

TEST_F(lifecycle, an_inbound_message_makes_an_inactive_one_active_again_and_noticed_in_time) {
  fire();
  d.now += 10min;
  const auto events = d.events_of(desk::inbound(2));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(body_of<model::message_added>(events, 0).index, 2u);
  EXPECT_EQ(body_of<model::timer_rearmed>(events, 1).timer_due, d.now + 1min);
  EXPECT_EQ(d.state.phase, conversation_phase::active);
  fire();
  EXPECT_EQ(d.state.phase, conversation_phase::inactive);
}

TEST_F(lifecycle, a_reply_makes_an_inactive_one_active_again_too) {
  fire();
  EXPECT_EQ(d.events_of(d.reply(10)).size(), 2u);
  EXPECT_EQ(d.state.phase, conversation_phase::active);
  EXPECT_EQ(d.state.timer_due, d.now + 1min);
}

TEST_F(lifecycle, a_message_shortly_before_the_close_needs_no_other_timer) {
  fire();
  d.now = d.state.timer_due - 30s;
  EXPECT_EQ(d.events_of(desk::inbound(2)).size(), 1u);
  const auto outcome = fire();
  EXPECT_EQ(body_of<model::timer_rearmed>(std::get<0>(outcome)).timer_due, d.now + 30s);
}

TEST(idle_time, without_a_closing_time_an_inactive_one_has_no_timer_until_it_is_woken) {
  desk d;
  d.route.inactive_after_ms = 60'000;
  d.opened();
  d.now = d.state.timer_due;
  const auto events = d.events_of(model::fire_timer{d.state.timer_due});
  EXPECT_EQ(body_of<model::conversation_idled>(events).timer_due, model::timestamp{});
  EXPECT_EQ(d.state.timer_due, model::timestamp{});
  d.now += 24h;
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(d.state.timer_due, d.now + 1min);
}

TEST(idle_time, a_clock_set_back_brings_no_deadline_forward) {
  desk d;
  d.route.close_after_ms = 60'000;
  d.opened();
  const auto due = d.state.timer_due;
  const auto last_activity = d.state.last_activity;
  d.now -= 1h;
  EXPECT_EQ(d.events_of(desk::inbound(2)).size(), 1u);
  EXPECT_EQ(d.state.timer_due, due);
  EXPECT_EQ(d.state.last_activity, last_activity);
  d.now = due;
  d.carry_out(model::fire_timer{due});
  EXPECT_EQ(d.state.phase, conversation_phase::closed);
}

TEST(idle_time, a_timer_without_a_reason_is_taken_away) {
  desk d;
  d.opened();
  d.append({{d.state.id, d.now, model::timer_rearmed{d.now + 1s}}});
  d.now += 1s;
  EXPECT_EQ(body_of<model::timer_rearmed>(d.events_of(model::fire_timer{d.now})).timer_due,
            model::timestamp{});
}

}  // namespace
}  // namespace parley::conversation
