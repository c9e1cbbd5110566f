#include "parley/model/limits.hpp"
#include "tests/conversation/desk.hpp"

namespace parley::conversation {
namespace {

using model::errc;

/// A conversation of the team inbox `support`: alice, bob and carol.
class teamwork : public ::testing::Test {
protected:
  teamwork() {
    d.route.users = {"alice", "bob", "carol"};
    d.route.inbox = "support";
    d.opened();
  }

  [[nodiscard]] std::vector<std::string> users() const {
    std::vector<std::string> names;
    for (const auto& who : d.state.participants)
      names.push_back(who.user);
    return names;
  }

  [[nodiscard]] model::claim_conversation claim(std::string user) const {
    return {d.state.id, std::move(user)};
  }
  [[nodiscard]] model::release_conversation release(std::string user) const {
    return {d.state.id, std::move(user)};
  }
  [[nodiscard]] model::transfer_conversation to_user(std::string by, std::string user) const {
    return {d.state.id, std::move(by), std::move(user), {}};
  }
  [[nodiscard]] model::transfer_conversation to_sales(std::string by) const {
    model::route sales;
    sales.inbox = "sales";
    sales.users = {"dora", "bob"};
    return {d.state.id, std::move(by), {}, sales};
  }

  desk d;
};

// -- claim ----------------------------------------------------------------------------------------

TEST_F(teamwork, who_claims_carries_on_alone) {
  const auto events = d.events_of(claim("bob"));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(body_of<model::conversation_claimed>(events).user, "bob");
  EXPECT_EQ(users(), names{"bob"});
  EXPECT_EQ(d.state.claimed_by, "bob");
  EXPECT_EQ(refusal(d.decide(d.reply(10))), errc::not_participant) << "alice is out";
}

TEST_F(teamwork, of_two_claims_one_wins_and_the_other_is_told) {
  d.carry_out(claim("bob"));
  EXPECT_EQ(refusal(d.carry_out(claim("alice"))), errc::already_claimed);
  EXPECT_EQ(users(), names{"bob"});
}

TEST_F(teamwork, a_claim_repeated_is_no_conflict) {
  d.carry_out(claim("bob"));
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(claim("bob"))));
}

TEST_F(teamwork, only_participants_claim_and_only_a_teams_conversation) {
  EXPECT_EQ(refusal(d.decide(claim("mallory"))), errc::not_participant);
  EXPECT_EQ(refusal(d.decide(claim(""))), errc::not_participant);
  desk dedicated;
  dedicated.opened();
  EXPECT_EQ(refusal(dedicated.decide(model::claim_conversation{dedicated.state.id, "alice"})),
            errc::not_team_conversation);
}

TEST_F(teamwork, a_closed_conversation_takes_none_of_it) {
  d.carry_out(model::close_conversation{d.state.id, {}});
  const std::vector<model::command> all{
    claim("bob"), release({}), to_user({}, "eve"), to_sales({}),
    model::add_participant{d.state.id, "eve"}, model::remove_participant{d.state.id, "bob"},
    model::snooze_conversation{d.state.id, {}, d.now + 1h},
    model::change_labels{d.state.id, {"vip"}, {}}};
  for (const auto& one : all)
    EXPECT_EQ(refusal(d.decide(one)), errc::conversation_closed) << one.index();
}

TEST_F(teamwork, what_comes_in_later_is_for_the_claimer) {
  d.carry_out(claim("bob"));
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(users(), names{"bob"});
  EXPECT_EQ(unread(d.state, d.participant("bob")), 2u);
}

TEST_F(teamwork, the_next_conversation_is_the_teams_again) {
  d.carry_out(claim("bob"));
  d.carry_out(model::change_labels{d.state.id, {"vip"}, {}});
  d.carry_out(model::close_conversation{d.state.id, "bob"});
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(users(), (names{"alice", "bob", "carol"}));
  EXPECT_TRUE(d.state.claimed_by.empty());
  EXPECT_TRUE(d.state.labels.empty());
}

// -- release --------------------------------------------------------------------------------------

TEST_F(teamwork, released_it_is_the_teams_again_and_everybody_has_read_what_they_had) {
  d.carry_out(model::mark_read{d.state.id, "carol", 0});
  d.carry_out(claim("bob"));
  d.carry_out(desk::inbound(2));
  const auto events = d.events_of(release("bob"));
  EXPECT_EQ(body_of<model::conversation_released>(events),
            (model::conversation_released{"bob", false, {"alice", "bob", "carol"}}));
  EXPECT_EQ(users(), (names{"alice", "bob", "carol"}));
  EXPECT_EQ(d.participant("carol").read_index, 1u);
  EXPECT_EQ(d.participant("alice").read_index, 0u);
  EXPECT_TRUE(d.state.claimed_by.empty());
  EXPECT_TRUE(d.state.away.empty());
}

