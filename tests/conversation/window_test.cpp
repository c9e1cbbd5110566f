#include "tests/conversation/desk.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

// WhatsApp's customer service window (mission 7).

namespace parley::conversation {
namespace {

using model::errc;

class window : public ::testing::Test {
protected:
  window() {
    d.state.pair.ours.kind = model::channel::whatsapp;
    d.state.pair.theirs.kind = model::channel::whatsapp;
  }

  /// alice starts a conversation with this, or with nothing.
  [[nodiscard]] model::start_conversation start(model::content_ptr what) const {
    model::start_conversation made;
    made.first = d.reply(20);
    made.first.conversation = {};
    made.first.what = std::move(what);
    made.route = d.route;
    return made;
  }

  [[nodiscard]] model::send_message reply_by_template(std::uint64_t number) const {
    auto made = d.reply(number);
    made.what = by_template();
    return made;
  }

  static model::content_ptr by_template() {
    model::content made;
    made.body = "Your order is on its way";
    made.made_from = model::sent_template{"order", "", "{}"};
    return std::make_shared<const model::content>(std::move(made));
  }

  desk d;
};

TEST_F(window, is_open_for_24_hours_from_the_customers_last_message) {
  d.opened();
  EXPECT_EQ(window_open_until(d.state), d.now + 24h);
  d.now += 24h - 1ms;
  EXPECT_EQ(d.events_of(d.reply(10)).size(), 1U);
  d.now += 1ms;
  EXPECT_EQ(refusal(d.decide(d.reply(11))), errc::outside_window);
}

TEST_F(window, each_message_of_the_customer_opens_it_anew_and_ours_do_not) {
  d.opened();
  d.now += 23h;
  d.carry_out(desk::inbound(2));
  d.now += 23h;
  d.carry_out(d.reply(10));
  EXPECT_EQ(window_open_until(d.state), d.now + 1h);
  d.now += 1h;
  EXPECT_EQ(refusal(d.decide(d.reply(11))), errc::outside_window);
  EXPECT_EQ(d.replayed(), d.state);
}

TEST_F(window, templates_and_notes_pass_outside_too) {
  d.opened();
  d.now += 48h;
  EXPECT_EQ(d.events_of(reply_by_template(10)).size(), 1U);
  EXPECT_EQ(refusal(d.decide(d.reply(11))), errc::outside_window) << "a template opens none";
  auto note = d.reply(12);
  note.note = true;
  EXPECT_EQ(d.events_of(note).size(), 1U);
}

TEST_F(window, there_is_none_by_sms) {
  d.state.pair.ours.kind = d.state.pair.theirs.kind = model::channel::sms;
  d.opened();
  EXPECT_EQ(window_open_until(d.state), model::timestamp{});
  d.now += 48h;
  EXPECT_EQ(d.events_of(d.reply(10)).size(), 1U);
}

TEST_F(window, outside_it_a_conversation_is_started_by_a_template_only) {
  EXPECT_EQ(refusal(d.decide(start(text("Hello")))), errc::outside_window);
  EXPECT_EQ(refusal(d.decide(start(nullptr))), errc::outside_window);
  const auto events = d.events_of(start(by_template()));
  EXPECT_TRUE(std::holds_alternative<model::conversation_opened>(events.front().body));
  EXPECT_EQ(refusal(d.decide(d.reply(21))), errc::outside_window);
  d.carry_out(desk::inbound(1));
  EXPECT_EQ(d.events_of(d.reply(21)).size(), 1U);
}

TEST_F(window, outlives_the_conversation) {
  d.opened();
  d.carry_out(model::close_conversation{d.state.id, {}});
  d.now += 1h;
  EXPECT_TRUE(std::holds_alternative<std::vector<model::event>>(d.decide(start(text("Hello")))));
  d.now += 23h;
  EXPECT_EQ(refusal(d.decide(start(text("Hello")))), errc::outside_window);
}

TEST_F(window, an_open_conversation_is_joined_outside_it_without_a_word) {
  d.opened();
  d.now += 48h;
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(start(nullptr))));
  EXPECT_EQ(refusal(d.decide(start(text("Hello")))), errc::outside_window);
}

TEST_F(window, a_repeated_request_is_answered_after_it_too) {
  d.opened();
  d.now += 23h;
  auto reply = d.reply(10);
  reply.idempotency_key = numbered(5);
  reply.request_digest = numbered(6);
  d.carry_out(reply);
  d.now += 2h;
  EXPECT_TRUE(std::holds_alternative<duplicate>(d.decide(reply)));
}

TEST_F(window, an_automatic_reply_passes_since_it_answers_a_message) {
  d.auto_reply = automatic_reply{text("We are closed"), 1};
  const auto events = d.events_of(desk::inbound(1));
  EXPECT_EQ(body_of<model::message_added>(events, 2).author.type, model::author::kind::system);
}

}  // namespace
}  // namespace parley::conversation
