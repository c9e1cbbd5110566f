#include "tests/actors/cast_fixture.hpp"

#include <string>

namespace parley::actors {
namespace {

const std::string person = "+15557000001";

/// What is counted as waiting in the number's outbox (mission 6: the limit of its queue).
class queued_count : public cast_test {
protected:
  queued_count() {
    receive(person, "SM1", 1);
    run_and_commit();
  }

  void command(model::command what) {
    auto asked = std::make_shared<envelope>();
    asked->pair = pair_with(person);
    asked->what = std::move(what);
    submit(std::move(asked), 0);
    run_and_commit();
  }

  static model::message_id message(std::uint8_t number) {
    model::message_id made;
    made.bytes[15] = number;
    return made;
  }

  void send(std::uint8_t number, model::timestamp send_at = {}) {
    model::send_message what;
    what.message = message(number);
    what.conversation = stored(person).id;
    what.author = {model::author::kind::user, "alice"};
    what.what = std::make_shared<const model::content>(model::content{"Hello", {}, {}, {}});
    what.send_at = send_at;
    command(std::move(what));
  }

  void end(std::uint8_t number, model::delivery_state with) {
    command(model::end_attempt{message(number), with, 0, {}});
  }

  [[nodiscard]] std::int64_t count() { return number_inside().facts->queued->load(); }
};

TEST_F(queued_count, follows_what_enters_and_leaves_whoever_has_it_done) {
  EXPECT_EQ(count(), 0);
  send(1);
  send(2);
  EXPECT_EQ(count(), 2);
  command(model::cancel_message{stored(person).id, message(1)});
  EXPECT_EQ(count(), 1) << "no sender has read its row, and none will";
  command(model::begin_attempt{message(1)});
  EXPECT_EQ(count(), 1);
  command(model::begin_attempt{message(2)});
  EXPECT_EQ(count(), 1) << "it is still on its way";
  end(2, model::delivery_state::queued);
  EXPECT_EQ(count(), 1) << "and waits for another try";
  command(model::begin_attempt{message(2)});
  end(2, model::delivery_state::unknown);
  EXPECT_EQ(count(), 0);
  command(model::resolve_delivery{stored(person).id, message(2), {}, model::resolution::resend});
  EXPECT_EQ(count(), 1);
  end(2, model::delivery_state::expired);
  EXPECT_EQ(count(), 0);
}

TEST_F(queued_count, has_no_scheduled_message_before_its_time) {
  const auto send_at = model::timestamp{std::chrono::milliseconds{1'800'000'000'002}};
  send(1, send_at);
  EXPECT_EQ(count(), 0);
  EXPECT_EQ(stored(person).timer_due, send_at);
  command(model::fire_timer{send_at});
  EXPECT_EQ(count(), 1);
  command(model::cancel_message{stored(person).id, message(1)});
  EXPECT_EQ(count(), 0);
}

}  // namespace
}  // namespace parley::actors
