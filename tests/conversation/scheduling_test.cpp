#include "tests/conversation/desk.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace parley::conversation {
namespace {

using model::delivery_state;

/// Reply `number`, which is to leave `wait` from now.
model::send_message later(const desk& d, std::uint64_t number, std::chrono::milliseconds wait) {
  auto what = d.reply(number);
  what.send_at = d.now + wait;
  return what;
}

/// An open conversation in which reply 10 is to leave in an hour.
void schedule(desk& d) {
  d.opened().carry_out(later(d, 10, 1h));
}

/// The timer fires once its time has come; the events that follow.
std::vector<model::event> fire(desk& d) {
  d.now = std::max(d.now, d.state.timer_due);
  return d.events_of(model::fire_timer{d.state.timer_due});
}

model::cancel_message cancel(const desk& d, std::uint64_t number) {
  return {d.state.id, numbered<model::message_id>(number)};
}

model::edit_message edit(const desk& d, std::uint64_t number, model::timestamp send_at) {
  return {.conversation = d.state.id,
          .message = numbered<model::message_id>(number),
          .index = 2,
          .message_seq = 5,
          .what = nullptr,
          .segments = 1,
          .send_at = send_at};
}

model::resolve_delivery resolve(const desk& d, std::uint64_t number, model::resolution as) {
  return {d.state.id, numbered<model::message_id>(number), {}, as};
}

/// A group of three parties, and a message to them as number 10.
void meet_group(desk& d, std::chrono::milliseconds wait = 0ms) {
  d.state.pair.theirs = *model::address::group_of(
    model::channel::sms, {"+15551230001", "+15551230002", "+15551230003"});
  model::start_conversation what;
  what.first = d.reply(10);
  what.first.conversation = {};
  if (wait > 0ms)
    what.first.send_at = d.now + wait;
  what.route = d.route;
  d.carry_out(what);
}

std::vector<delivery_state> states_of(const desk& d) {
  std::vector<delivery_state> states;
  for (const auto& one : d.state.deliveries)
    states.push_back(one.state);
  return states;
}

// -- scheduled ------------------------------------------------------------------------------------

TEST(scheduled, takes_its_place_when_it_is_accepted_and_is_queued_when_its_time_has_come) {
  desk d;
  schedule(d);
  EXPECT_EQ(d.state.last_index, 2u);
  EXPECT_EQ(d.delivery(10).state, delivery_state::scheduled);
  EXPECT_EQ(d.state.timer_due, d.delivery(10).send_at);
  const auto events = fire(d);
  EXPECT_EQ(body_of<model::delivery_changed>(events).state, delivery_state::queued);
  EXPECT_EQ(d.delivery(10).state, delivery_state::queued);
  // Its row is behind everything that the sender has read.
  EXPECT_EQ(d.delivery(10).queued_seq, d.journal.at(d.journal.size() - events.size()).first);
}

TEST(scheduled, does_not_move_before_its_time_whatever_the_timer) {
  desk d;
  d.route.inactive_after_ms = 60'000;
  schedule(d);
  const auto events = fire(d);  // For the idle time.
  EXPECT_EQ(d.delivery(10).state, delivery_state::scheduled);
  EXPECT_EQ(d.state.timer_due, d.delivery(10).send_at);
  EXPECT_TRUE(std::ranges::none_of(events, [](const model::event& event) {
    return std::holds_alternative<model::delivery_changed>(event.body);
  }));
}

TEST(scheduled, is_not_attempted_before_it_is_queued) {
  desk d;
  schedule(d);
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(desk::begin(10))));
}

TEST(scheduled, is_sent_from_a_closed_conversation_which_stays_closed) {
  desk d;
  schedule(d);
  const auto send_at = d.delivery(10).send_at;
  d.carry_out(model::close_conversation{d.state.id, {}});
  EXPECT_EQ(d.state.timer_due, send_at);
  fire(d);
  EXPECT_EQ(d.delivery(10).state, delivery_state::queued);
  EXPECT_EQ(d.state.phase, model::conversation_phase::closed);
  EXPECT_EQ(d.state.timer_due, model::timestamp{});
}

TEST(scheduled, is_sent_though_the_pair_has_another_conversation_by_then) {
  desk d;
  schedule(d);
  const auto send_at = d.delivery(10).send_at;
  const auto first = d.state.id;
  d.carry_out(model::close_conversation{d.state.id, {}});
  d.carry_out(desk::inbound(2));
  ASSERT_NE(d.state.id, first);
  EXPECT_EQ(d.state.timer_due, send_at);
  const auto events = fire(d);
  EXPECT_EQ(events.front().conversation, first);
  EXPECT_EQ(d.delivery(10).state, delivery_state::queued);
}

