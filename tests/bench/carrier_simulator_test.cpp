#include "bench/carrier_simulator.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "tests/bench/answering_server.hpp"

#include "parley/carrier/form.hpp"
#include "parley/carrier/twilio_signature.hpp"
#include "parley/http/client.hpp"

namespace {

namespace bench = parley::bench;
namespace carrier = parley::carrier;
namespace http = parley::http;
using namespace std::chrono_literals;

using strings = std::vector<std::string>;

constexpr const char* account = "AC00000000000000000000000000000001";
// AC…01:demo-token
constexpr const char* authorization
  = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpkZW1vLXRva2Vu";

/// A simulator, a server that takes its reports, and a client that sends.
class carrier_simulator_test : public ::testing::Test {
protected:
  void start(bench::carrier_options options) {
    options.listen = {.host = "127.0.0.1", .port = 0};
    options.seed = 1;
    simulator_ = std::make_unique<bench::carrier_simulator>(options);
    simulator_->start();
  }

  ~carrier_simulator_test() override { client_.stop(); }

  http::client_result exchange(http::client_request request) {
    auto promise = std::make_shared<std::promise<http::client_result>>();
    auto result = promise->get_future();
    client_.send(std::move(request),
                 [promise](http::client_result got) { promise->set_value(std::move(got)); });
    return result.get();
  }

  http::client_result send(const std::vector<std::pair<std::string, std::string>>& parameters,
                           const std::string& credentials = authorization) {
    http::client_request request;
    request.url = "http://127.0.0.1:" + std::to_string(simulator_->port()) + "/2010-04-01/Accounts/"
                  + account + "/Messages.json";
    request.headers
      = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Authorization", credentials}};
    for (const auto& [key, value] : parameters)
      carrier::append_parameter(request.body, key, value);
    auto result = exchange(std::move(request));
    note("answer");
    return result;
  }

  http::client_result send_one() {
    return send({{"To", "+12012000001"},
                 {"From", "+15550100001"},
                 {"Body", "Hi & bye"},
                 {"StatusCallback", callback_url()}});
  }

  [[nodiscard]] std::string callback_url() const { return reports_.at().url() + "/status?x=1"; }

  void note(std::string what) {
    const std::lock_guard lock{mutex_};
    order_.push_back(std::move(what));
  }

  /// What happened so far: `answer`, and the status of each report.
  std::vector<std::string> order() {
    const std::lock_guard lock{mutex_};
    return order_;
  }

  /// Waits until the book has this many reports of the first send. What is waited for must come, so
  /// a wait that is not fulfilled is a failure and not a matter of speed.
  std::vector<bench::report_record> reports_of_first(std::size_t count) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    for (;;) {
      const auto sends = simulator_->sends().accepted_sends();
      if (!sends.empty() && sends.front().reports.size() >= count)
        return sends.front().reports;
      if (std::chrono::steady_clock::now() > until) {
        ADD_FAILURE() << "the reports did not come";
        return {};
      }
      std::this_thread::sleep_for(1ms);
    }
  }

  int code_of(const http::client_result& result) {
    return boost::json::parse(result.body).at("code").to_number<int>();
  }

  std::unique_ptr<bench::carrier_simulator> simulator_;
  int refusals_left_ = 0;
  strings error_codes_;  // Of the reports; empty for those that have none.

private:
  http::response take_report(http::request& incoming) {
    const carrier::form form{incoming.body, 64};
    if (!carrier::twilio_signature_matches("demo-token", callback_url(), form.parameters(),
                                           incoming.header("x-twilio-signature")))
      note("bad signature");
    note(std::string{form.get("MessageStatus")});
    {
      const std::lock_guard lock{mutex_};
      error_codes_.emplace_back(form.get("ErrorCode"));
    }
    http::response answer;
    const std::lock_guard lock{mutex_};
    if (refusals_left_ > 0) {
      --refusals_left_;
      answer.status = 503;
    }
    return answer;
  }

  std::mutex mutex_;
  std::vector<std::string> order_;
  bench::testing::answering_server reports_{
    [this](http::request& incoming) { return take_report(incoming); }};
  http::client client_{{.connections_per_origin_max = 4,
                        .waiting_max = 100,
                        .connect_timeout = 5s,
                        .exchange_timeout = 30s,
                        .idle_timeout = 30s,
                        .response_bytes_max = 1024 * 1024,
                        .allow_private_destinations = true}};
};

