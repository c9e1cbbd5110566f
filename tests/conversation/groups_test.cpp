#include "parley/model/limits.hpp"
#include "tests/conversation/desk.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace parley::conversation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using model::delivery_state;
using model::errc;

const std::string ann = "sms:+15551230001";
const std::string ben = "sms:+15551230002";
const std::string cleo = "sms:+15551230003";

/// A pair whose other end is a group of three.
desk group() {
  desk d;
  d.state.pair.theirs = *model::address::group_of(
    model::channel::sms, {"+15551230003", "+15551230001", "+15551230002"});
  d.route.users = {"alice"};
  return d;
}

/// Alice starts it with message number `number`.
model::start_conversation start(const desk& d, std::uint64_t number) {
  model::start_conversation what;
  what.first = d.reply(number);
  what.route = d.route;
  return what;
}

model::receive_message from(const std::string& party, std::uint64_t carrier_id) {
  auto what = desk::inbound(carrier_id);
  what.from = party;
  return what;
}

std::vector<std::string> recipients_in(const model::conversation_state& state) {
  std::vector<std::string> all;
  for (const auto& one : state.deliveries)
    all.push_back(one.to);
  return all;
}

TEST(groups, a_message_has_one_delivery_per_recipient) {
  auto d = group();
  d.carry_out(start(d, 10));
  EXPECT_THAT(recipients_in(d.state), ElementsAre(ann, ben, cleo));
  d.carry_out(model::begin_attempt{numbered<model::message_id>(10), ben});
  d.carry_out(model::end_attempt{numbered<model::message_id>(10), delivery_state::sent, 0, "B",
                                 ben});
  d.carry_out(model::report_delivery{"B", delivery_state::delivered, 0});
  for (const auto& one : d.state.deliveries)
    EXPECT_EQ(one.state, one.to == ben ? delivery_state::delivered : delivery_state::queued);
}

TEST(groups, a_partys_message_goes_to_all_others) {
  auto d = group();
  d.carry_out(start(d, 10));
  const auto events = d.events_of(from(ben, 1));
  const auto& added = body_of<model::message_added>(events);
  EXPECT_EQ(added.direction, model::direction::inbound);
  EXPECT_EQ(added.author, (model::author{model::author::kind::contact, ben}));
  EXPECT_THAT(added.recipients, ElementsAre(ann, cleo));
  EXPECT_EQ(d.state.deliveries.size(), 5U);
  EXPECT_EQ(d.state, d.replayed());
}

TEST(groups, a_note_goes_to_nobody) {
  auto d = group();
  d.carry_out(start(d, 10));
  auto note = d.reply(11);
  note.note = true;
  EXPECT_THAT(body_of<model::message_added>(d.events_of(note)).recipients, IsEmpty());
}

TEST(groups, the_others_deliveries_wait_but_a_partys_message_never_vanishes) {
  auto d = group();
  d.carry_out(start(d, 10));
  std::uint64_t number = 11;
  while (std::holds_alternative<std::vector<model::event>>(d.carry_out(d.reply(number))))
    ++number;
  EXPECT_EQ(refusal(d.decide(d.reply(number))), errc::unfinished_deliveries);
  EXPECT_EQ(d.state.deliveries.size(), model::deliveries_max * model::group_parties_max);
  const auto events = d.events_of(from(ann, 1));
  EXPECT_THAT(body_of<model::message_added>(events).recipients, IsEmpty());
  EXPECT_EQ(d.state, d.replayed());
}

TEST(groups, one_that_was_just_closed_goes_on_with_whom_it_was_with) {
  auto d = group();
  auto what = start(d, 10);
  what.subject = "Moving house";
  d.carry_out(what);
  const auto first = d.state.id;
  d.carry_out(model::close_conversation{first, {}});
  d.route.users = {"the", "numbers", "own"};
  const auto events = d.events_of(from(ann, 1));
  EXPECT_EQ(body_of<model::conversation_opened>(events).previous, first);
  EXPECT_EQ(d.state.subject, "Moving house");
  EXPECT_THAT(users_of(d.state), ElementsAre("alice"));
}

