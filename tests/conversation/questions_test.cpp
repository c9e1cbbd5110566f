#include "tests/conversation/desk.hpp"

namespace parley::conversation {
namespace {

/// A conversation whose opening a data action is asked about.
class questions : public ::testing::Test {
protected:
  questions() {
    d.route.inbox = "support";
    d.route.data_action = "crm";
    d.opened();
  }

  [[nodiscard]] model::settle_question answer(model::action_answer given = {}) const {
    return {d.state.id, d.state.question.index, model::question_outcome::answered, {},
            std::move(given)};
  }

  desk d;
};

TEST_F(questions, the_message_is_kept_at_once_and_further_routing_waits_for_the_answer) {
  EXPECT_EQ(d.state.last_index, 1u);
  EXPECT_EQ(d.state.question, (model::open_question{"crm", 1, d.now + 10s, true}));
  EXPECT_TRUE(d.state.participants.empty());
  EXPECT_EQ(d.state.timer_due, d.now + 10s);
}

TEST_F(questions, an_answer_that_asks_for_nothing_uses_the_default_route) {
  const auto events = d.events_of(answer());
  EXPECT_EQ(body_of<model::question_settled>(events),
            (model::question_settled{"crm", model::question_outcome::answered, {}, true,
                                     {"alice", "bob"}, false}));
  EXPECT_EQ(users_of(d.state), (names{"alice", "bob"}));
  EXPECT_EQ(d.state.question, model::open_question{});
}

TEST_F(questions, no_answer_in_time_uses_the_default_route) {
  d.now = d.state.timer_due;
  const auto events = d.events_of(model::fire_timer{d.state.timer_due});
  const auto& settled = body_of<model::question_settled>(events);
  EXPECT_EQ(settled.outcome, model::question_outcome::timed_out);
  EXPECT_EQ(settled.users, (names{"alice", "bob"}));
  EXPECT_EQ(users_of(d.state), (names{"alice", "bob"}));
}

TEST_F(questions, a_late_answer_changes_nothing) {
  const auto late = answer();
  d.now = d.state.timer_due;
  d.carry_out(model::fire_timer{d.state.timer_due});
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(late)));
}

TEST_F(questions, an_answer_for_another_message_changes_nothing) {
  auto other = answer();
  other.index = 7;
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(other)));
}

TEST_F(questions, participants_are_added_to_and_removed_from_the_default_route) {
  model::action_answer given;
  given.add = {"eve"};
  given.remove = {"alice", "nobody"};
  d.carry_out(answer(given));
  EXPECT_EQ(users_of(d.state), (names{"bob", "eve"}));
}

TEST_F(questions, the_last_participant_stays) {
  model::action_answer given;
  given.remove = {"alice", "bob"};
  d.carry_out(answer(given));
  EXPECT_EQ(users_of(d.state), names{"bob"});
}

TEST_F(questions, another_team_is_its_own_route) {
  model::action_answer given;
  given.to.emplace();
  given.to->inbox = "sales";
  given.to->users = {"dora"};
  d.carry_out(answer(given));
  EXPECT_EQ(d.state.route.inbox, "sales");
  EXPECT_EQ(users_of(d.state), names{"dora"});
}

TEST_F(questions, a_team_that_gives_out_lets_it_wait) {
  model::action_answer given;
  given.to.emplace();
  given.to->inbox = "sales";
  given.to->users = {"dora"};
  given.to->assigned = true;
  d.carry_out(answer(given));
  EXPECT_TRUE(d.state.participants.empty());
  EXPECT_EQ(d.state.waiting_since, d.now);
}

TEST_F(questions, replies_labels_attributes_priority_and_closing_are_carried_out) {
  model::action_answer given;
  given.replies = {{numbered<model::message_id>(50), text("your order is on its way"), 1}};
  given.labels = {"order"};
  given.attributes = {{"order", "4711"}};
  given.priority = model::priority::low;
  given.close = true;
  d.carry_out(answer(given));
  EXPECT_EQ(d.state.last_index, 2u);
  EXPECT_EQ(d.delivery(50).state, model::delivery_state::queued);
  EXPECT_EQ(d.state.labels, names{"order"});
  EXPECT_EQ(d.state.attributes, (std::vector<model::attribute>{{"order", "4711"}}));
  EXPECT_EQ(d.state.priority, model::priority::low);
  EXPECT_EQ(d.state.phase, model::conversation_phase::closed);
  EXPECT_EQ(d.state.closed_for, model::close_reason::data_action);
}

