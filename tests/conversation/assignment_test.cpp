#include "tests/conversation/desk.hpp"

namespace parley::conversation {
namespace {

using model::errc;
/// A conversation of an inbox that gives each to one of its team: alice, bob and carol.
class assignment : public ::testing::Test {
protected:
  assignment() {
    d.route.users = {"alice", "bob", "carol"};
    d.route.inbox = "support";
    d.route.assigned = true;
    d.opened();
  }

  [[nodiscard]] model::assign_conversation give_to(std::string user) const {
    return {d.state.id, std::move(user), "support"};
  }

  desk d;
};

// -- waiting --------------------------------------------------------------------------------------

TEST_F(assignment, it_waits_for_somebody_and_nobody_takes_part_until_then) {
  EXPECT_EQ(d.state.waiting_since, d.now);
  EXPECT_TRUE(d.state.participants.empty());
  EXPECT_EQ(refusal(d.decide(d.reply(10))), errc::not_participant);
}

TEST_F(assignment, who_is_given_it_carries_on_alone_as_after_a_claim) {
  const auto events = d.events_of(give_to("bob"));
  EXPECT_EQ(body_of<model::conversation_claimed>(events),
            (model::conversation_claimed{"bob", true}));
  EXPECT_EQ(users_of(d.state), names{"bob"});
  EXPECT_EQ(d.state.claimed_by, "bob");
  EXPECT_EQ(d.state.waiting_since, model::timestamp{});
}

TEST_F(assignment, it_is_given_once_and_to_the_team_only) {
  const model::assign_conversation elsewhere{d.state.id, "bob", "sales"};
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(elsewhere))) << "another inbox's queue";
  d.carry_out(give_to("bob"));
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(give_to("alice"))));
  EXPECT_EQ(users_of(d.state), names{"bob"});
}

TEST_F(assignment, a_member_of_the_team_can_take_what_waits_and_others_cannot) {
  EXPECT_EQ(refusal(d.decide(model::claim_conversation{d.state.id, "mallory"})),
            errc::not_participant);
  const auto events = d.events_of(model::claim_conversation{d.state.id, "carol"});
  EXPECT_FALSE(body_of<model::conversation_claimed>(events).assigned);
  EXPECT_EQ(users_of(d.state), names{"carol"});
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(give_to("alice"))));
}

TEST_F(assignment, released_or_silent_it_waits_again_and_knows_who_had_it) {
  d.carry_out(give_to("bob"));
  d.carry_out(model::mark_read{d.state.id, "bob", 0});
  const auto events = d.events_of(model::release_conversation{d.state.id, "bob"});
  EXPECT_EQ(body_of<model::conversation_released>(events),
            (model::conversation_released{"bob", false, {}, true}));
  EXPECT_TRUE(d.state.participants.empty());
  EXPECT_EQ(d.state.waiting_since, d.now);
  EXPECT_EQ(d.state.last_holder, "bob");
  EXPECT_FALSE(d.state.holder_wanted);
  d.carry_out(give_to("bob"));
  EXPECT_EQ(d.participant("bob").read_index, 1u) << "what was read is read";
}

TEST_F(assignment, a_team_whose_inbox_gives_out_makes_what_it_gets_wait) {
  desk everyone;
  everyone.route.inbox = "sales";
  everyone.opened();
  model::route to;
  to.inbox = "support";
  to.users = {"alice"};
  to.assigned = true;
  everyone.carry_out(model::transfer_conversation{everyone.state.id, {}, {}, to});
  EXPECT_TRUE(everyone.state.participants.empty());
  EXPECT_EQ(everyone.state.waiting_since, everyone.now);
  everyone.carry_out(model::assign_conversation{everyone.state.id, "alice", "support"});
  everyone.carry_out(model::release_conversation{everyone.state.id, {}});
  EXPECT_EQ(everyone.state.waiting_since, everyone.now) << "it is that inbox's from now on";
}

TEST_F(assignment, who_was_called_in_besides_the_team_stays_when_it_is_given) {
  d.carry_out(model::add_participant{d.state.id, "eve"});
  d.carry_out(give_to("bob"));
  EXPECT_EQ(users_of(d.state), (names{"bob", "eve"}));
}

TEST_F(assignment, what_a_user_starts_is_that_users) {
  desk fresh;
  model::start_conversation start;
  start.first = fresh.reply(10);
  start.first.conversation = {};
  start.route = d.route;
  fresh.carry_out(start);
  EXPECT_EQ(users_of(fresh.state), names{"alice"});
  EXPECT_EQ(fresh.state.claimed_by, "alice");
  EXPECT_EQ(fresh.state.waiting_since, model::timestamp{});
}

// -- escalation -----------------------------------------------------------------------------------

class escalation : public ::testing::Test {
protected:
  escalation() {
    d.route.users = {"alice"};
    d.route.escalations = {{60'000, {"bob"}}, {180'000, {"carol", "dora"}}};
    d.opened();
  }

