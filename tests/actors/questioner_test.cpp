#include "actors/questioner.hpp"

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "actors/lines.hpp"
#include "tests/actors/cast_fixture.hpp"
#include "tests/bench/answering_server.hpp"

namespace parley::actors {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using bench::testing::answering_server;

http::response answer(int status, std::string body = {}) {
  http::response made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

/// Holds whoever comes until it is opened.
class gate {
public:
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    opened_.notify_all();
  }
  void pass() {
    std::unique_lock lock{mutex_};
    opened_.wait(lock, [this] { return open_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

/// The questioner on a scheduler that runs when the test says so, against real servers.
class questioner_test : public cast_test {
protected:
  questioner_test() {
    options_.action_in_flight_max = 1;
    options_.action_waiting_max = 1;
    options_.action_timeout = std::chrono::seconds{20};
    options_.action_tries = 2;
    outside_ = std::make_unique<http::client>(
      http::client_options{.connections_per_origin_max = 4,
                           .waiting_max = 4,
                           .connect_timeout = std::chrono::seconds{20},
                           .exchange_timeout = std::chrono::seconds{20},
                           .idle_timeout = std::chrono::seconds{20},
                           .response_bytes_max = 64 * 1024,
                           .allow_private_destinations = true});
    numbers_ = std::make_unique<switchboard>();
    lines_ = std::make_unique<lines>(system(), shared(), *numbers_);
    lines_->follow(nullptr, directory().present()->organizations().front());
    asking_.emplace(services{*journal_, *reader_, door_, *outside_, *outside_, directory(),
                             *numbers_, shared().places, shared().presences, shared().consents,
                             options_, counts_, &questioner_});
    questioner_ = system().spawn(questioner, &*asking_);
  }

  ~questioner_test() override {
    caf::anon_send_exit(questioner_, caf::exit_reason::user_shutdown);
    lines_->end();
    run();
    questioner_ = nullptr;
    outside_->stop();
    run();
    lines_.reset();
    numbers_.reset();
  }

  /// Makes the directory know a data action at that place.
  void add_action(const std::string& id, const std::string& url) {
    auto all = directory().present()->organizations();
    all.front().data_actions.push_back({id, url, "secret", {}});
    directory().publish(std::make_shared<const model::directory>(std::move(all)));
  }

  void add_action(const std::string& id, const answering_server& server) {
    add_action(id, "http://127.0.0.1:" + std::to_string(server.at().port) + "/ask");
  }

  static actions::question question_to(const std::string& action) {
    actions::question made;
    made.type = actions::question_type::conversation_outbound;
    made.action = action;
    made.between = pair_with("+15557000001");
    made.author = {model::author::kind::user, "alice"};
    made.what = std::make_shared<const model::content>();
    made.until = model::wall_clock() + std::chrono::minutes{2};
    return made;
  }

  std::future<outbound_verdict> ask_it(actions::question what) {
    auto promise = std::make_shared<std::promise<outbound_verdict>>();
    auto future = promise->get_future();
    ask_outbound(questioner_, std::move(what),
                 [promise](outbound_verdict said) { promise->set_value(std::move(said)); });
    return future;
  }

  std::future<outbound_verdict> ask_it(const std::string& action) {
    return ask_it(question_to(action));
  }

  /// Runs the actors until it is so, with a deadline that only ends a failure.
  template <class Condition>
  [[nodiscard]] bool until(Condition holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end)
        return false;
      run();
      // The test's scheduler has a clock that only the test moves: retries wait on it.
      pass_time(std::chrono::milliseconds{20});
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
  }

  outbound_verdict verdict_of(std::future<outbound_verdict>& future) {
    const auto is_there = [&] {
      return future.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    };
    if (until(is_there))
      return future.get();
    ADD_FAILURE() << "there was no verdict";
    return {};
  }

  std::unique_ptr<http::client> outside_;
  std::unique_ptr<switchboard> numbers_;
  std::unique_ptr<lines> lines_;
  std::optional<services> asking_;
  questioner_actor questioner_;
};

using kind = outbound_verdict::kind;

TEST_F(questioner_test, asks_signed_and_hears_the_answer) {
  std::string signature;
  std::string body;
  std::string named;
  answering_server server{[&](http::request& incoming) {
    signature = incoming.header("parley-signature");
    named = incoming.header("parley-action");
    body = incoming.body;
    return answer(200, R"({"refuse": {"reason": "no more today"}})");
  }};
  add_action("crm", server);
  auto asked = ask_it("crm");
  const auto said = verdict_of(asked);
  EXPECT_EQ(said.what, kind::refused);
  EXPECT_EQ(said.reason, "no more today");
  EXPECT_EQ(named, "crm");
  const auto at = std::stoll(signature.substr(2));
  EXPECT_EQ(signature,
            actions::signature("secret", model::timestamp{std::chrono::milliseconds{at}}, body));
  EXPECT_EQ(counts_.questions_asked.load(), 1U);
  EXPECT_EQ(counts_.questions_answered.load(), 1U);
}

/// What an endpoint does, and how often it is asked.
struct failing_case {
  const char* name;
  int status;
  const char* body;
  int asked;
  bool refused_answer = false;
};

class questioner_failing : public questioner_test,
                           public ::testing::WithParamInterface<failing_case> {};

TEST_P(questioner_failing, leads_to_the_default) {
  const auto& param = GetParam();
  std::atomic<int> asked{0};
  answering_server server{[&](http::request&) {
    ++asked;
    return answer(param.status, param.body);
  }};
  add_action("crm", server);
  auto future = ask_it("crm");
  EXPECT_EQ(verdict_of(future).what, kind::pass);
  EXPECT_EQ(asked.load(), param.asked);
  EXPECT_EQ(counts_.questions_failed.load(), 1U);
  EXPECT_EQ(counts_.answers_refused.load(), param.refused_answer ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
  all, questioner_failing,
  ::testing::Values(failing_case{"a_server_error_is_tried_twice", 503, "", 2},
                    failing_case{"too_many_requests_is_tried_twice", 429, "", 2},
                    failing_case{"a_outside_error_is_final", 404, "", 1},
                    failing_case{"a_redirect_is_not_followed", 302, "", 1},
                    failing_case{"a_bad_answer_is_final", 200, R"({"refuse": 7})", 1, true}),
  [](const auto& instance) { return instance.param.name; });

TEST_F(questioner_test, a_second_try_can_succeed) {
  std::atomic<int> asked{0};
  answering_server server{[&](http::request&) {
    return ++asked == 1 ? answer(500) : answer(200, R"({"refuse": true})");
  }};
  add_action("crm", server);
  auto future = ask_it("crm");
  EXPECT_EQ(verdict_of(future).what, kind::refused);
  EXPECT_EQ(asked.load(), 2);
}

TEST_F(questioner_test, an_unknown_action_fails_at_once) {
  auto future = ask_it("nobody");
  EXPECT_EQ(verdict_of(future).what, kind::pass);
  EXPECT_EQ(counts_.questions_failed.load(), 1U);
}

TEST_F(questioner_test, a_question_whose_time_has_passed_is_not_asked) {
  std::atomic<int> asked{0};
  answering_server server{[&](http::request&) {
    ++asked;
    return answer(204);
  }};
  add_action("crm", server);
  auto late = question_to("crm");
  late.until = model::wall_clock() - std::chrono::milliseconds{1};
  auto future = ask_it(std::move(late));
  EXPECT_EQ(verdict_of(future).what, kind::pass);
  EXPECT_EQ(counts_.questions_timed_out.load(), 1U);
  EXPECT_EQ(asked.load(), 0);
}

TEST_F(questioner_test, an_endpoint_that_does_not_answer_in_time_is_given_up) {
  gate held;
  answering_server server{[&](http::request&) {
    held.pass();
    return answer(204);
  }};
  add_action("crm", server);
  auto soon = question_to("crm");
  soon.until = model::wall_clock() + std::chrono::milliseconds{300};
  auto future = ask_it(std::move(soon));
  EXPECT_EQ(verdict_of(future).what, kind::pass);
  EXPECT_EQ(counts_.questions_timed_out.load(), 1U);
  held.open();
}

TEST_F(questioner_test, I9_a_slow_endpoint_delays_its_own_questions_only) {
  gate held;
  answering_server slow{[&](http::request&) {
    held.pass();
    return answer(200, R"({"refuse": true})");
  }};
  answering_server quick{[](http::request&) { return answer(204); }};
  add_action("slow", slow);
  add_action("quick", quick);
  auto in_flight = ask_it("slow");
  auto in_line = ask_it("slow");
  auto beyond = ask_it("slow");
  EXPECT_EQ(verdict_of(beyond).what, kind::pass) << "the line is full, so nobody waits longer";
  for (int i = 0; i < 20; ++i) {
    auto other = ask_it("quick");
    EXPECT_EQ(verdict_of(other).what, kind::pass);
  }
  EXPECT_EQ(counts_.questions_answered.load(), 20U);
  EXPECT_EQ(in_flight.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  held.open();
  EXPECT_EQ(verdict_of(in_flight).what, kind::refused);
  EXPECT_EQ(verdict_of(in_line).what, kind::refused);
}

TEST_F(questioner_test, who_waits_is_told_that_the_broker_ends) {
  gate held;
  answering_server slow{[&](http::request&) {
    held.pass();
    return answer(204);
  }};
  add_action("slow", slow);
  auto in_flight = ask_it("slow");
  auto in_line = ask_it("slow");
  run();
  caf::anon_send_exit(questioner_, caf::exit_reason::user_shutdown);
  EXPECT_EQ(verdict_of(in_flight).what, kind::ended);
  EXPECT_EQ(verdict_of(in_line).what, kind::ended);
  held.open();
}

TEST_F(questioner_test, a_conversation_is_settled_with_what_its_action_said) {
  answering_server server{[](http::request&) {
    return answer(200, R"({"labels": ["vip"], "replies": ["Hello", "again"]})");
  }};
  add_action("crm", server);
  const auto* number = numbers_->number(1, "+15550100001");
  ASSERT_NE(number, nullptr);
  const auto spare = std::exchange(number_, *number);
  // Its facts say that the data action is asked about what is opened.
  auto facts = std::make_shared<number_facts>();
  facts->organization = 1;
  facts->identifier = "+15550100001";
  facts->route.users = {"alice"};
  facts->route.data_action = "crm";
  facts->link = std::make_shared<const model::link>();
  facts->queued = std::make_shared<std::atomic<std::int64_t>>(0);
  caf::anon_send(number_, number_facts_ptr{facts});
  receive("+15557000001", "SM1", 1);
  run_and_commit();
  const auto before = stored("+15557000001");
  ASSERT_EQ(before.question.action, "crm");
  auto what = question_to("crm");
  what.type = actions::question_type::conversation_opened;
  what.conversation = before.id;
  what.index = before.question.index;
  what.default_users = {"alice"};
  ask(*asking_, std::move(what));
  ASSERT_TRUE(until([&] {
    commit();
    return stored("+15557000001").question.action.empty();
  }));
  const auto after = stored("+15557000001");
  EXPECT_THAT(after.labels, ElementsAre("vip"));
  EXPECT_EQ(after.last_index, before.last_index + 2);
  ASSERT_EQ(after.deliveries.size(), 2U);
  EXPECT_NE(after.deliveries[0].message, after.deliveries[1].message);
  EXPECT_THAT(after.participants, ::testing::SizeIs(1));
  number_ = spare;  // The fixture ends it; the other one ends with its line.
}

}  // namespace
}  // namespace parley::actors
