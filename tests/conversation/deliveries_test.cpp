#include "parley/conversation/attempts.hpp"
#include "parley/model/limits.hpp"
#include "tests/conversation/desk.hpp"

#include <array>
#include <string>
#include <tuple>

namespace parley::conversation {
namespace {

using model::delivery_state;

/// Reply 10 brought into a state by what really leads there.
void bring_to(desk& d, delivery_state wanted) {
  d.opened().carry_out(d.reply(10));
  if (wanted == delivery_state::queued)
    return;
  d.carry_out(desk::begin(10));
  if (wanted == delivery_state::sending)
    return;
  if (wanted == delivery_state::unknown || wanted == delivery_state::failed) {
    d.carry_out(desk::end(10, wanted));
    return;
  }
  d.carry_out(desk::end(10, delivery_state::sent, "SM1"));
  if (wanted != delivery_state::sent)
    d.carry_out(model::report_delivery{"SM1", wanted, 0});
}

constexpr std::array every_state{delivery_state::queued,      delivery_state::sending,
                                 delivery_state::unknown,     delivery_state::sent,
                                 delivery_state::delivered,   delivery_state::read,
                                 delivery_state::undelivered, delivery_state::failed,
                                 delivery_state::canceled,    delivery_state::expired};

// -- attempts -------------------------------------------------------------------------------------

TEST(attempt, is_counted_when_it_begins) {
  desk d;
  bring_to(d, delivery_state::queued);
  d.now += 1s;
  const auto events = d.events_of(desk::begin(10));
  ASSERT_EQ(events.size(), 1u);
  const auto& change = body_of<model::delivery_changed>(events);
  EXPECT_EQ(change.state, delivery_state::sending);
  EXPECT_EQ(change.attempts, 1u);
  EXPECT_EQ(change.index, 2u);
  EXPECT_EQ(d.delivery(10).state, delivery_state::sending);
  EXPECT_EQ(d.delivery(10).attempts, 1u);
  EXPECT_EQ(d.delivery(10).updated_at, d.now);
}

TEST(attempt, a_process_died_in_is_held_as_unknown) {
  desk d;
  bring_to(d, delivery_state::sending);
  const auto events = d.events_of(desk::begin(10));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(body_of<model::delivery_changed>(events).state, delivery_state::unknown);
  EXPECT_EQ(d.delivery(10).attempts, 1u);
}

TEST(attempt, a_process_died_in_is_repeated_where_the_link_says_resend) {
  desk d;
  bring_to(d, delivery_state::sending);
  d.unknown_outcome = model::unknown_outcome_policy::resend;
  const auto events = d.events_of(desk::begin(10));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(body_of<model::delivery_changed>(events).state, delivery_state::sending);
  EXPECT_EQ(d.delivery(10).attempts, 2u);
}

TEST(attempt, of_what_is_not_waiting_is_nothing) {
  for (const auto policy :
       {model::unknown_outcome_policy::hold, model::unknown_outcome_policy::resend}) {
    for (const auto state : every_state) {
      if (state == delivery_state::queued || state == delivery_state::sending)
        continue;
      desk d;
      d.unknown_outcome = policy;
      bring_to(d, state);
      ASSERT_EQ(d.delivery(10).state, state);
      EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(desk::begin(10))))
        << model::to_string(state);
    }
  }
}

TEST(attempt, of_an_unknown_message_is_nothing) {
  desk d;
  d.opened();
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(desk::begin(10))));
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(desk::end(10, delivery_state::sent))));
}

TEST(attempt, goes_on_after_the_conversation_closed) {
  desk d;
  bring_to(d, delivery_state::queued);
  const auto first = d.state.id;
  d.carry_out(model::close_conversation{first, {}});
  d.carry_out(desk::inbound(2));
  const auto events = d.events_of(desk::begin(10));
  EXPECT_EQ(events.at(0).conversation, first);
  EXPECT_NE(d.state.id, first);
  EXPECT_EQ(d.delivery(10).state, delivery_state::sending);
}