  decision fire() {
    d.now = std::max(d.now, d.state.timer_due);
    return d.carry_out(model::fire_timer{d.state.timer_due});
  }

  desk d;
};

TEST_F(escalation, adds_the_next_user_or_team_when_nobody_has_replied_in_time) {
  const auto since = d.now;
  EXPECT_EQ(d.state.timer_due, since + 1min);
  fire();
  EXPECT_EQ(users_of(d.state), (names{"alice", "bob"}));
  EXPECT_EQ(d.state.timer_due, since + 3min) << "counted from the message that waits";
  fire();
  EXPECT_EQ(users_of(d.state), (names{"alice", "bob", "carol", "dora"}));
  EXPECT_EQ(d.state.timer_due, model::timestamp{}) << "there is no further step";
}

TEST_F(escalation, says_which_step_it_is_and_who_comes) {
  d.now = d.state.timer_due;
  const auto events = d.events_of(model::fire_timer{d.state.timer_due});
  EXPECT_EQ(body_of<model::conversation_escalated>(events, 0).step, 1u);
  EXPECT_EQ(body_of<model::participant_added>(events, 1).user, "bob");
}

TEST_F(escalation, a_reply_ends_it_and_the_next_message_begins_anew) {
  d.now += 30s;
  d.carry_out(d.reply(10));
  fire();
  EXPECT_EQ(users_of(d.state), names{"alice"});
  d.now += 1h;
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(d.state.timer_due, d.now + 1min);
  fire();
  EXPECT_EQ(users_of(d.state), (names{"alice", "bob"}));
}

TEST_F(escalation, an_automatic_reply_is_nobodys_answer) {
  desk answered;
  answered.route = d.route;
  answered.auto_reply = automatic_reply{text("soon"), 1};
  answered.opened();
  EXPECT_EQ(answered.state.last_index, 2u);
  EXPECT_EQ(answered.state.unanswered_since, answered.now);
}

TEST_F(escalation, more_messages_do_not_put_it_off) {
  const auto since = d.now;
  for (std::uint64_t id = 2; id < 10; ++id) {
    d.now += 5s;
    d.carry_out(desk::inbound(id));
  }
  EXPECT_EQ(d.state.timer_due, since + 1min);
}

// -- reopening ------------------------------------------------------------------------------------

class reopening : public ::testing::Test {
protected:
  reopening() {
    d.route.reopen_within_ms = 3'600'000;
    d.route.inbox = "support";
    d.opened();
  }

  desk d;
};

TEST_F(reopening, within_its_time_the_old_conversation_goes_on) {
  const auto id = d.state.id;
  d.carry_out(model::close_conversation{id, "bob"});
  d.now += 59min;
  const auto events = d.events_of(desk::inbound(2));
  EXPECT_FALSE(body_of<model::conversation_reopened>(events, 0).waits);
  EXPECT_EQ(body_of<model::message_added>(events, 1).index, 2u);
  EXPECT_EQ(d.state.id, id);
  EXPECT_EQ(d.state.phase, model::conversation_phase::active);
  EXPECT_EQ(users_of(d.state), (names{"alice", "bob"}));
}

TEST_F(reopening, after_its_time_a_new_one_is_opened) {
  const auto id = d.state.id;
  d.carry_out(model::close_conversation{id, "bob"});
  d.now += 1h;
  d.carry_out(desk::inbound(2));
  EXPECT_NE(d.state.id, id);
  EXPECT_EQ(d.state.previous, id);
}

TEST_F(reopening, by_whoever_may_write_and_else_a_new_one_is_opened) {
  const auto id = d.state.id;
  d.carry_out(model::close_conversation{id, {}});
  model::start_conversation start;
  start.first = d.reply(10);
  start.first.conversation = {};
  start.route.users = {"eve"};
  start.first.author.id = "eve";
  EXPECT_EQ(body_of<model::conversation_opened>(std::get<0>(d.decide(start))).previous, id);
  start.first.author.id = "alice";
  d.carry_out(start);
  EXPECT_EQ(d.state.id, id);
  EXPECT_EQ(d.state.last_index, 2u);
}

TEST_F(reopening, where_the_inbox_gives_out_it_waits_and_the_one_who_had_it_is_preferred) {
  desk given;
  given.route = d.route;
  given.route.assigned = true;
  given.opened();
  given.carry_out(model::assign_conversation{given.state.id, "bob", "support"});
  given.carry_out(model::close_conversation{given.state.id, "bob"});
  given.carry_out(desk::inbound(2));
  EXPECT_EQ(given.state.waiting_since, given.now);
  EXPECT_EQ(given.state.last_holder, "bob");
  EXPECT_TRUE(given.state.holder_wanted);
  EXPECT_TRUE(given.state.participants.empty());
}

// -- what rules say of a fresh conversation -------------------------------------------------------