TEST_F(teamwork, the_claimer_or_the_application_releases) {
  EXPECT_EQ(refusal(d.decide(release("bob"))), errc::not_claimed);
  d.carry_out(claim("bob"));
  EXPECT_EQ(refusal(d.decide(release("alice"))), errc::already_claimed);
  EXPECT_EQ(d.events_of(release({})).size(), 1u);
}

TEST_F(teamwork, who_was_added_is_not_part_of_the_team_that_comes_back) {
  d.carry_out(model::add_participant{d.state.id, "eve"});
  d.carry_out(claim("bob"));
  EXPECT_EQ(users(), names{"bob"});
  d.carry_out(release("bob"));
  EXPECT_EQ(users(), (names{"alice", "bob", "carol"}));
}

// -- claim expiry ---------------------------------------------------------------------------------

class claim_expiry : public teamwork {
protected:
  claim_expiry() {
    d = desk{};
    d.route.users = {"alice", "bob"};
    d.route.inbox = "support";
    d.route.claim_expiry_ms = 600'000;
    d.route.close_after_ms = 3'600'000;
    d.opened();
  }

  decision fire() {
    d.now = std::max(d.now, d.state.timer_due);
    return d.carry_out(model::fire_timer{d.state.timer_due});
  }
};

TEST_F(claim_expiry, a_silent_claimer_loses_it_to_the_team) {
  d.now += 1min;
  const auto claimed_at = d.now;
  const auto claimed = d.events_of(claim("alice"));
  EXPECT_EQ(body_of<model::timer_rearmed>(claimed, 1).timer_due, claimed_at + 10min);
  const auto events = std::get<0>(fire());
  EXPECT_EQ(d.now, claimed_at + 10min);
  EXPECT_EQ(body_of<model::conversation_released>(events, 0),
            (model::conversation_released{"alice", true, {"alice", "bob"}}));
  EXPECT_EQ(body_of<model::timer_rearmed>(events, 1).timer_due, claimed_at + 59min);
  EXPECT_EQ(users(), (names{"alice", "bob"}));
}

TEST_F(claim_expiry, a_claimer_who_writes_keeps_it) {
  d.carry_out(claim("alice"));
  d.now += 9min;
  d.carry_out(d.reply(10));
  const auto written_at = d.now;
  const auto events = std::get<0>(fire());
  EXPECT_EQ(body_of<model::timer_rearmed>(events, 0).timer_due, written_at + 10min);
  EXPECT_EQ(d.state.claimed_by, "alice");
  fire();
  EXPECT_TRUE(d.state.claimed_by.empty());
}

TEST_F(claim_expiry, what_the_customer_writes_does_not_keep_it) {
  d.carry_out(claim("alice"));
  d.now += 9min;
  d.carry_out(desk::inbound(2));
  fire();
  EXPECT_TRUE(d.state.claimed_by.empty());
}

// -- transfer -------------------------------------------------------------------------------------

TEST_F(teamwork, a_transfer_to_a_user_of_a_teams_conversation_is_that_users_claim) {
  d.carry_out(claim("bob"));
  d.carry_out(to_user("bob", "eve"));
  EXPECT_EQ(users(), names{"eve"});
  EXPECT_EQ(d.state.claimed_by, "eve");
  EXPECT_EQ(d.state.route.inbox, "support");
  d.carry_out(release("eve"));
  EXPECT_EQ(users(), (names{"alice", "bob", "carol"}));
}

TEST_F(teamwork, a_transfer_to_another_team_is_a_conversation_of_that_team) {
  d.carry_out(model::mark_read{d.state.id, "bob", 0});
  d.carry_out(claim("bob"));
  d.carry_out(to_sales("bob"));
  EXPECT_EQ(users(), (names{"dora", "bob"}));
  EXPECT_EQ(d.state.route.inbox, "sales");
  EXPECT_TRUE(d.state.claimed_by.empty());
  EXPECT_EQ(d.participant("bob").read_index, 1u);
}

