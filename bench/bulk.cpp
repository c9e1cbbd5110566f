#include "bench/bulk.hpp"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "bench/bulk_jobs.hpp"
#include "bench/random.hpp"
#include "bench/receipts.hpp"
#include "bench/report.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

std::string in_a_day() {
  const auto then = std::chrono::system_clock::now() + std::chrono::hours{24};
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(then)));
}

/// The uploads as a run in which every line is a message; the latencies are the uploads'.
load_result accepted_lines(const bulk_jobs& jobs) {
  load_result result;
  result.sent = result.succeeded = jobs.lines();
  result.elapsed = jobs.elapsed();
  for (const auto& answer : jobs.answers()) {
    ++result.by_status[answer.status];
    result.latency_ns.record(static_cast<std::uint64_t>(answer.elapsed.count()));
  }
  return result;
}

/// How fast the carrier got them once they came, without the time until the first.
double carrier_rate(const std::vector<receipt>& got) {
  if (got.size() < 2)
    return 0.0;
  const auto seconds = std::chrono::duration<double>(got.back().at - got.front().at).count();
  return seconds > 0 ? static_cast<double>(got.size() - 1) / seconds : 0.0;
}

/// What both processes had used before the upload.
struct usage_before {
  std::optional<process_usage> broker;
  std::chrono::microseconds own{};
};

/// The way to the carrier; whether all of it got there.
bool measure_sending(const bulk_settings& settings, const bulk_jobs& jobs, const receipts& got,
                     const usage_before& before, boost::json::object& into) {
  const auto complete
    = got.wait_for(jobs.lines(), std::chrono::duration<double>{settings.settle_s});
  measurement sending;
  sending.broker_before = before.broker;
  sending.generator_cpu = own_cpu() - before.own;
  if (settings.broker != 0)
    sending.broker_after = usage_of(settings.broker);
  const auto everything = got.since(0);
  const std::vector<clock::time_point> intended(jobs.lines(), jobs.answers().front().started);
  sending.load = end_to_end(everything, intended, accepted_lines(jobs));
  print("bulk: received by the carrier (from the first byte of the upload)", sending);
  fmt::print("  carrier       {:>12.0f} /s from its first to its last\n", carrier_rate(everything));
  into["also"] = boost::json::object{{"accepted", into["result"]}};
  into["result"] = to_json(sending);
  into["carrier_per_s"] = carrier_rate(everything);
  return complete;
}

bool audit_jobs(const bulk_settings& settings, const bulk_jobs& jobs, api_client& api,
                std::uint64_t journal_before, const receipts& got, boost::json::object& into) {
  const auto job = await_jobs(api, jobs.ids(), std::chrono::duration<double>{settings.settle_s});
  const auto completed = job && job->at("state") == "completed";
  fmt::print("  job           {} {}\n", boost::json::serialize(job->at("state")),
             boost::json::serialize(job->at("counts")));
  into["job"] = *job;
  if (!settings.audit)
    return completed;
  const auto findings
    = audit_sends(api, journal_before, got.since(0), std::vector<std::uint8_t>(jobs.lines(), 1));
  print(findings);
  into["audit"] = to_json(findings);
  return completed && findings.passed();
}

void add_options(CLI::App& command, bulk_settings& settings) {
  command.add_option("--target", settings.target, "http://HOST:PORT of the broker")
    ->capture_default_str();
  command.add_option("--api-key", settings.api_key, "of the application side")
    ->capture_default_str();
  command.add_option("--number-base", settings.number_base, "the first of our numbers")
    ->capture_default_str();
  command.add_option("--token", settings.token, "the link's auth token")->capture_default_str();
  command
    .add_option("--carrier-listen", settings.carrier_listen,
                "where the carrier simulator of this run listens: the link's api_base")
    ->capture_default_str();
  command.add_flag("--chunked", settings.chunked, "in the chunked transfer coding");
  command.add_flag("--reports", settings.reports, "the carrier reports sent and delivered");
  command
    .add_option("--settle-s", settings.settle_s,
                "how long nothing may move before the run is given up")
    ->capture_default_str();
  command.add_option("--broker-pid", settings.broker, "whose CPU and writes are reported");
  command.add_option("--json", settings.json_file, "where to write the result");
}

}  // namespace

