#include "actors/consent_register.hpp"

#include "src/store/keys.hpp"
#include "tests/actors/cast_fixture.hpp"

namespace parley::actors {
namespace {

using model::consent_state;

constexpr auto ours = "+15550100001";
constexpr auto another = "+15550100002";
const std::string person = "+15557000001";
const std::string them = "sms:" + person;

model::consent_changed wish(consent_state state, std::string number) {
  model::consent_changed made;
  made.address = them;
  made.number = std::move(number);
  made.state = state;
  return made;
}

/// The register over a real store, of which the tests decide when it is written to.
class consent_register_test : public cast_test {
protected:
  /// Records it for our number, or for all of them: in the conversation with `where`.
  void say(consent_state state, const std::string& number, const std::string& where = person) {
    auto asked = std::make_shared<envelope>();
    asked->pair = pair_with(where);
    model::change_consent command;
    command.address = them;
    command.everywhere = number.empty();
    command.state = state;
    asked->what = std::move(command);
    submit(std::move(asked), 0);
    run();
  }

  [[nodiscard]] consent_register& wishes() { return shared().consents; }
  [[nodiscard]] bool is_out(std::string_view number = ours) {
    return wishes().has_opted_out(1, them, number);
  }

  static constexpr auto out = consent_state::opted_out;
  static constexpr auto in = consent_state::opted_in;
};

TEST_F(consent_register_test, knows_nothing_of_whom_nobody_has_heard) {
  EXPECT_FALSE(is_out());
}

/// What was said, in order, and whether the person is sent to from the number in the end.
struct newest_case {
  const char* name;
  std::vector<std::pair<consent_state, std::string>> said;
  bool out;
};

class consent_newest : public consent_register_test,
                       public ::testing::WithParamInterface<newest_case> {};

TEST_P(consent_newest, counts_whether_it_is_durable_or_not) {
  const auto& param = GetParam();
  for (const auto& [state, number] : param.said)
    say(state, number);
  EXPECT_EQ(is_out(), param.out) << "appended";
  EXPECT_FALSE(wishes().has_opted_out(2, them, ours)) << "I11";
  EXPECT_FALSE(wishes().has_opted_out(1, "sms:+15557000002", ours));
  run_and_commit();
  EXPECT_EQ(is_out(), param.out) << "durable";
  restart();
  EXPECT_EQ(is_out(), param.out) << "after a restart";
}

INSTANTIATE_TEST_SUITE_P(
  scopes, consent_newest,
  ::testing::Values(newest_case{"of_the_number", {{consent_state::opted_out, ours}}, true},
                    newest_case{"of_all", {{consent_state::opted_out, {}}}, true},
                    newest_case{"in_again",
                                {{consent_state::opted_out, ours}, {consent_state::opted_in, ours}},
                                false},
                    newest_case{"the_number_after_all",
                                {{consent_state::opted_out, {}}, {consent_state::opted_in, ours}},
                                false},
                    newest_case{"all_after_the_number",
                                {{consent_state::opted_in, ours}, {consent_state::opted_out, {}}},
                                true},
                    newest_case{"all_in_after_the_number_out",
                                {{consent_state::opted_out, ours}, {consent_state::opted_in, {}}},
                                false}),
  [](const auto& instance) { return instance.param.name; });

TEST_F(consent_register_test, what_is_pending_counts_before_what_is_durable) {
  say(out, ours);
  run_and_commit();
  EXPECT_TRUE(is_out());
  say(in, ours);
  EXPECT_FALSE(is_out()) << "the newer word is not durable yet";
  restart();
  EXPECT_TRUE(is_out()) << "and is lost with the process";
}

TEST_F(consent_register_test, what_is_durable_is_asked_of_the_store) {
  wishes().note(1, wish(out, ours), 5);
  wishes().note(1, wish(in, ours), 7);
  wishes().settle(1, wish(out, ours), 5);
  EXPECT_FALSE(is_out()) << "7 still waits";
  wishes().note(1, wish(out, ours), 6);
  EXPECT_FALSE(is_out()) << "what comes late does not hide what is newer";
  wishes().settle(1, wish(in, ours), 7);
  EXPECT_FALSE(is_out()) << "the store has never heard of it";
  wishes().note(1, wish(out, ours), 8);
  EXPECT_TRUE(is_out());
  wishes().settle(1, wish(out, another), 9);
  wishes().settle(1, wish(out, {}), 9);
  EXPECT_TRUE(is_out()) << "other scopes settle nothing here";
  wishes().settle(1, wish(out, ours), 8);
  EXPECT_FALSE(is_out());
}

/// A conversation with a message that waits to be sent.
class consent_attempt : public consent_register_test {
protected:
  consent_attempt() {
    receive(person, "SM1", 1);
    run_and_commit();
    model::send_message send;
    send.message = message;
    send.conversation = stored(person).id;
    send.author = {model::author::kind::user, "alice"};
    auto what = std::make_shared<model::content>();
    what->body = "Hello";
    send.what = std::move(what);
    command(std::move(send));
    run_and_commit();
  }