TEST(scheduled, of_a_conversation_whose_time_is_over_is_queued_as_it_closes) {
  desk d;
  d.route.close_after_ms = 600'000;
  d.opened().carry_out(later(d, 10, 1h));
  d.now += 2h;  // The broker was down.
  const auto events = fire(d);
  EXPECT_EQ(body_of<model::delivery_changed>(events).state, delivery_state::queued);
  EXPECT_EQ(d.state.phase, model::conversation_phase::closed);
}

TEST(scheduled, the_first_of_several_sets_the_timer) {
  desk d;
  d.opened().carry_out(later(d, 10, 2h));
  d.carry_out(later(d, 11, 1h));
  EXPECT_EQ(d.state.timer_due, d.delivery(11).send_at);
  fire(d);
  EXPECT_EQ(d.delivery(10).state, delivery_state::scheduled);
  EXPECT_EQ(d.delivery(11).state, delivery_state::queued);
  EXPECT_EQ(d.state.timer_due, d.delivery(10).send_at);
}

TEST(scheduled, as_a_conversations_first_message_sets_its_timer) {
  desk d;
  model::start_conversation what;
  what.first = later(d, 10, 1h);
  what.first.conversation = {};
  what.route = d.route;
  d.carry_out(what);
  EXPECT_EQ(d.state.timer_due, d.delivery(10).send_at);
}

TEST(scheduled, is_called_off_at_once_by_an_opt_out) {
  desk d;
  schedule(d);
  d.notice = model::consent_notice{};
  d.notice->address = d.state.pair.theirs.text();
  d.carry_out(desk::inbound(2));
  EXPECT_EQ(d.delivery(10).state, delivery_state::canceled);
  EXPECT_EQ(d.delivery(10).error_code, model::carrier_opted_out);
}

TEST(scheduled, is_not_sent_to_whoever_has_opted_out_elsewhere_meanwhile) {
  desk d;
  schedule(d);
  d.opted_out = {d.state.pair.theirs.text()};
  fire(d);
  EXPECT_EQ(d.delivery(10).state, delivery_state::canceled);
}

TEST(scheduled, fails_when_the_window_is_closed_by_then_unless_a_template_made_it) {
  for (const bool by_template : {false, true}) {
    desk d;
    d.state.pair.ours.kind = d.state.pair.theirs.kind = model::channel::whatsapp;
    d.opened();
    auto what = later(d, 10, 30h);
    if (by_template) {
      model::content made{"answer", {}, {}, {}};
      made.made_from = model::sent_template{"welcome", "HX1", "{}"};
      what.what = std::make_shared<const model::content>(std::move(made));
    }
    d.carry_out(what);
    fire(d);
    EXPECT_EQ(d.delivery(10).state,
              by_template ? delivery_state::queued : delivery_state::failed);
    EXPECT_EQ(d.delivery(10).error_code, by_template ? 0 : model::carrier_outside_window);
  }
}

TEST(scheduled, messages_count_among_those_that_wait_for_an_outcome) {
  desk d;
  d.opened();
  for (std::uint64_t number = 0; number < 64; ++number)
    d.carry_out(later(d, 10 + number, 1h));
  EXPECT_EQ(refusal(d.decide(later(d, 100, 1h))), model::errc::unfinished_deliveries);
}

TEST(scheduled, and_its_redaction_calls_it_off) {
  desk d;
  schedule(d);
  d.carry_out(model::redact_message{d.state.id, numbered<model::message_id>(10), 2, 5});
  EXPECT_EQ(d.delivery(10).state, delivery_state::canceled);
}

TEST(scheduled, a_note_is_not) {
  desk d;
  d.opened();
  auto what = later(d, 10, 1h);
  what.note = true;
  const auto events = d.events_of(what);
  EXPECT_EQ(body_of<model::message_added>(events).send_at, model::timestamp{});
}

TEST(scheduled, a_message_to_a_group_is_queued_for_each_of_its_parties) {
  desk d;
  meet_group(d, 1h);
  fire(d);
  EXPECT_EQ(states_of(d), std::vector(3, delivery_state::queued));
  EXPECT_NE(d.state.deliveries[0].queued_seq, d.state.deliveries[1].queued_seq);
}

// -- cancel ---------------------------------------------------------------------------------------

/// Reply 10 brought into a state by what really leads there.
void bring_to(desk& d, delivery_state wanted) {
  if (wanted == delivery_state::scheduled) {
    schedule(d);
    return;
  }
  d.opened().carry_out(d.reply(10));
  if (wanted == delivery_state::queued)
    return;
  if (wanted == delivery_state::canceled) {
    d.carry_out(cancel(d, 10));
    return;
  }
  d.carry_out(desk::begin(10));
  if (wanted != delivery_state::sending)
    d.carry_out(desk::end(10, wanted, wanted == delivery_state::sent ? "SM1" : ""));
}