TEST_F(carrier_simulator_test, accepts_a_send_and_reports_it_in_order) {
  start({});
  const auto result = send_one();
  ASSERT_EQ(result.outcome, http::exchange_outcome::answered) << result.cause;
  EXPECT_EQ(result.status, 201);
  const auto message = boost::json::parse(result.body).as_object();
  const std::string sid{message.at("sid").as_string()};
  EXPECT_EQ(sid.size(), 34U);
  EXPECT_TRUE(sid.starts_with("SM"));
  EXPECT_EQ(message.at("status").as_string(), "queued");
  EXPECT_EQ(message.at("body").as_string(), "Hi & bye");

  const auto reports = reports_of_first(2);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].status, "sent");
  EXPECT_EQ(reports[1].status, "delivered");
  EXPECT_EQ(reports[1].answer, 200);
  const auto order_of_reports = order();
  EXPECT_EQ(std::count(order_of_reports.begin(), order_of_reports.end(), "bad signature"), 0);
  EXPECT_EQ(simulator_->sends().accepted_sends().front().sid, sid);
}

TEST_F(carrier_simulator_test, lists_and_logs_every_request) {
  const auto file
    = std::filesystem::temp_directory_path() / ("parley-carrier-log-" + std::to_string(::getpid()));
  std::filesystem::remove(file);
  bench::carrier_options options;
  options.log_file = file;
  options.reports = false;
  start(options);
  EXPECT_EQ(send_one().status, 201);
  EXPECT_EQ(send({{"To", "12"}, {"From", "+15550100001"}, {"Body", "x"}}).status, 400);

  http::client_request request;
  request.verb = "GET";
  request.url = "http://127.0.0.1:" + std::to_string(simulator_->port()) + "/sends?first=1";
  const auto listed = exchange(request);
  const auto second = boost::json::parse(listed.body.substr(0, listed.body.find('\n')));
  EXPECT_EQ(second.at("index").to_number<int>(), 1);
  EXPECT_EQ(second.at("outcome").as_string(), "400");
  EXPECT_FALSE(second.at("accepted").as_bool());

  std::ifstream in{file};
  std::vector<boost::json::value> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(boost::json::parse(line));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].at("accepted").as_bool());
  EXPECT_EQ(lines[0].at("body").as_string(), "Hi & bye");
  EXPECT_EQ(lines[0].at("to").as_string(), "+12012000001");
  EXPECT_EQ(lines[1].at("outcome").as_string(), "400");
  std::filesystem::remove(file);
}

TEST_F(carrier_simulator_test, takes_a_template_in_place_of_a_text) {
  start({});
  const auto result = send({{"To", "whatsapp:+12012000001"},
                            {"From", "whatsapp:+15550100001"},
                            {"ContentSid", "HX0123456789abcdef0123456789abcdef"},
                            {"ContentVariables", R"({"1":"Ann"})"}});
  EXPECT_EQ(result.status, 201) << result.body;
}

TEST_F(carrier_simulator_test, refuses_as_twilio_does) {
  start({});
  const auto refused = [&](const std::vector<std::pair<std::string, std::string>>& parameters) {
    const auto result = send(parameters);
    EXPECT_EQ(result.status, 400);
    return code_of(result);
  };
  EXPECT_EQ(refused({{"From", "+15550100001"}, {"Body", "x"}}), 21604);
  EXPECT_EQ(refused({{"To", "sms"}, {"From", "+15550100001"}, {"Body", "x"}}), 21211);
  EXPECT_EQ(refused({{"To", "+0123456789"}, {"From", "+15550100001"}, {"Body", "x"}}), 21211);
  EXPECT_EQ(refused({{"To", "+12012000001"}, {"Body", "x"}}), 21603);
  EXPECT_EQ(refused({{"To", "+12012000001"}, {"From", "+15550100001"}}), 21602);
  const auto stranger = send({{"To", "+12012000001"}}, "Basic QUM6eA==");
  EXPECT_EQ(stranger.status, 401);
  EXPECT_EQ(code_of(stranger), 20003);
  EXPECT_EQ(simulator_->sends().accepted(), 0U);
}

