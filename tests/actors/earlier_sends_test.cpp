#include "actors/earlier_sends.hpp"

#include "parley/carrier/rate.hpp"
#include "parley/store/rows.hpp"
#include "tests/actors/cast_fixture.hpp"

namespace parley::actors {
namespace {

using namespace std::chrono_literals;

constexpr auto person = "+15551230001";

/// What a start finds of messages that an earlier process has handed over, or may have.
class earlier_sends_test : public cast_test {
protected:
  void command(model::command what) {
    auto asked = std::make_shared<envelope>();
    asked->pair = pair_with(person);
    asked->what = std::move(what);
    submit(std::move(asked), 0);
    run_and_commit();
  }

  /// Message `number` of three segments is accepted.
  model::message_id accept(std::uint8_t number) {
    if (stored(person).id == model::conversation_id{}) {
      receive(person, "SM", 0);
      run_and_commit();
    }
    model::send_message send;
    send.message.bytes[0] = number;
    send.conversation = stored(person).id;
    send.author = {model::author::kind::user, "alice"};
    auto what = std::make_shared<model::content>();
    what->body = "Hello";
    send.what = std::move(what);
    send.segments = 3;
    command(send);
    return send.message;
  }

  /// Looks `after` the last command.
  [[nodiscard]] earlier_sends look(std::chrono::milliseconds after) {
    const auto last = reader_->at(journal_->committed())->event.at;
    return {*reader_, journal_->committed(), last + after};
  }

  const std::string mine_ = store::outbox_prefix(1, pair_with(person).ours);
};

TEST_F(earlier_sends_test, are_none_in_a_new_store_and_of_what_only_waits) {
  accept(1);
  const auto found = look(1s);
  EXPECT_TRUE(found.of(mine_).empty());
  EXPECT_GT(found.known_for(), 24h) << "there was nothing before";
}

TEST_F(earlier_sends_test, are_taken_for_made_when_their_outcome_was_journalled) {
  const auto message = accept(1);
  command(model::begin_attempt{message});
  command(model::end_attempt{message, model::delivery_state::sent, 0, "SM1"});
  const auto found = look(7s);
  ASSERT_EQ(found.of(mine_).size(), 1U);
  EXPECT_EQ(found.of(mine_).front().ago, 7s);
  EXPECT_EQ(found.of(mine_).front().units, 3U);
  EXPECT_EQ(found.of(mine_).front().thread, pair_with(person).key() + '\0');
  EXPECT_TRUE(found.of(store::outbox_prefix(2, pair_with(person).ours)).empty());
}

TEST_F(earlier_sends_test, are_taken_for_made_just_now_when_they_have_no_outcome) {
  command(model::begin_attempt{accept(1)});
  const auto found = look(7s);
  ASSERT_EQ(found.of(mine_).size(), 1U);
  EXPECT_EQ(found.of(mine_).front().ago, 0s);
}

TEST_F(earlier_sends_test, of_long_ago_do_not_matter) {
  const auto message = accept(1);
  command(model::begin_attempt{message});
  command(model::end_attempt{message, model::delivery_state::sent, 0, "SM1"});
  const auto found = look(11min);
  EXPECT_TRUE(found.of(mine_).empty());
  EXPECT_EQ(found.known_for(), 10min);
}

}  // namespace
}  // namespace parley::actors