TEST(cancel, is_for_what_has_not_begun_to_leave) {
  for (const auto state : {delivery_state::scheduled, delivery_state::queued}) {
    desk d;
    bring_to(d, state);
    const auto events = d.events_of(cancel(d, 10));
    EXPECT_EQ(body_of<model::delivery_changed>(events).state, delivery_state::canceled);
    EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(desk::begin(10))));
    EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(cancel(d, 10)))) << "twice is once";
  }
  for (const auto state : {delivery_state::sending, delivery_state::unknown, delivery_state::sent,
                           delivery_state::failed}) {
    desk d;
    bring_to(d, state);
    EXPECT_EQ(refusal(d.decide(cancel(d, 10))), model::errc::not_cancelable);
  }
}

TEST(cancel, of_what_waits_for_another_try_ends_the_trying) {
  desk d;
  bring_to(d, delivery_state::sending);
  d.carry_out(desk::end(10, delivery_state::queued));
  d.carry_out(cancel(d, 10));
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(desk::begin(10))));
}

TEST(cancel, of_what_comes_in_is_refused) {
  desk d;
  d.opened();
  EXPECT_EQ(refusal(d.decide(cancel(d, 1'000'001))), model::errc::not_cancelable);
}

TEST(cancel, in_a_group_is_for_whomever_it_can_still_be_kept_from) {
  desk d;
  meet_group(d);
  const auto first = d.state.deliveries.front().to;
  d.carry_out(model::begin_attempt{numbered<model::message_id>(10), first});
  EXPECT_EQ(d.events_of(cancel(d, 10)).size(), 2u);
  EXPECT_EQ(states_of(d), (std::vector{delivery_state::sending, delivery_state::canceled,
                                       delivery_state::canceled}));
}

TEST(cancel, still_gives_a_repeated_request_its_first_answer) {
  desk d;
  d.opened();
  auto what = later(d, 10, 1h);
  what.idempotency_key = numbered(500);
  d.carry_out(what);
  d.carry_out(cancel(d, 10));
  const auto again = d.decide(what);
  ASSERT_TRUE(std::holds_alternative<duplicate>(again));
  EXPECT_EQ(std::get<duplicate>(again).first->message, numbered<model::message_id>(10));
}

// -- edit -----------------------------------------------------------------------------------------

TEST(edit, of_the_time_moves_the_timer_when_it_comes_too_late) {
  desk d;
  schedule(d);
  const auto sooner = d.now + 10min;
  const auto events = d.events_of(edit(d, 10, sooner));
  EXPECT_EQ(body_of<model::message_edited>(events).send_at, sooner);
  EXPECT_EQ(d.state.timer_due, sooner);
  EXPECT_EQ(d.delivery(10).send_at, sooner);
}

TEST(edit, to_a_later_time_leaves_the_timer_which_then_looks_again) {
  desk d;
  schedule(d);
  const auto later_time = d.now + 3h;
  d.carry_out(edit(d, 10, later_time));
  fire(d);
  EXPECT_EQ(d.delivery(10).state, delivery_state::scheduled);
  EXPECT_EQ(d.state.timer_due, later_time);
  fire(d);
  EXPECT_EQ(d.delivery(10).state, delivery_state::queued);
}

TEST(edit, of_the_text_alone_keeps_the_time) {
  desk d;
  schedule(d);
  auto what = edit(d, 10, {});
  what.what = text("better");
  const auto events = d.events_of(what);
  EXPECT_EQ(body_of<model::message_edited>(events).send_at, d.delivery(10).send_at);
}

TEST(edit, is_for_what_waits_for_its_time) {
  for (const auto state : {delivery_state::queued, delivery_state::sending, delivery_state::sent,
                           delivery_state::canceled}) {
    desk d;
    bring_to(d, state);
    EXPECT_EQ(refusal(d.decide(edit(d, 10, d.now + 1h))), model::errc::not_editable);
  }
}

// -- resolve --------------------------------------------------------------------------------------

TEST(resolve, settles_an_unknown_outcome_in_the_operators_words) {
  for (const auto& [as, to] : {std::pair{model::resolution::sent, delivery_state::sent},
                               std::pair{model::resolution::failed, delivery_state::failed},
                               std::pair{model::resolution::resend, delivery_state::queued}}) {
    desk d;
    bring_to(d, delivery_state::unknown);
    d.carry_out(resolve(d, 10, as));
    EXPECT_EQ(d.delivery(10).state, to);
  }
}

