#include "parley/model/limits.hpp"
#include "tests/conversation/desk.hpp"

#include <gmock/gmock.h>

namespace parley::conversation {
namespace {

using kind = model::consent_notice::kind;
using model::consent_state;
using model::delivery_state;
using testing::ElementsAre;

constexpr auto them = "sms:+15550199999";

class consent : public testing::Test {
protected:
  consent() { d.opened(); }

  static model::consent_notice said(kind wants, std::string answer = "As you wish.") {
    model::consent_notice notice;
    notice.wants = wants;
    notice.address = them;
    if (!answer.empty())
      notice.answer = text(std::move(answer));
    notice.segments = 1;
    return notice;
  }

  /// A message that says so, and what follows; the table then has it.
  std::vector<model::event> hear(model::consent_notice notice, std::uint64_t carrier_id) {
    d.notice = std::move(notice);
    auto events = d.events_of(desk::inbound(carrier_id));
    d.notice.reset();
    for (const auto& event : events)
      if (const auto* change = std::get_if<model::consent_changed>(&event.body))
        d.opted_out = change->state == consent_state::opted_out ? names{change->address} : names{};
    return events;
  }

  desk d;
};

TEST_F(consent, an_opt_out_is_recorded_and_confirmed_by_one_text) {
  const auto events = hear(said(kind::opt_out), 2);
  ASSERT_EQ(events.size(), 3u);
  const auto& heard = body_of<model::message_added>(events, 0);
  EXPECT_EQ(body_of<model::consent_changed>(events, 1),
            (model::consent_changed{them, "+15550100001", consent_state::opted_out,
                                    model::consent_source::keyword, heard.message, "hello", {}}));
  const auto& answer = body_of<model::message_added>(events, 2);
  EXPECT_EQ(answer.what->body, "As you wish.");
  EXPECT_EQ(answer.index, heard.index + 1);
  EXPECT_EQ(answer.direction, model::direction::outbound);
  EXPECT_EQ(answer.author.type, model::author::kind::system);
  EXPECT_TRUE(answer.confirms_opt_out);
  EXPECT_TRUE(d.state.deliveries.back().confirms_opt_out);
  EXPECT_EQ(d.replayed(), d.state) << "I10";
  EXPECT_EQ(hear(said(kind::opt_out), 3).size(), 2u) << "said again it is recorded, not confirmed";
}

TEST_F(consent, a_wish_about_all_numbers_names_none) {
  auto notice = said(kind::opt_out);
  notice.everywhere = true;
  EXPECT_EQ(body_of<model::consent_changed>(hear(notice, 2), 1).number, "");
}

TEST_F(consent, whoever_has_opted_out_is_not_sent_to) {  // I7
  d.opted_out = {them};
  EXPECT_EQ(refusal(d.decide(d.reply(10))), model::errc::opted_out);
  auto note = d.reply(11);
  note.note = true;
  EXPECT_EQ(d.events_of(note).size(), 1u) << "a note is not sent";
  model::start_conversation start;
  start.first = d.reply(12);
  EXPECT_EQ(refusal(d.decide(start)), model::errc::opted_out);
  d.carry_out(model::close_conversation{d.state.id, {}});
  EXPECT_EQ(refusal(d.decide(start)), model::errc::opted_out) << "nor is a new one begun";
  start.first.what = nullptr;
  EXPECT_EQ(d.events_of(start).size(), 2u) << "but it may be opened";
}

TEST_F(consent, what_waits_to_be_sent_is_cancelled_at_once) {
  d.carry_out(d.reply(10));
  d.carry_out(d.reply(11));
  d.sent(12, "SM12");
  const auto events = hear(said(kind::opt_out), 2);
  EXPECT_EQ(d.delivery(10).state, delivery_state::canceled);
  EXPECT_EQ(d.delivery(10).error_code, model::carrier_opted_out);
  EXPECT_EQ(d.delivery(11).state, delivery_state::canceled);
  EXPECT_EQ(d.delivery(12).state, delivery_state::sent) << "it is with the carrier";
  EXPECT_EQ(events.size(), 5u);
}

TEST_F(consent, what_another_conversation_heard_stops_an_attempt) {  // I7
  d.carry_out(d.reply(10));
  d.opted_out = {them};
  const auto events = d.events_of(desk::begin(10));
  const auto& stopped = body_of<model::delivery_changed>(events, 0);
  EXPECT_EQ(stopped.state, delivery_state::canceled);
  EXPECT_EQ(stopped.error_code, model::carrier_opted_out);
}

TEST_F(consent, an_attempt_that_a_crash_cut_off_is_not_repeated_for_whoever_has_opted_out) {
  d.unknown_outcome = model::unknown_outcome_policy::resend;
  d.carry_out(d.reply(10));
  d.carry_out(desk::begin(10));
  d.opted_out = {them};
  EXPECT_EQ(body_of<model::delivery_changed>(d.events_of(desk::begin(10)), 0).state,
            delivery_state::unknown);
}

TEST_F(consent, the_confirmation_is_sent_all_the_same) {
  const auto events = hear(said(kind::opt_out), 2);
  const auto message = body_of<model::message_added>(events, 2).message;
  const auto begun = d.events_of(model::begin_attempt{message});
  EXPECT_EQ(body_of<model::delivery_changed>(begun, 0).state, delivery_state::sending);
}

TEST_F(consent, an_opt_in_lets_messages_out_again) {
  hear(said(kind::opt_out), 2);
  const auto events = hear(said(kind::opt_in), 3);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(body_of<model::consent_changed>(events, 1).state, consent_state::opted_in);
  EXPECT_FALSE(body_of<model::message_added>(events, 2).confirms_opt_out);
  EXPECT_EQ(d.events_of(d.reply(10)).size(), 1u);
}

TEST_F(consent, help_is_answered_and_records_nothing) {
  const auto events = hear(said(kind::help), 2);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(body_of<model::message_added>(events, 1).what->body, "As you wish.");
  EXPECT_EQ(hear(said(kind::help), 3).size(), 1u) << "not again within ten minutes";
}

TEST_F(consent, help_is_not_answered_to_whoever_has_opted_out) {
  hear(said(kind::opt_out), 2);
  d.now += model::auto_reply_pause;
  EXPECT_EQ(hear(said(kind::help), 3).size(), 1u);
}

TEST_F(consent, what_the_carrier_has_answered_is_recorded_and_not_answered_again) {
  auto notice = said(kind::opt_out, {});
  notice.source = model::consent_source::carrier;
  const auto events = hear(notice, 2);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(body_of<model::consent_changed>(events, 1).source, model::consent_source::carrier);
}

TEST_F(consent, a_keyword_that_opens_a_conversation_gets_its_own_answer_only) {
  d.carry_out(model::close_conversation{d.state.id, {}});
  d.auto_reply = automatic_reply{text("Thanks!"), 1};
  const auto events = hear(said(kind::opt_out), 2);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(body_of<model::message_added>(events, 3).what->body, "As you wish.");
  EXPECT_EQ(events[2].conversation, d.state.id);
}

TEST_F(consent, whoever_has_opted_out_is_not_answered_automatically) {
  d.opted_out = {them};
  d.auto_reply = automatic_reply{text("Thanks!"), 1};
  d.carry_out(model::close_conversation{d.state.id, {}});
  EXPECT_EQ(d.events_of(desk::inbound(2)).size(), 2u);
}

TEST_F(consent, a_wish_that_is_not_quite_clear_is_marked_for_a_person) {
  d.carry_out(model::change_labels{d.state.id, {"vip"}, {}});
  const auto events = hear(said(kind::asks_person), 2);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_THAT(d.state.labels, ElementsAre("opt-out-request", "vip"));
  EXPECT_EQ(hear(said(kind::asks_person), 3).size(), 1u) << "once";
}

TEST_F(consent, a_mark_at_the_opening_keeps_the_rules_labels) {
  d.carry_out(model::close_conversation{d.state.id, {}});
  d.labels = {"sales"};
  hear(said(kind::asks_person), 2);
  EXPECT_THAT(d.state.labels, ElementsAre("opt-out-request", "sales"));
}

TEST_F(consent, a_rule_that_closes_lets_the_confirmation_out_before) {
  d.carry_out(model::close_conversation{d.state.id, {}});
  d.close_at_once = true;
  const auto events = hear(said(kind::opt_out), 2);
  ASSERT_EQ(events.size(), 5u);
  body_of<model::message_added>(events, 3);
  body_of<model::conversation_closed>(events, 4);
  EXPECT_EQ(d.state.phase, model::conversation_phase::closed);
}

TEST_F(consent, the_carriers_refusal_is_an_opt_out) {
  d.carry_out(d.reply(10));
  d.carry_out(d.reply(11));
  d.carry_out(desk::begin(10));
  const auto events
    = d.events_of(desk::end(10, delivery_state::failed, {}, model::carrier_opted_out));
  ASSERT_EQ(events.size(), 3u);
  const auto& change = body_of<model::consent_changed>(events, 1);
  EXPECT_EQ(change.source, model::consent_source::carrier);
  EXPECT_EQ(change.address, them);
  EXPECT_EQ(d.delivery(11).state, delivery_state::canceled);
}

TEST_F(consent, somebody_inside_can_record_it_before_there_is_any_conversation) {
  desk fresh;
  const auto events = fresh.events_of(
    model::change_consent{them, true, consent_state::opted_out, "by phone", "alice"});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(body_of<model::consent_changed>(events, 0),
            (model::consent_changed{them, {}, consent_state::opted_out,
                                    model::consent_source::api, {}, "by phone", "alice"}));
  EXPECT_EQ(fresh.state.phase, model::conversation_phase::none);
  EXPECT_EQ(fresh.replayed(), fresh.state);
}

TEST_F(consent, a_data_actions_replies_do_not_go_to_whoever_has_opted_out) {
  desk asking;
  asking.route.data_action = "crm";
  asking.opened();
  asking.opted_out = {them};
  model::settle_question answer;
  answer.conversation = asking.state.id;
  answer.index = 1;
  answer.answer.replies.push_back({numbered<model::message_id>(50), text("Hi"), 1});
  for (const auto& event : asking.events_of(answer))
    EXPECT_FALSE(std::holds_alternative<model::message_added>(event.body));
}

class consent_in_a_group : public testing::Test {
protected:
  consent_in_a_group() {
    d.state.pair.theirs = {model::channel::sms, "+15550100011,+15550100012,+15550100013"};
    model::start_conversation start;
    start.first = d.reply(9);
    start.route.users = {"alice"};
    d.carry_out(start);
  }