/// What an attempt's end makes of a delivery in each state.
struct end_case {
  const char* name;
  delivery_state from;
  delivery_state to;
  bool moves;
};

class attempt_end : public ::testing::TestWithParam<end_case> {};

TEST_P(attempt_end, moves_the_delivery_only_forward_or_back_into_the_queue) {
  const auto& param = GetParam();
  desk d;
  bring_to(d, param.from);
  ASSERT_EQ(d.delivery(10).state, param.from);
  const auto before = d.state;
  const auto outcome = d.carry_out(desk::end(10, param.to, "SM2", 30008));
  if (!param.moves) {
    EXPECT_TRUE(std::holds_alternative<nothing>(outcome));
    EXPECT_EQ(d.state, before);
    return;
  }
  EXPECT_EQ(d.delivery(10).state, param.to);
  EXPECT_EQ(d.delivery(10).error_code, 30008);
  EXPECT_EQ(d.delivery(10).attempts, 1u);
  EXPECT_EQ(d.delivery(10).provider_id, param.to == delivery_state::queued ? "" : "SM2");
}

INSTANTIATE_TEST_SUITE_P(
  deliveries, attempt_end,
  ::testing::Values(
    end_case{"sent", delivery_state::sending, delivery_state::sent, true},
    end_case{"failed", delivery_state::sending, delivery_state::failed, true},
    end_case{"unknown", delivery_state::sending, delivery_state::unknown, true},
    end_case{"retry", delivery_state::sending, delivery_state::queued, true},
    end_case{"expired", delivery_state::sending, delivery_state::expired, true},
    end_case{"no_state_at_all", delivery_state::sending, delivery_state::sending, false},
    end_case{"late_sent", delivery_state::unknown, delivery_state::sent, true},
    end_case{"late_failed", delivery_state::unknown, delivery_state::failed, true},
    end_case{"no_late_retry", delivery_state::unknown, delivery_state::queued, false},
    end_case{"not_begun", delivery_state::queued, delivery_state::sent, false},
    end_case{"failed_but_not_begun", delivery_state::queued, delivery_state::failed, false},
    end_case{"sent_again", delivery_state::sent, delivery_state::sent, false},
    end_case{"retry_of_sent", delivery_state::sent, delivery_state::queued, false},
    end_case{"unknown_after_sent", delivery_state::sent, delivery_state::unknown, false},
    end_case{"sent_after_delivered", delivery_state::delivered, delivery_state::sent, false},
    end_case{"failed_after_delivered", delivery_state::delivered, delivery_state::failed, false},
    end_case{"sent_after_failed", delivery_state::failed, delivery_state::sent, false},
    end_case{"retry_of_failed", delivery_state::failed, delivery_state::queued, false}),
  [](const auto& instance) { return instance.param.name; });

TEST(attempt, that_was_never_begun_can_only_expire) {
  desk d;
  bring_to(d, delivery_state::queued);
  ASSERT_EQ(d.delivery(10).state, delivery_state::queued);
  EXPECT_EQ(d.events_of(model::end_attempt{d.delivery(10).message, delivery_state::expired, 0, {}})
              .size(),
            1u);
  EXPECT_EQ(d.delivery(10).state, delivery_state::expired);
  EXPECT_EQ(d.delivery(10).attempts, 0u);
}

TEST(attempt, is_counted_over_retries) {
  desk d;
  bring_to(d, delivery_state::sending);
  d.carry_out(desk::end(10, delivery_state::queued, {}, 20429));
  EXPECT_EQ(d.delivery(10).error_code, 20429);
  d.carry_out(desk::begin(10));
  EXPECT_EQ(d.delivery(10).attempts, 2u);
  EXPECT_EQ(d.delivery(10).error_code, 0);
}

/// An attempt of a sender that knows of `tried` tries and of the order of acceptance.
model::begin_attempt in_order(std::uint64_t number, std::uint32_t tried) {
  auto begin = desk::begin(number);
  begin.tried = tried;
  begin.first_after_seq = 0;
  return begin;
}

