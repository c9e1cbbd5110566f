#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bench/bulk.hpp"
#include "bench/carrier_simulator.hpp"
#include "bench/command.hpp"
#include "bench/egress.hpp"
#include "bench/fanout.hpp"
#include "bench/ingest.hpp"
#include "bench/mixed.hpp"
#include "bench/provision.hpp"
#include "bench/recover.hpp"
#include "bench/status.hpp"

namespace {

namespace bench = parley::bench;

using bench::subcommand;

std::chrono::milliseconds milliseconds(double count) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(count)};
}

void add_misbehaviour(CLI::App& command, bench::carrier_options& options) {
  const auto rate = [&command](const char* name, double& into, const char* what) {
    command.add_option(name, into, what)->check(CLI::Range(0.0, 1.0));
  };
  rate("--error-rate", options.error_rate, "sends answered 500");
  rate("--opt-out-rate", options.opt_out_rate, "sends answered 400 with 21610: opted out");
  rate("--cut-rate", options.cut_rate,
       "sends whose connection ends without an answer; half of them are accepted");
  rate("--dlr-duplicate", options.report_duplicate_rate, "reports posted twice");
  rate("--dlr-reorder", options.report_reorder_rate, "sends whose delivered comes before sent");
  rate("--dlr-early", options.report_early_rate, "sends whose first report precedes the answer");
  rate("--drop-rate", options.report_drop_rate, "reports never posted");
  rate("--dlr-fail-rate", options.report_fail_rate, "reports undelivered in place of delivered");
  command.add_option("--throttle", options.throttle_per_s,
                     "sends accepted in any second; more is 429. 0: no limit");
  command.add_option("--throttle-number", options.number_throttle_per_s,
                     "as --throttle, for the sends from each number by itself");
  const std::map<std::string, bench::flap_kind> flaps{{"503", bench::flap_kind::unavailable},
                                                      {"refuse", bench::flap_kind::refused}};
  command.add_option("--flap-as", options.flap_as, "503, or refuse: nobody listens")
    ->transform(CLI::CheckedTransformer(flaps));
}