TEST(opening, has_labels_priority_and_contact_from_the_beginning) {
  desk d;
  d.labels = {"vip"};
  d.priority = model::priority::high;
  d.contact = numbered<model::contact_id>(9);
  d.opened();
  EXPECT_EQ(d.state.labels, names{"vip"});
  EXPECT_EQ(d.state.priority, model::priority::high);
  EXPECT_EQ(d.state.contact, numbered<model::contact_id>(9));
}

TEST(opening, a_rule_closes_it_at_once_with_its_message_in_it) {
  desk d;
  d.close_at_once = true;
  d.opened();
  EXPECT_EQ(d.state.phase, model::conversation_phase::closed);
  EXPECT_EQ(d.state.closed_for, model::close_reason::rule);
  EXPECT_EQ(d.state.last_index, 1u);
}

TEST(opening, no_automatic_reply_once_the_same_text_has_come_five_times_in_five_minutes) {
  desk d;
  d.auto_reply = automatic_reply{text("soon"), 1};
  int replies = 0;
  for (std::uint64_t id = 1; id <= 8; ++id) {
    d.state.auto_replied_at = {};  // The other half of the loop guard has a test of its own.
    d.carry_out(desk::inbound(id));
    replies += d.state.last_index == 2 ? 1 : 0;
    d.carry_out(model::close_conversation{d.state.id, {}});
    d.now += 10s;
  }
  EXPECT_EQ(replies, 4);
  d.now += 5min;
  d.state.auto_replied_at = {};
  d.carry_out(desk::inbound(9));
  EXPECT_EQ(d.state.last_index, 2u) << "they were long ago";
}

TEST(priority, is_set_by_who_takes_part_or_by_the_application) {
  desk d;
  d.opened();
  const auto set = [&](std::string user, model::priority to) {
    return model::change_priority{d.state.id, std::move(user), to};
  };
  EXPECT_EQ(refusal(d.decide(set("mallory", model::priority::low))), errc::not_participant);
  d.carry_out(set("bob", model::priority::urgent));
  EXPECT_EQ(d.state.priority, model::priority::urgent);
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(set({}, model::priority::urgent))));
}

TEST(settled_media, is_told_of_also_when_the_conversation_is_closed) {
  desk d;
  d.opened();
  model::settle_media settle{d.state.id, numbered<model::message_id>(1), 1, 102, {}};
  settle.files = {{"https://carrier.example/1", "image/png"}};
  d.carry_out(model::close_conversation{d.state.id, {}});
  const auto before = d.state;
  const auto events = d.events_of(settle);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].conversation, settle.conversation);
  EXPECT_EQ(body_of<model::media_settled>(events, 0),
            (model::media_settled{settle.message, 1, 102}));
  d.carry_out(settle);
  d.state.head_seq = before.head_seq;
  EXPECT_EQ(d.state, before) << "files are no part of the state";
}

TEST(redaction, is_told_and_cancels_what_still_waits_to_be_sent) {
  desk d;
  d.opened();
  d.carry_out(d.reply(10));
  const model::redact_message redact{d.state.id, numbered<model::message_id>(10), 2, 103};
  const auto events = d.events_of(redact);
  EXPECT_EQ(body_of<model::delivery_changed>(events, 0).state, model::delivery_state::canceled);
  EXPECT_EQ(body_of<model::message_redacted>(events, 1).message_seq, 103u);
  EXPECT_EQ(d.delivery(10).state, model::delivery_state::canceled);
  d.sent(11, "SM11");
  EXPECT_EQ(d.events_of(model::redact_message{d.state.id, numbered<model::message_id>(11), 3, 1})
              .size(),
            1u);
}

TEST(history, who_joins_a_conversation_that_says_so_sees_what_comes_from_then_on) {
  desk d;
  d.route.history_from_join = true;
  d.opened();
  d.carry_out(desk::inbound(2));
  d.carry_out(model::add_participant{d.state.id, "eve"});
  EXPECT_EQ(d.participant("eve").joined_index, 2u);
  EXPECT_EQ(d.participant("alice").joined_index, 0u);
}

TEST(escalating, calls_in_whom_a_claim_that_ends_with_it_has_removed) {
  desk d;
  d.route.inbox = "support";
  d.route.assigned = true;
  d.route.claim_expiry_ms = 60'000;
  d.route.escalations = {{60'000, {"frank"}}};
  d.opened();
  d.carry_out(model::add_participant{d.state.id, "frank"});
  d.carry_out(model::assign_conversation{d.state.id, "bob", "support"});
  ASSERT_EQ(users_of(d.state), (names{"bob", "frank"}));
  d.now += 2min;
  const auto events = d.events_of(model::fire_timer{d.state.timer_due});
  EXPECT_TRUE(body_of<model::conversation_released>(events, 0).waits);
  EXPECT_EQ(users_of(d.state), (names{"frank"})) << "released, and called in again";
  EXPECT_EQ(d.state, d.replayed());
}

}  // namespace
}  // namespace parley::conversation