TEST(attempt, that_was_turned_away_unread_was_no_try) {
  desk d;
  bring_to(d, delivery_state::sending);
  auto end = desk::end(10, delivery_state::queued);
  end.tried = false;
  d.carry_out(end);
  EXPECT_EQ(d.delivery(10).state, delivery_state::queued);
  EXPECT_EQ(d.delivery(10).attempts, 0u);
}

TEST(attempt, of_an_earlier_process_is_not_repeated_before_its_time) {
  desk d;
  bring_to(d, delivery_state::sending);
  d.carry_out(desk::end(10, delivery_state::queued, {}, 500));
  const auto given_up = d.now;
  d.now += 1s;
  EXPECT_TRUE(std::holds_alternative<nothing>(d.decide(in_order(10, 0))));
  EXPECT_EQ(wait_of(d.state, in_order(10, 0)), (attempt_wait{.tried = 1, .since = given_up}));
  EXPECT_EQ(wait_of(d.state, in_order(10, 1)), std::nullopt) << "the sender knows, and has waited";
  d.carry_out(in_order(10, 1));
  EXPECT_EQ(d.delivery(10).attempts, 2u);
}

TEST(attempt, waits_for_whatever_the_pair_has_accepted_earlier_and_has_not_sent) {
  for (const auto state : every_state) {
    desk d;
    bring_to(d, state);
    d.carry_out(d.reply(11));
    const bool waits = state == delivery_state::queued || state == delivery_state::sending;
    EXPECT_EQ(std::holds_alternative<nothing>(d.decide(in_order(11, 0))), waits)
      << model::to_string(state);
    const auto wait = wait_of(d.state, in_order(11, 0));
    ASSERT_EQ(wait.has_value(), waits);
    if (wait) {
      EXPECT_EQ(wait->earlier_seq, d.delivery(10).message_seq);
    }
    EXPECT_EQ(wait_of(d.state, in_order(10, 0)), std::nullopt) << "nothing waits for what is later";
    auto past = in_order(11, 0);
    past.first_after_seq = d.delivery(10).message_seq;
    EXPECT_EQ(wait_of(d.state, past), std::nullopt) << "it cannot be sent, and the sender knows";
  }
}

// -- reports --------------------------------------------------------------------------------------

/// Every state a report can find, and every state it can tell.
class report : public ::testing::TestWithParam<std::tuple<delivery_state, delivery_state>> {};

TEST_P(report, moves_a_delivery_forward_and_never_back) {
  const auto [from, to] = GetParam();
  desk d;
  bring_to(d, from);
  ASSERT_EQ(d.delivery(10).state, from);
  const auto before = d.state;
  const auto outcome = d.carry_out(model::report_delivery{"SM1", to, 30003});
  // Written out, not asked of `advances`: sent is open to all that is final, delivered to read.
  const bool moves = from == delivery_state::sent
                       ? to > delivery_state::sent
                       : from == delivery_state::delivered && to == delivery_state::read;
  if (moves) {
    EXPECT_EQ(d.delivery(10).state, to);
    EXPECT_EQ(d.delivery(10).error_code, 30003);
    EXPECT_EQ(d.delivery(10).provider_id, "SM1");
  } else {
    EXPECT_TRUE(std::holds_alternative<nothing>(outcome));
    EXPECT_EQ(d.state, before);
  }
}

INSTANTIATE_TEST_SUITE_P(
  deliveries, report,
  ::testing::Combine(::testing::Values(delivery_state::sent, delivery_state::delivered,
                                       delivery_state::read, delivery_state::undelivered,
                                       delivery_state::canceled, delivery_state::expired),
                     ::testing::ValuesIn(every_state)),
  [](const auto& instance) {
    return std::string{model::to_string(std::get<0>(instance.param))} + "_to_"
           + std::string{model::to_string(std::get<1>(instance.param))};
  });