  void command(model::command what) {
    auto asked = std::make_shared<envelope>();
    asked->pair = pair_with(person);
    asked->what = std::move(what);
    submit(std::move(asked), 0);
  }

  /// What becomes of it when its sender asks, without anything having become durable before.
  [[nodiscard]] model::delivery_state begun() {
    command(model::begin_attempt{message});
    run_and_commit();
    return last_delivery();
  }

  /// By the newest event about it.
  [[nodiscard]] model::delivery_state last_delivery() {
    std::optional<model::delivery_state> last;
    reader_->read_back(stored(person).head_seq, [&](const store::record& record) {
      if (const auto* moved = std::get_if<model::delivery_changed>(&record.event.body))
        last = moved->state;
      return !last;
    });
    return last.value_or(model::delivery_state::queued);
  }

  model::message_id message = [] {
    model::message_id made;
    made.bytes[15] = 9;
    return made;
  }();
};

TEST_F(consent_attempt, is_begun_for_whoever_wants_messages) {
  EXPECT_EQ(begun(), model::delivery_state::sending);
}

TEST_F(consent_attempt, I7_stops_at_what_another_conversation_has_heard_and_not_made_durable) {
  say(out, {}, "+15557000002");
  EXPECT_EQ(last_delivery(), model::delivery_state::queued) << "its own conversation knows nothing";
  EXPECT_EQ(begun(), model::delivery_state::canceled);
}

TEST_F(consent_attempt, I7_stops_at_what_became_durable_meanwhile) {
  say(out, {}, "+15557000002");
  run_and_commit();
  EXPECT_EQ(begun(), model::delivery_state::canceled);
}

TEST_F(consent_attempt, is_canceled_at_once_by_an_opt_out_of_its_own_conversation) {
  say(out, ours);
  run_and_commit();
  EXPECT_EQ(last_delivery(), model::delivery_state::canceled);
}

TEST_F(consent_attempt, a_damaged_record_stops_it_and_harms_nobody_else) {  // R4
  const std::vector<store::row> rows{
    {.where = store::table::consents,
     .key = store::consent_scope_key(1, pair_with(person).theirs.text(), ours)
            + std::string(8, '\1'),
     .value = "no event"}};
  journal_->append({.organization = 1, .rows = rows});
  run_and_commit();
  EXPECT_EQ(begun(), model::delivery_state::queued) << "nobody knows whether it may be sent";
  receive("+15557000009", "SM2", 2);
  receive(person, "SM3", 3);
  run_and_commit();
  EXPECT_EQ(stored("+15557000009").last_index, 1u);
  EXPECT_EQ(stored(person).last_index, 3u) << "and the conversation goes on";
}

}  // namespace
}  // namespace parley::actors