TEST_F(carrier_simulator_test, fails_when_told_to) {
  bench::carrier_options options;
  options.error_rate = 1;
  start(options);
  EXPECT_EQ(send_one().status, 500);
  EXPECT_EQ(simulator_->sends().accepted(), 0U);
}

TEST_F(carrier_simulator_test, says_that_the_recipient_has_opted_out_when_told_to) {
  bench::carrier_options options;
  options.opt_out_rate = 1;
  start(options);
  const auto result = send_one();
  EXPECT_EQ(result.status, 400);
  EXPECT_EQ(code_of(result), 21610);
  EXPECT_EQ(simulator_->sends().accepted(), 0U);
}

TEST_F(carrier_simulator_test, throttles_what_is_above_its_rate) {
  bench::carrier_options options;
  options.throttle_per_s = 1;
  options.reports = false;
  start(options);
  std::set<int> statuses;
  // However slow this machine is, two of the requests fall into one second sooner or later.
  while (statuses.count(429) == 0) {
    const auto result = send_one();
    statuses.insert(result.status);
    if (result.status == 429) {
      EXPECT_EQ(code_of(result), 20429);
    }
  }
  EXPECT_EQ(statuses, (std::set<int>{201, 429}));
}

TEST_F(carrier_simulator_test, cuts_connections_with_the_send_kept_or_not) {
  bench::carrier_options options;
  options.cut_rate = 1;
  options.reports = false;
  start(options);
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(send_one().outcome, http::exchange_outcome::lost);
  // Of 40 fair coins all fall on one side once in 5 * 10^11 runs, and the seed is fixed anyway.
  EXPECT_GT(simulator_->sends().accepted(), 0U);
  EXPECT_LT(simulator_->sends().accepted(), 40U);
  EXPECT_NE(simulator_->sends().lines(0, 1).find(R"("outcome":"cut")"), std::string::npos);
}

TEST_F(carrier_simulator_test, reports_before_the_answer) {
  bench::carrier_options options;
  options.report_early_rate = 1;
  start(options);
  EXPECT_EQ(send_one().status, 201);
  static_cast<void>(reports_of_first(2));
  ASSERT_FALSE(order().empty());
  EXPECT_EQ(order().front(), "sent");
}

TEST_F(carrier_simulator_test, reports_twice_and_in_the_wrong_order) {
  bench::carrier_options options;
  options.report_duplicate_rate = 1;
  options.report_reorder_rate = 1;
  start(options);
  EXPECT_EQ(send_one().status, 201);
  strings statuses;
  for (const auto& report : reports_of_first(4))
    statuses.push_back(report.status);
  EXPECT_EQ(statuses, (strings{"delivered", "delivered", "sent", "sent"}));
}

TEST_F(carrier_simulator_test, drops_reports) {
  bench::carrier_options options;
  options.report_drop_rate = 1;
  start(options);
  EXPECT_EQ(send_one().status, 201);
  for (const auto& report : reports_of_first(2))
    EXPECT_TRUE(report.dropped);
  EXPECT_EQ(order(), strings{"answer"});
}

TEST_F(carrier_simulator_test, tries_a_report_until_it_is_taken) {
  start({});
  refusals_left_ = 2;
  EXPECT_EQ(send_one().status, 201);
  const auto reports = reports_of_first(2);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].attempts, 3U);
  EXPECT_EQ(reports[1].attempts, 1U);
}

TEST_F(carrier_simulator_test, gives_a_report_up_in_the_end) {
  bench::carrier_options options;
  options.report_retry = 0s;
  start(options);
  refusals_left_ = 1;
  EXPECT_EQ(send_one().status, 201);
  const auto reports = reports_of_first(2);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].answer, 503);
  EXPECT_EQ(reports[1].answer, 200);
}

TEST_F(carrier_simulator_test, throttles_each_number_by_itself) {
  bench::carrier_options options;
  options.number_throttle_per_s = 1;
  options.reports = false;
  start(options);
  const auto from = [&](const char* number) {
    return send({{"To", "+12012000001"}, {"From", number}, {"Body", "x"}}).status;
  };
  // However slow this machine is, two from one number fall into one second sooner or later.
  while (from("+15550100001") != 429) {
    // nop: again.
  }
  EXPECT_EQ(from("+15550100002"), 201);
}