TEST(report_matching, is_by_the_carriers_id_alone) {
  desk d;
  d.opened();
  d.sent(10, "SM1");
  d.sent(11, "SM2");
  const auto events = d.events_of(model::report_delivery{"SM2", delivery_state::delivered, 0});
  EXPECT_EQ(body_of<model::delivery_changed>(events).message, numbered<model::message_id>(11));
  EXPECT_EQ(d.delivery(10).state, delivery_state::sent);
}

TEST(report_matching, an_empty_id_matches_no_waiting_delivery) {
  desk d;
  bring_to(d, delivery_state::sending);
  EXPECT_EQ(refusal(d.decide(model::report_delivery{"", delivery_state::delivered, 0})),
            model::errc::malformed);
}

TEST(report_matching, finds_the_delivery_of_an_earlier_conversation) {
  desk d;
  bring_to(d, delivery_state::sent);
  const auto first = d.state.id;
  d.carry_out(model::close_conversation{first, {}});
  d.carry_out(desk::inbound(2));
  const auto events = d.events_of(model::report_delivery{"SM1", delivery_state::delivered, 0});
  EXPECT_EQ(events.at(0).conversation, first);
}

// -- parked reports -------------------------------------------------------------------------------

TEST(parked, reports_before_the_answer_follow_it_in_the_order_they_came) {
  desk d;
  bring_to(d, delivery_state::sending);
  d.carry_out(model::report_delivery{"SM1", delivery_state::sent, 0});
  d.carry_out(model::report_delivery{"SM2", delivery_state::failed, 30001});
  d.carry_out(model::report_delivery{"SM1", delivery_state::delivered, 0});
  d.carry_out(model::report_delivery{"SM1", delivery_state::read, 0});
  EXPECT_EQ(d.delivery(10).state, delivery_state::sending);
  ASSERT_EQ(d.state.parked.size(), 4u);

  const auto events = d.events_of(desk::end(10, delivery_state::sent, "SM1"));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(body_of<model::delivery_changed>(events, 0).state, delivery_state::sent);
  EXPECT_EQ(body_of<model::delivery_changed>(events, 1).state, delivery_state::delivered);
  EXPECT_EQ(body_of<model::delivery_changed>(events, 2).state, delivery_state::read);
  EXPECT_EQ(d.delivery(10).state, delivery_state::read);
  EXPECT_EQ(d.delivery(10).attempts, 1u);
  ASSERT_EQ(d.state.parked.size(), 1u);
  EXPECT_EQ(d.state.parked[0].provider_id, "SM2");
}

TEST(parked, a_report_keeps_its_error_code) {
  desk d;
  bring_to(d, delivery_state::sending);
  d.carry_out(model::report_delivery{"SM1", delivery_state::undelivered, 30005});
  d.carry_out(desk::end(10, delivery_state::sent, "SM1"));
  EXPECT_EQ(d.delivery(10).state, delivery_state::undelivered);
  EXPECT_EQ(d.delivery(10).error_code, 30005);
}

TEST(parked, what_is_final_stays_so) {
  desk d;
  bring_to(d, delivery_state::sending);
  d.carry_out(model::report_delivery{"SM1", delivery_state::undelivered, 30005});
  d.carry_out(model::report_delivery{"SM1", delivery_state::delivered, 0});
  EXPECT_EQ(d.events_of(desk::end(10, delivery_state::sent, "SM1")).size(), 2u);
  EXPECT_EQ(d.delivery(10).state, delivery_state::undelivered);
}

TEST(parked, the_same_report_twice_is_kept_once) {
  desk d;
  d.opened();
  const model::report_delivery early{"SM1", delivery_state::delivered, 0};
  EXPECT_EQ(body_of<model::report_parked>(d.events_of(early)).report,
            (model::parked_report{"SM1", delivery_state::delivered, 0, d.now}));
  EXPECT_TRUE(std::holds_alternative<nothing>(d.carry_out(early)));
  EXPECT_EQ(d.state.parked.size(), 1u);
  EXPECT_EQ(d.events_of(model::report_delivery{"SM1", delivery_state::read, 0}).size(), 1u);
}