TEST_F(teamwork, a_users_own_conversation_goes_to_the_other_user_alone) {
  desk own;
  own.route.users = {"alice"};
  own.opened();
  own.carry_out(model::transfer_conversation{own.state.id, "alice", "bob", {}});
  ASSERT_EQ(own.state.participants.size(), 1u);
  EXPECT_EQ(own.state.participants[0].user, "bob");
  EXPECT_TRUE(own.state.claimed_by.empty());
}

TEST_F(teamwork, nobody_from_outside_transfers) {
  EXPECT_EQ(refusal(d.decide(to_user("mallory", "mallory"))), errc::not_participant);
  EXPECT_EQ(d.events_of(to_user({}, "eve")).size(), 1u) << "the application does";
}

// -- participants ---------------------------------------------------------------------------------

TEST_F(teamwork, who_is_added_takes_part_and_has_read_nothing) {
  const auto events = d.events_of(model::add_participant{d.state.id, "eve"});
  EXPECT_EQ(body_of<model::participant_added>(events).user, "eve");
  EXPECT_EQ(unread(d.state, d.participant("eve")), 1u);
  EXPECT_TRUE(
    std::holds_alternative<nothing>(d.decide(model::add_participant{d.state.id, "eve"})));
}

TEST_F(teamwork, there_is_a_limit_to_participants) {
  for (std::size_t i = d.state.participants.size(); i < model::participants_max; ++i)
    d.carry_out(model::add_participant{d.state.id, "user" + std::to_string(i)});
  EXPECT_EQ(refusal(d.decide(model::add_participant{d.state.id, "one too many"})),
            errc::too_many);
}

TEST_F(teamwork, who_is_removed_is_out_but_somebody_stays) {
  d.carry_out(model::remove_participant{d.state.id, "alice"});
  d.carry_out(model::remove_participant{d.state.id, "bob"});
  EXPECT_EQ(users(), names{"carol"});
  EXPECT_EQ(refusal(d.decide(model::remove_participant{d.state.id, "alice"})),
            errc::not_participant);
  EXPECT_EQ(refusal(d.decide(model::remove_participant{d.state.id, "carol"})),
            errc::last_participant);
}

TEST_F(teamwork, a_claimer_is_not_removed_but_releases) {
  d.carry_out(claim("bob"));
  d.carry_out(model::add_participant{d.state.id, "eve"});
  EXPECT_EQ(refusal(d.decide(model::remove_participant{d.state.id, "bob"})),
            errc::already_claimed);
}

// -- snooze, labels, notes ------------------------------------------------------------------------

TEST_F(teamwork, snoozed_until_its_time) {
  const auto until = d.now + 1h;
  d.carry_out(model::snooze_conversation{d.state.id, "bob", until});
  EXPECT_EQ(d.state.snoozed_until, until);
  EXPECT_EQ(d.state.timer_due, until);
  d.now = until - 1ms;
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(model::fire_timer{until})));
  d.now = until;
  const auto events = d.events_of(model::fire_timer{until});
  EXPECT_EQ(body_of<model::conversation_snoozed>(events), (model::conversation_snoozed{}));
  EXPECT_EQ(d.state.snoozed_until, model::timestamp{});
  EXPECT_EQ(d.state.timer_due, model::timestamp{});
}

TEST_F(teamwork, a_customers_message_ends_a_snooze_and_a_reply_does_not) {
  d.carry_out(model::snooze_conversation{d.state.id, "bob", d.now + 1h});
  d.carry_out(d.reply(10));
  EXPECT_NE(d.state.snoozed_until, model::timestamp{});
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(d.state.snoozed_until, model::timestamp{});
}

TEST_F(teamwork, a_snooze_is_ended_by_hand_and_set_by_who_takes_part) {
  EXPECT_EQ(refusal(d.decide(model::snooze_conversation{d.state.id, "mallory", d.now + 1h})),
            errc::not_participant);
  EXPECT_TRUE(
    std::holds_alternative<nothing>(d.decide(model::snooze_conversation{d.state.id, {}, {}})));
  d.carry_out(model::snooze_conversation{d.state.id, "bob", d.now + 1h});
  d.carry_out(model::snooze_conversation{d.state.id, "bob", {}});
  EXPECT_EQ(d.state.snoozed_until, model::timestamp{});
}