TEST(groups, redacting_cancels_every_leg_that_waits) {
  auto d = group();
  d.carry_out(start(d, 10));
  d.carry_out(model::begin_attempt{numbered<model::message_id>(10), ann});
  d.carry_out(
    model::redact_message{d.state.id, numbered<model::message_id>(10), 1, d.state.head_seq});
  for (const auto& one : d.state.deliveries)
    EXPECT_EQ(one.state, one.to == ann ? delivery_state::sending : delivery_state::canceled);
}

// -- chats ----------------------------------------------------------------------------------------

desk chat(std::vector<std::string> users) {
  desk d;
  d.state.pair = {7, {model::channel::chat, "internal"}, {model::channel::chat, "DIGEST"}};
  d.route.users = std::move(users);
  return d;
}

TEST(chats, a_message_goes_to_the_other_users_and_leaves_by_no_carrier) {
  auto d = chat({"alice", "bob", "carol"});
  const auto events = d.events_of(start(d, 10));
  const auto& added = body_of<model::message_added>(events, 1);
  EXPECT_EQ(added.direction, model::direction::internal);
  EXPECT_THAT(added.recipients, ElementsAre("chat:bob", "chat:carol"));
  EXPECT_EQ(added.segments, 0U);
  EXPECT_THAT(d.state.deliveries, IsEmpty());
  EXPECT_EQ(unread(d.state, d.participant("bob")), 1U);
  EXPECT_EQ(unread(d.state, d.participant("alice")), 0U);
}

TEST(chats, starting_one_again_brings_back_who_had_left) {
  auto d = chat({"alice", "bob", "carol"});
  d.carry_out(start(d, 10));
  d.carry_out(model::remove_participant{d.state.id, "carol"});
  EXPECT_THAT(body_of<model::message_added>(d.events_of(d.reply(11))).recipients,
              ElementsAre("chat:bob"));
  const auto events = d.events_of(start(d, 12));
  EXPECT_EQ(body_of<model::participant_added>(events).user, "carol");
  EXPECT_THAT(body_of<model::message_added>(events, 1).recipients,
              ElementsAre("chat:bob", "chat:carol"));
  EXPECT_EQ(d.state, d.replayed());
}

TEST(chats, a_new_one_is_with_those_who_were_asked_and_not_with_those_who_were_left) {
  auto d = chat({"alice", "bob", "carol"});
  d.carry_out(start(d, 10));
  d.carry_out(model::remove_participant{d.state.id, "carol"});
  d.carry_out(model::close_conversation{d.state.id, {}});
  const auto events = d.events_of(start(d, 11));
  EXPECT_THAT(body_of<model::message_added>(events, 1).recipients,
              ElementsAre("chat:bob", "chat:carol"));
}

TEST(chats, one_of_two_stays_one_of_two) {
  auto d = chat({"alice", "bob"});
  d.carry_out(start(d, 10));
  EXPECT_EQ(refusal(d.decide(model::add_participant{d.state.id, "carol"})), errc::internal_chat);
  EXPECT_EQ(refusal(d.decide(model::remove_participant{d.state.id, "bob"})), errc::internal_chat);
  EXPECT_EQ(refusal(d.decide(model::transfer_conversation{d.state.id, "alice", "carol", {}})),
            errc::internal_chat);
}

TEST(chats, a_message_ends_a_snooze) {
  auto d = chat({"alice", "bob"});
  d.carry_out(start(d, 10));
  d.carry_out(model::snooze_conversation{d.state.id, "alice", d.now + 1h});
  EXPECT_NE(d.state.snoozed_until, model::timestamp{});
  d.carry_out(d.reply(11));
  EXPECT_EQ(d.state.snoozed_until, model::timestamp{});
}

}  // namespace
}  // namespace parley::conversation