TEST(resolve, as_resend_puts_it_behind_what_the_sender_has_read) {
  desk d;
  bring_to(d, delivery_state::unknown);
  d.carry_out(resolve(d, 10, model::resolution::resend));
  EXPECT_EQ(d.delivery(10).queued_seq, d.seq);
  d.carry_out(desk::begin(10));
  EXPECT_EQ(d.delivery(10).attempts, 2u);
  d.carry_out(desk::end(10, delivery_state::queued));
  EXPECT_NE(d.delivery(10).queued_seq, d.seq) << "another try keeps its row";
}

TEST(resolve, is_for_what_is_unknown) {
  for (const auto state : {delivery_state::scheduled, delivery_state::queued,
                           delivery_state::sending, delivery_state::sent,
                           delivery_state::failed}) {
    desk d;
    bring_to(d, state);
    EXPECT_EQ(refusal(d.decide(resolve(d, 10, model::resolution::resend))),
              model::errc::not_unknown);
  }
}

TEST(resolve, does_not_send_again_to_whoever_has_opted_out) {
  desk d;
  bring_to(d, delivery_state::unknown);
  d.opted_out = {d.state.pair.theirs.text()};
  EXPECT_EQ(refusal(d.decide(resolve(d, 10, model::resolution::resend))), model::errc::opted_out);
  EXPECT_TRUE(std::holds_alternative<std::vector<model::event>>(
    d.decide(resolve(d, 10, model::resolution::failed))));
}

/// A report that says which message it is about, as the carrier's `id` for it.
model::report_delivery report_on(std::uint64_t number, std::string id, delivery_state state) {
  return {std::move(id), state, 0, numbered<model::message_id>(number), {}};
}

TEST(unknown, is_settled_by_a_later_report_that_names_the_message) {
  desk d;
  bring_to(d, delivery_state::unknown);
  d.carry_out(report_on(10, "SM9", delivery_state::sent));
  EXPECT_EQ(d.delivery(10).state, delivery_state::sent);
  EXPECT_EQ(d.delivery(10).provider_id, "SM9");
  d.carry_out(model::report_delivery{"SM9", delivery_state::delivered, 0});
  EXPECT_EQ(d.delivery(10).state, delivery_state::delivered) << "the id is known from then on";
  EXPECT_EQ(refusal(d.decide(resolve(d, 10, model::resolution::resend))),
            model::errc::not_unknown);
}

TEST(unknown, is_settled_by_reports_that_came_before_the_attempt_had_ended) {
  for (const bool crashed : {false, true}) {
    desk d;
    bring_to(d, delivery_state::sending);
    d.carry_out(report_on(10, "SM9", delivery_state::sent));
    d.carry_out(report_on(10, "SM9", delivery_state::delivered));
    EXPECT_EQ(d.delivery(10).state, delivery_state::sending) << "its answer may still come";
    if (crashed)
      d.carry_out(desk::begin(10));
    else
      d.carry_out(desk::end(10, delivery_state::unknown));
    EXPECT_EQ(d.delivery(10).state, delivery_state::delivered);
    EXPECT_EQ(d.delivery(10).provider_id, "SM9");
    EXPECT_TRUE(d.state.parked.empty());
  }
}

TEST(unknown, stays_so_whatever_is_reported_of_others) {
  desk d;
  bring_to(d, delivery_state::unknown);
  d.carry_out(report_on(11, "SM9", delivery_state::delivered));
  EXPECT_EQ(d.delivery(10).state, delivery_state::unknown);
}

TEST(resolve, leaves_a_late_report_that_names_no_message_parked) {
  desk d;
  bring_to(d, delivery_state::unknown);
  d.carry_out(model::report_delivery{"SM9", delivery_state::delivered, 0});
  EXPECT_EQ(d.delivery(10).state, delivery_state::unknown);
  EXPECT_EQ(d.state.parked.size(), 1u);
}

TEST(resolve, of_a_group_is_of_one_party) {
  desk d;
  meet_group(d);
  const auto first = d.state.deliveries.front().to;
  d.carry_out(model::begin_attempt{numbered<model::message_id>(10), first});
  d.carry_out(model::end_attempt{numbered<model::message_id>(10), delivery_state::unknown, 0, {},
                                 first});
  EXPECT_EQ(refusal(d.decide(resolve(d, 10, model::resolution::sent))), model::errc::not_unknown);
  auto what = resolve(d, 10, model::resolution::sent);
  what.to = first;
  d.carry_out(what);
  EXPECT_EQ(states_of(d), (std::vector{delivery_state::sent, delivery_state::queued,
                                       delivery_state::queued}));
}

}  // namespace
}  // namespace parley::conversation