TEST(second_limit, frees_a_place_a_second_after_it_was_taken) {
  using clock = bench::second_limit::clock;
  bench::second_limit limit;
  EXPECT_TRUE(limit.take(2, clock::time_point{1000ms}));
  EXPECT_TRUE(limit.take(2, clock::time_point{1600ms}));
  EXPECT_FALSE(limit.take(2, clock::time_point{1999ms}));
  EXPECT_TRUE(limit.take(2, clock::time_point{2000ms}));
  EXPECT_FALSE(limit.take(2, clock::time_point{2599ms}));
  EXPECT_TRUE(limit.take(2, clock::time_point{2600ms}));
}

TEST_F(carrier_simulator_test, reports_as_far_as_it_is_told_to) {
  const std::vector<std::pair<bench::report_reach, strings>> examples{
    {bench::report_reach::sent, {"sent"}},
    {bench::report_reach::delivered, {"sent", "delivered"}},
    {bench::report_reach::read, {"sent", "delivered", "read"}},
  };
  for (const auto& [reach, expected] : examples) {
    bench::carrier_options options;
    options.reach = reach;
    start(options);
    EXPECT_EQ(send_one().status, 201);
    strings statuses;
    for (const auto& report : reports_of_first(expected.size()))
      statuses.push_back(report.status);
    EXPECT_EQ(statuses, expected);
  }
}

TEST_F(carrier_simulator_test, reports_that_it_could_not_deliver) {
  bench::carrier_options options;
  options.report_fail_rate = 1;
  options.reach = bench::report_reach::read;
  start(options);
  EXPECT_EQ(send_one().status, 201);
  const auto reports = reports_of_first(2);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[1].status, "undelivered");
  EXPECT_EQ(std::count(error_codes_.begin(), error_codes_.end(), "30003"), 1);
}

TEST_F(carrier_simulator_test, is_well_and_unwell_in_turn) {
  bench::carrier_options options;
  options.flap = 20ms;
  options.reports = false;
  start(options);
  // Whichever comes first: both must be seen, and then the first again.
  for (const auto wanted : {201, 503, 201})
    while (send_one().status != wanted) {
      // nop: again.
    }
  EXPECT_NE(simulator_->sends().lines(0, 10'000).find(R"("outcome":"503")"), std::string::npos);
}

TEST_F(carrier_simulator_test, refuses_connections_and_takes_them_in_turn) {
  bench::carrier_options options;
  options.flap = 50ms;
  options.flap_as = bench::flap_kind::refused;
  options.reports = false;
  start(options);
  using outcome = http::exchange_outcome;
  for (const auto wanted : {outcome::answered, outcome::not_written, outcome::answered})
    while (send_one().outcome != wanted) {
      // nop: again.
    }
}

TEST_F(carrier_simulator_test, trickles_its_answer) {
  bench::carrier_options options;
  options.trickle = 1ms;
  options.reports = false;
  start(options);
  const auto begin = std::chrono::steady_clock::now();
  const auto result = send_one();
  EXPECT_EQ(result.status, 201);
  EXPECT_EQ(boost::json::parse(result.body).at("body").as_string(), "Hi & bye");
  // Never faster than a byte a millisecond.
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 1ms * static_cast<int>(result.body.size()));
}

TEST_F(carrier_simulator_test, takes_a_query_string_as_kannel_sends_it) {
  std::string observed;
  bench::carrier_options options;
  options.observer = [&](const bench::send_record& request) { observed = request.body; };
  start(options);
  http::client_request request;
  request.verb = "GET";
  request.url = "http://127.0.0.1:" + std::to_string(simulator_->port())
                + "/carrier?from=12345&to=%2B12012000001&text=order+%237";
  const auto result = exchange(request);
  EXPECT_EQ(result.body, "ok");
  EXPECT_EQ(observed, "order #7");
  EXPECT_EQ(simulator_->sends().accepted_sends().front().to, "+12012000001");
}

}  // namespace