  desk d;
};

TEST_F(consent_in_a_group, one_who_has_opted_out_is_left_out_and_the_others_are_sent_to) {
  d.opted_out = {"sms:+15550100012"};
  const auto events = d.events_of(d.reply(10));
  EXPECT_THAT(body_of<model::message_added>(events, 0).recipients,
              ElementsAre("sms:+15550100011", "sms:+15550100013"));
  d.opted_out = {"sms:+15550100011", "sms:+15550100012", "sms:+15550100013"};
  EXPECT_EQ(refusal(d.decide(d.reply(11))), model::errc::opted_out);
}

TEST_F(consent_in_a_group, a_partys_message_does_not_reach_one_who_has_opted_out) {
  d.opted_out = {"sms:+15550100012"};
  auto heard = desk::inbound(2);
  heard.from = "sms:+15550100011";
  EXPECT_THAT(body_of<model::message_added>(d.events_of(heard), 0).recipients,
              ElementsAre("sms:+15550100013"));
}

TEST_F(consent_in_a_group, an_opt_out_is_ours_alone_and_confirmed_to_that_party) {
  auto heard = desk::inbound(2);
  heard.from = "sms:+15550100012";
  model::consent_notice notice;
  notice.address = heard.from;
  notice.answer = text("As you wish.");
  notice.segments = 1;
  d.notice = notice;
  const auto events = d.events_of(heard);
  EXPECT_TRUE(body_of<model::message_added>(events, 0).recipients.empty());
  EXPECT_EQ(body_of<model::consent_changed>(events, 1).address, "sms:+15550100012");
  std::size_t canceled = 0;
  for (const auto& event : events)
    if (const auto* moved = std::get_if<model::delivery_changed>(&event.body)) {
      EXPECT_EQ(moved->to, "sms:+15550100012");
      ++canceled;
    }
  EXPECT_EQ(canceled, 1u) << "of the first message, one leg";
  EXPECT_THAT(body_of<model::message_added>(events, events.size() - 1).recipients,
              ElementsAre("sms:+15550100012"));
}

}  // namespace
}  // namespace parley::conversation