TEST_F(teamwork, labels_are_a_set_in_order_with_a_limit) {
  d.carry_out(model::change_labels{d.state.id, {"vip", "late", "vip"}, {}});
  EXPECT_EQ(d.state.labels, (names{"late", "vip"}));
  d.carry_out(model::change_labels{d.state.id, {"new"}, {"late", "unknown"}});
  EXPECT_EQ(d.state.labels, (names{"new", "vip"}));
  EXPECT_TRUE(
    std::holds_alternative<nothing>(d.decide(model::change_labels{d.state.id, {"vip"}, {"x"}})));
  names many;
  for (std::size_t i = 0; i < model::labels_max; ++i)
    many.push_back("label" + std::to_string(i));
  EXPECT_EQ(refusal(d.decide(model::change_labels{d.state.id, many, {}})), errc::too_many);
}

TEST_F(teamwork, a_note_is_seen_and_never_sent_and_wakes_nobody) {
  auto note = d.reply(10);
  note.note = true;
  const auto before = d.state.last_activity;
  d.now += 5min;
  const auto events = d.events_of(note);
  EXPECT_EQ(body_of<model::message_added>(events).direction, model::direction::note);
  EXPECT_TRUE(d.state.deliveries.empty());
  EXPECT_EQ(d.state.last_activity, before);
  EXPECT_EQ(unread(d.state, d.participant("bob")), 2u);
  note.author.id = "mallory";
  EXPECT_EQ(refusal(d.decide(note)), errc::not_participant);
}

// -- starting -------------------------------------------------------------------------------------

class starting : public ::testing::Test {
protected:
  [[nodiscard]] model::start_conversation start(std::uint64_t number) const {
    model::start_conversation what;
    what.first = d.reply(number);
    what.first.conversation = {};
    what.route.users = {"alice"};
    return what;
  }

  desk d;
};

TEST_F(starting, opens_a_conversation_of_the_starters_with_its_first_message) {
  const auto events = d.events_of(start(10));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(body_of<model::conversation_opened>(events, 0).route.users, names{"alice"});
  EXPECT_EQ(body_of<model::message_added>(events, 1).index, 1u);
  EXPECT_EQ(body_of<model::message_added>(events, 1).direction, model::direction::outbound);
  d.carry_out(desk::inbound(1));
  EXPECT_EQ(d.state.participants.size(), 1u) << "a reply goes to the starter alone";
}

TEST_F(starting, without_a_text_opens_it_all_the_same) {
  auto what = start(10);
  what.first.what = nullptr;
  EXPECT_EQ(d.events_of(what).size(), 1u);
  EXPECT_EQ(d.state.last_index, 0u);
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(what))) << "the open one is the same";
}

TEST_F(starting, joins_the_open_conversation_of_the_pair) {
  d.opened();
  const auto id = d.state.id;
  const auto events = d.events_of(start(10));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(body_of<model::message_added>(events).index, 2u);
  EXPECT_EQ(d.state.id, id);
}

TEST_F(starting, does_not_join_where_the_starter_takes_no_part) {
  d.opened();
  auto what = start(10);
  what.first.author.id = "eve";
  EXPECT_EQ(refusal(d.decide(what)), errc::not_participant);
  what.first.what = nullptr;
  EXPECT_EQ(refusal(d.decide(what)), errc::not_participant);
}

TEST_F(starting, who_starts_for_a_team_takes_part_beside_it) {
  auto what = start(10);
  what.route.users = {"bob", "carol"};
  what.route.inbox = "support";
  EXPECT_EQ(body_of<model::participant_added>(d.events_of(what), 1).user, "alice");
  EXPECT_EQ(d.state.participants.size(), 3u);
}

TEST_F(starting, the_same_key_is_one_message_even_when_the_conversation_was_closed) {
  auto what = start(10);
  what.first.idempotency_key = numbered(5);
  d.carry_out(what);
  const auto first = d.state.id;
  d.carry_out(model::close_conversation{first, {}});
  auto again = start(11);
  again.first.idempotency_key = numbered(5);
  const auto outcome = d.decide(again);
  ASSERT_TRUE(std::holds_alternative<duplicate>(outcome));
  EXPECT_EQ(std::get<duplicate>(outcome).first->message, numbered<model::message_id>(10));
  EXPECT_EQ(std::get<duplicate>(outcome).first->conversation, first);
  again.first.request_digest = numbered(9);
  EXPECT_EQ(refusal(d.decide(again)), errc::idempotency_mismatch);
}

TEST_F(starting, a_closed_conversation_is_followed_by_a_linked_one) {
  d.opened();
  const auto first = d.state.id;
  d.carry_out(model::close_conversation{first, {}});
  EXPECT_EQ(body_of<model::conversation_opened>(d.events_of(start(10))).previous, first);
}

}  // namespace
}  // namespace parley::conversation