TEST_F(questions, more_messages_come_in_while_it_waits) {
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(d.state.last_index, 2u);
  EXPECT_EQ(d.state.question.index, 1u);
  d.carry_out(answer());
  EXPECT_EQ(users_of(d.state), (names{"alice", "bob"}));
}

TEST_F(questions, closed_meanwhile_it_is_not_asked_any_more) {
  const auto late = answer();
  d.carry_out(model::close_conversation{d.state.id, {}});
  EXPECT_EQ(d.state.question, model::open_question{});
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(late)));
}

TEST(every_message, is_asked_about_where_it_is_configured_one_at_a_time) {
  desk d;
  d.route.data_action = "crm";
  d.route.asks_every_message = true;
  d.opened();
  d.carry_out(model::settle_question{d.state.id, 1, model::question_outcome::answered, {}, {}});
  const auto events = d.events_of(desk::inbound(2));
  ASSERT_GE(events.size(), 2u);
  EXPECT_EQ(d.state.question.index, 2u);
  EXPECT_FALSE(d.state.question.holds);
  d.carry_out(desk::inbound(3));
  EXPECT_EQ(d.state.question.index, 2u) << "one question at a time";
  EXPECT_EQ(users_of(d.state), (names{"alice", "bob"}));
}

// -- what happens before the answer --------------------------------------------------------------

TEST_F(questions, nobody_is_called_in_before_the_answer) {
  desk impatient;
  impatient.route.inbox = "support";
  impatient.route.assigned = true;
  impatient.route.data_action = "crm";
  impatient.route.escalations = {{1'000, {"frank"}}};
  impatient.opened();
  EXPECT_EQ(impatient.state.timer_due, impatient.now + 10s);
  impatient.now = impatient.state.timer_due;
  impatient.carry_out(model::fire_timer{impatient.state.timer_due});
  EXPECT_NE(impatient.state.waiting_since, model::timestamp{}) << "it waits for its inbox";
  impatient.carry_out(model::fire_timer{impatient.state.timer_due});
  EXPECT_EQ(users_of(impatient.state), (names{"frank"}));
  EXPECT_NE(impatient.state.waiting_since, model::timestamp{});
  EXPECT_EQ(impatient.state, impatient.replayed());
}

TEST_F(questions, an_answer_in_time_leaves_a_timer_for_who_is_to_be_called_in) {
  desk impatient;
  impatient.route.data_action = "crm";
  impatient.route.escalations = {{1'000, {"frank"}}};
  impatient.opened();
  model::settle_question settled{impatient.state.id, 1, {}, {}, {}};
  settled.outcome = model::question_outcome::answered;
  impatient.carry_out(settled);
  EXPECT_EQ(impatient.state.timer_due, impatient.now + 1s);
}

TEST_F(questions, who_is_added_before_the_answer_takes_part_beside_the_default_route) {
  d.carry_out(model::add_participant{d.state.id, "eve"});
  const auto events = d.events_of(answer());
  EXPECT_EQ(body_of<model::question_settled>(events).users, (names{"eve", "alice", "bob"}));
  EXPECT_EQ(users_of(d.state), (names{"eve", "alice", "bob"}));
}

TEST_F(questions, what_is_given_to_somebody_before_the_answer_stays_with_that_one) {
  d.carry_out(model::transfer_conversation{d.state.id, {}, "eve", {}});
  const auto events = d.events_of(answer());
  EXPECT_FALSE(body_of<model::question_settled>(events).placed);
  EXPECT_EQ(users_of(d.state), (names{"eve"}));
}

}  // namespace
}  // namespace parley::conversation