void add_carrier(CLI::App& app, subcommand& chosen) {
  struct raw_options {
    std::string listen = "127.0.0.1:8090";
    double latency_ms = 0;
    double report_delay_ms = 0;
    double flap_s = 0;
    double trickle_ms = 0;
    std::int64_t report_retry_s = 30;
    std::string reports = "on";
    bench::carrier_options rest;
  };
  auto* command = app.add_subcommand("carrier", "simulator of a carrier with Twilio's REST API");
  const auto raw = std::make_shared<raw_options>();
  command->add_option("--listen", raw->listen, "HOST:PORT; port 0 picks one")
    ->capture_default_str();
  command->add_option("--latency-ms", raw->latency_ms, "before each answer")
    ->check(CLI::Range(0.0, 600'000.0));
  command->add_option("--flap-s", raw->flap_s, "well for so long, then not for so long, in turn")
    ->check(CLI::Range(0.0, 86'400.0));
  command->add_option("--trickle-ms", raw->trickle_ms, "before each byte of an answer")
    ->check(CLI::Range(0.0, 60'000.0));
  command
    ->add_option("--dlr", raw->reports,
                 "how far status callbacks go: off, sent, delivered (or on), read")
    ->check(CLI::IsMember({"on", "off", "sent", "delivered", "read"}))
    ->capture_default_str();
  command->add_option("--dlr-delay-ms", raw->report_delay_ms, "before each report")
    ->check(CLI::Range(0.0, 600'000.0));
  command->add_option("--dlr-retry-s", raw->report_retry_s, "how long a report is tried")
    ->check(CLI::Range(0, 86'400))
    ->capture_default_str();
  add_misbehaviour(*command, raw->rest);
  command->add_option("--log", raw->rest.log_file, "a JSON line for each send, before its answer");
  command->add_option("--seed", raw->rest.seed, "makes misbehaviour and ids repeatable; 0: fresh");
  command->add_option("--auth-token", raw->rest.auth_token, "of senders and of signatures")
    ->capture_default_str();
  command->callback([&chosen, raw] {
    chosen = [raw] {
      auto options = raw->rest;
      options.listen = bench::endpoint::parse(raw->listen);
      options.latency = milliseconds(raw->latency_ms);
      options.report_delay = milliseconds(raw->report_delay_ms);
      options.report_retry = std::chrono::seconds{raw->report_retry_s};
      options.flap = milliseconds(raw->flap_s * 1000);
      options.trickle = milliseconds(raw->trickle_ms);
      options.reports = raw->reports != "off";
      options.reach = raw->reports == "sent"   ? bench::report_reach::sent
                      : raw->reports == "read" ? bench::report_reach::read
                                               : bench::report_reach::delivered;
      return bench::run_carrier(options);
    };
  });
}

void add_ingest(CLI::App& app, subcommand& chosen) {
  auto* command
    = app.add_subcommand("ingest", "signed inbound callbacks, at a rate or at the maximum");
  const auto settings = std::make_shared<bench::load_settings>();
  const auto what = std::make_shared<bench::traffic>();
  bench::add_load_options(*command, *settings);
  bench::add_traffic_options(*command, *what);
  const std::map<std::string, bench::callback_format> formats{
    {"twilio", bench::callback_format::twilio}, {"kannel", bench::callback_format::kannel}};
  command->add_flag("--fill", settings->fill, "first of all, one message of each pair");
  command->add_option("--format", what->format, "twilio, or kannel for the comparison with Kannel")
    ->transform(CLI::CheckedTransformer(formats));
  command->callback([&chosen, settings, what] {
    chosen = [settings, what] { return bench::run_ingest(*settings, *what); };
  });
}

void add_provision(CLI::App& app, subcommand& chosen) {
  auto* command = app.add_subcommand("provision", "prints a directory for benchmarks, as TOML");
  const auto options = std::make_shared<bench::provision_options>();
  command->add_option("--numbers", options->numbers, "how many, consecutive")
    ->check(CLI::Range(1, 1'000'000))
    ->capture_default_str();
  command->add_option("--number-base", options->number_base, "the first")->capture_default_str();
  command->add_option("--team", options->team,
                      "members of the team whose inbox gets every number; 0: a user a number");
  command->add_option("--link", options->link, "id of the carrier link")->capture_default_str();
  command->add_option("--account-sid", options->account_sid, "of the link")->capture_default_str();
  command->add_option("--token", options->token, "of the link")->capture_default_str();
  command->add_option("--public-url", options->public_url, "of the broker")->capture_default_str();
  command->add_option("--carrier-url", options->carrier_url, "of the carrier's API")
    ->capture_default_str();
  command->add_option("--link-connections", options->link_connections,
                      "of the link, and so sends over it at once; 0: as the broker says")
    ->check(CLI::Range(0, 10'000))
    ->capture_default_str();
  command->add_option("--rate", options->rate_per_s, "segments per second of each number")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  command->callback([&chosen, options] {
    chosen = [options] {
      fmt::print("{}", bench::provision_toml(*options));
      return 0;
    };
  });
}

void add_status(CLI::App& app, subcommand& chosen) {
  auto* command = app.add_subcommand("status", "status callbacks for sends that really were made");
  const auto settings = std::make_shared<bench::status_settings>();
  const auto what = std::make_shared<bench::traffic>();
  bench::add_load_options(*command, settings->load);
  bench::add_traffic_options(*command, *what);
  command->add_option("--api-key", settings->api_key, "of the application side")
    ->capture_default_str();
  command
    ->add_option("--carrier-listen", settings->carrier_listen,
                 "where the carrier simulator of this run listens: the link's api_base")
    ->capture_default_str();
  command->add_option("--conversations", settings->conversations, "to reply in")
    ->check(CLI::Range(1, 10'000'000))
    ->capture_default_str();
  command->add_option("--sends", settings->sends, "replies; each gets three reports")
    ->check(CLI::Range(1, 1'000'000))
    ->capture_default_str();
  command->add_option("--settle-s", settings->settle_s, "for the sends to reach the carrier")
    ->capture_default_str();
  command->callback([&chosen, settings, what] {
    chosen = [settings, what] { return bench::run_status(*settings, *what); };
  });
}

void add_recover(CLI::App& app, subcommand& chosen) {
  auto* command = app.add_subcommand("recover", "SIGKILL under load: time to ready, and the audit");
  const auto settings = std::make_shared<bench::recover_settings>();
  const auto what = std::make_shared<bench::traffic>();
  command->add_option("--parley", settings->program, "path of the broker")->required();
  command->add_option("--data", settings->data, "its data directory, new")->required();
  command->add_option("--config", settings->config_file, "its configuration")->required();
  command->add_option("--provision", settings->provision_file, "its directory")->required();
  command->add_option("--listen", settings->listen, "HOST:PORT that it is given")
    ->capture_default_str();
  command->add_option("--broker-log", settings->log_file, "where its output goes")
    ->capture_default_str();
  command->add_option("--api-key", settings->api_key, "with events:read")->capture_default_str();
  command->add_option("--conversations", settings->conversations, "opened before the first kill")
    ->check(CLI::Range(1, 100'000'000))
    ->capture_default_str();
  command->add_option("--load-s", settings->load_s, "of load before each kill")
    ->check(CLI::Range(0.1, 60.0))
    ->capture_default_str();
  command->add_option("--kills", settings->kills, "how often")
    ->check(CLI::Range(1, 10'000))
    ->capture_default_str();
  command->add_option("--connections", settings->connections, "keep-alive connections")
    ->check(CLI::Range(1, 100'000))
    ->capture_default_str();
  command->add_option("--ready-timeout-s", settings->ready_timeout_s, "after which it has failed")
    ->capture_default_str();
  command->add_option("--json", settings->json_file, "where to write the result");
  bench::add_traffic_options(*command, *what);
  command->callback([&chosen, settings, what] {
    chosen = [settings, what] { return bench::run_recover(*settings, *what); };
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Load generators and the carrier simulator of Parley"};
  app.require_subcommand(1);
  subcommand chosen;
  add_carrier(app, chosen);
  add_ingest(app, chosen);
  add_status(app, chosen);
  add_recover(app, chosen);
  add_provision(app, chosen);
  bench::add_egress(app, chosen);
  bench::add_bulk(app, chosen);
  bench::add_fanout(app, chosen);
  bench::add_mixed(app, chosen);
  CLI11_PARSE(app, argc, argv);
  try {
    return chosen();
  } catch (const std::exception& failure) {
    fmt::print(stderr, "parley-bench: {}\n", failure.what());
    return 2;
  }
}