int run_bulk(const bulk_settings& settings) {
  const auto seed = fresh_seed();
  bulk_jobs jobs{settings, settings.send ? std::string{} : in_a_day(), seed};
  fmt::print("prepared {} lines, {:.1f} MiB\n", jobs.lines(),
             static_cast<double>(jobs.bytes()) / (1024.0 * 1024.0));
  receipts got;
  std::unique_ptr<carrier_simulator> carrier;
  if (settings.send) {
    carrier = std::make_unique<carrier_simulator>(
      measuring_carrier(settings.carrier_listen, settings.token, settings.reports, got));
    carrier->start();
  }
  api_client api{endpoint::parse(settings.target), settings.api_key};
  const auto journal_before = settings.send && settings.audit ? api.last_event() : 0;
  measurement accepting;
  if (settings.broker != 0)
    accepting.broker_before = usage_of(settings.broker);
  const auto cpu_before = own_cpu();
  jobs.upload_all();
  accepting.generator_cpu = own_cpu() - cpu_before;
  if (settings.broker != 0)
    accepting.broker_after = usage_of(settings.broker);
  accepting.load = accepted_lines(jobs);
  print("bulk: lines accepted, durable", accepting);

  boost::json::object result{
    {"command", "bulk"},           {"target", settings.target},    {"lines", jobs.lines()},
    {"jobs", settings.jobs},       {"chunked", settings.chunked},  {"send", settings.send},
    {"reports", settings.reports}, {"upload_bytes", jobs.bytes()}, {"result", to_json(accepting)}};
  auto passed = true;
  if (settings.send) {
    passed = measure_sending(settings, jobs, got, {accepting.broker_before, cpu_before}, result);
    passed = audit_jobs(settings, jobs, api, journal_before, got, result) && passed;
  }
  write_json(settings.json_file, result);
  return passed ? 0 : 1;
}

void add_bulk(CLI::App& app, subcommand& chosen) {
  auto* bulk = app.add_subcommand("bulk", "bulk jobs, each one NDJSON stream, at the maximum");
  const auto settings = std::make_shared<bulk_settings>();
  add_options(*bulk, *settings);
  bulk->add_option("--lines", settings->lines, "recipients, over all jobs")->capture_default_str();
  bulk->add_option("--jobs", settings->jobs, "one after another, each from its own number")
    ->check(CLI::Range(1, 100'000))
    ->capture_default_str();
  bulk->add_flag("--send", settings->send, "measures until the carrier has all of them");
  bulk->add_flag("--audit,!--no-audit", settings->audit, "with --send: reads the journal");
  bulk->callback([&chosen, settings] { chosen = [settings] { return run_bulk(*settings); }; });

  auto* rates = app.add_subcommand("rates", "rate-limited numbers, seen from the carrier");
  const auto limited = std::make_shared<rates_settings>();
  limited->bulk.jobs = 1000;
  add_options(*rates, limited->bulk);
  rates->add_option("--numbers", limited->bulk.jobs, "how many are given work at once")
    ->check(CLI::Range(1, 100'000))
    ->capture_default_str();
  rates->add_option("--rate", limited->rate_per_s, "each number's: as they were provisioned")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  rates->add_option("--seconds", limited->seconds, "of work for each number")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  rates->add_option("--burst", limited->burst, "what a window may have above rate x length")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  rates
    ->add_option("--slack-s", limited->slack_s,
                 "how much longer one message may be on its way to the carrier than another")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  rates->add_flag("--by-messages", limited->by_messages, "POST /v1/messages in place of bulk jobs");
  rates->add_option("--connections", limited->connections, "with --by-messages")
    ->check(CLI::Range(1, 100'000))
    ->capture_default_str();
  rates->callback([&chosen, limited] { chosen = [limited] { return run_rates(*limited); }; });
}

}  // namespace parley::bench