TEST(parked, for_24_hours) {
  desk d;
  bring_to(d, delivery_state::sending);
  d.carry_out(model::report_delivery{"SM1", delivery_state::delivered, 0});
  d.carry_out(model::report_delivery{"SM9", delivery_state::delivered, 0});
  auto in_time = d;
  in_time.now += model::parked_lifetime - 1ms;
  in_time.carry_out(desk::end(10, delivery_state::sent, "SM1"));
  EXPECT_EQ(in_time.delivery(10).state, delivery_state::delivered);
  EXPECT_EQ(in_time.state.parked.size(), 1u);

  d.now += model::parked_lifetime;
  d.carry_out(desk::end(10, delivery_state::sent, "SM1"));
  EXPECT_EQ(d.delivery(10).state, delivery_state::sent);
  EXPECT_TRUE(d.state.parked.empty());
}

TEST(parked, after_24_hours_the_same_report_is_kept_anew) {
  desk d;
  d.opened();
  d.carry_out(model::report_delivery{"SM1", delivery_state::delivered, 0});
  d.now += model::parked_lifetime;
  d.carry_out(model::report_delivery{"SM1", delivery_state::delivered, 0});
  ASSERT_EQ(d.state.parked.size(), 1u);
  EXPECT_EQ(d.state.parked[0].at, d.now);
}

TEST(parked, the_oldest_leaves_when_there_are_too_many) {
  desk d;
  d.opened();
  for (std::size_t i = 0; i <= model::parked_reports_max; ++i)
    d.carry_out(model::report_delivery{"SM" + std::to_string(i), delivery_state::delivered, 0});
  EXPECT_EQ(d.state.parked.size(), model::parked_reports_max);
  EXPECT_EQ(d.state.parked.front().provider_id, "SM1");
}

// -- room -----------------------------------------------------------------------------------------

TEST(room, the_oldest_finished_delivery_leaves_first) {
  desk d;
  d.opened();
  for (std::uint64_t i = 0; i < model::deliveries_max; ++i)
    d.sent(100 + i, "SM" + std::to_string(i));
  d.carry_out(model::report_delivery{"SM5", delivery_state::delivered, 0});
  d.carry_out(model::report_delivery{"SM3", delivery_state::delivered, 0});
  d.carry_out(d.reply(10));
  EXPECT_EQ(d.state.deliveries.size(), model::deliveries_max);
  EXPECT_EQ(d.delivery(105).state, delivery_state::delivered);
  for (const auto& known : d.state.deliveries)
    EXPECT_NE(known.message, numbered<model::message_id>(103));
  EXPECT_EQ(d.state.deliveries.back().message, numbered<model::message_id>(10));
}

TEST(room, a_carrier_that_never_reports_does_not_block_the_conversation) {
  desk d;
  d.opened();
  d.carry_out(d.reply(50));  // Waits all the time, so it stays.
  for (std::uint64_t i = 0; i < 3 * model::deliveries_max; ++i)
    d.sent(100 + i, "SM" + std::to_string(i));
  EXPECT_EQ(d.state.deliveries.size(), model::deliveries_max);
  EXPECT_EQ(d.delivery(50).state, delivery_state::queued);
  EXPECT_EQ(d.state.last_index, 2 + 3 * model::deliveries_max);
}

TEST(room, one_outcome_lets_the_next_send_in) {
  desk d;
  d.opened();
  for (std::uint64_t i = 0; i < model::deliveries_max; ++i)
    d.carry_out(d.reply(100 + i));
  EXPECT_EQ(refusal(d.decide(d.reply(10))), model::errc::unfinished_deliveries);
  d.carry_out(desk::begin(100));
  EXPECT_EQ(refusal(d.decide(d.reply(10))), model::errc::unfinished_deliveries);
  d.carry_out(desk::end(100, delivery_state::unknown));
  EXPECT_EQ(refusal(d.decide(d.reply(10))), model::errc::unfinished_deliveries);
  d.carry_out(desk::end(100, delivery_state::failed));
  EXPECT_EQ(d.events_of(d.reply(10)).size(), 1u);
}

}  // namespace
}  // namespace parley::conversation
