#include "bench/egress.hpp"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/api_client.hpp"
#include "bench/callbacks.hpp"
#include "bench/random.hpp"
#include "bench/receipts.hpp"
#include "bench/report.hpp"

#include "parley/carrier/form.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

std::string kannel_request(const endpoint& target, std::uint64_t pair, std::size_t ordinal) {
  std::string query{"username=t&password=t&from=12345&smsc=http1"};
  carrier::append_parameter(query, "to", contact_of(pair));
  carrier::append_parameter(query, "text", numbered_text(ordinal));
  return "GET /cgi-bin/sendsms?" + query + " HTTP/1.1\r\nHost: " + target.host + ":"
         + std::to_string(target.port) + "\r\n\r\n";
}

/// Message i goes to recipient i modulo `pairs`: those of one conversation are far apart.
request_block send_requests(const egress_settings& settings, const traffic& what,
                            std::size_t count) {
  request_block requests;
  for (std::size_t i = 0; i < count; ++i) {
    const auto pair = i % what.pairs;
    const auto number = pair % what.numbers;
    const auto request = settings.kannel
                           ? kannel_request(what.target, pair, i)
                           : send_request(what.target, settings.api_key,
                                          {.from = number_at(what.number_base, number),
                                           .to = contact_of(pair),
                                           .user = "agent" + std::to_string(number + 1),
                                           .body = numbered_text(i)},
                                          fmt::format("{:016x}-{}", what.seed, i));
    if (i == 0)
      requests.reserve(count, request.size() + 16);
    requests.add(request);
  }
  return requests;
}

/// One part of a run: what the API said, what the carrier got, and what both cost the broker.
struct leg {
  measurement accepted;
  measurement delivered;
  bool complete = false;  // Everything that was accepted has reached the carrier.
};

/// Sends as planned and waits for the carrier.
leg run_leg(const egress_settings& settings, load_generator& generator, load_plan plan,
            const receipts& carrier) {
  const auto before = carrier.count();
  std::vector<clock::time_point> intended(plan.requests->size());
  plan.intended = &intended;
  leg result;
  if (settings.load.broker != 0)
    result.delivered.broker_before = usage_of(settings.load.broker);
  const auto cpu_before = own_cpu();
  result.accepted = measure(generator, plan, settings.load.broker);
  result.complete = carrier.wait_for(before + result.accepted.load.succeeded,
                                     std::chrono::duration<double>{settings.settle_s});
  result.delivered.generator_cpu = own_cpu() - cpu_before;
  if (settings.load.broker != 0)
    result.delivered.broker_after = usage_of(settings.load.broker);
  result.delivered.load = end_to_end(carrier.since(before), intended, result.accepted.load);
  return result;
}

boost::json::object describe(const egress_settings& settings, const traffic& what,
                             const preparation& prepared) {
  return {{"command", "egress"},
          {"target", settings.load.target},
          {"mode", settings.load.max ? "max" : "rate"},
          {"rate_per_s", settings.load.rate_per_s},
          {"connections", settings.load.connections},
          {"kannel", settings.kannel},
          {"numbers", what.numbers},
          {"recipients", what.pairs},
          {"reports", settings.reports},
          {"seed", what.seed},
          {"warmup_requests", prepared.warmup},
          {"prepared_requests", prepared.measured}};
}

std::chrono::nanoseconds seconds(double count) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(count));
}

}  // namespace

int run_egress(const egress_settings& settings, traffic what) {
  if (!settings.load.max && settings.load.rate_per_s <= 0)
    throw std::invalid_argument("one of --rate and --max is needed");
  what.target = endpoint::parse(settings.load.target);
  if (what.seed == 0)
    what.seed = fresh_seed();
  const auto prepared = plan_requests(settings.load);
  const auto requests = send_requests(settings, what, prepared.warmup + prepared.measured);
  receipts got;
  carrier_simulator carrier{
    measuring_carrier(settings.carrier_listen, what.token, settings.reports, got)};
  carrier.start();
  api_client api{what.target, settings.api_key};
  const auto audited = settings.audit && !settings.kannel;
  const auto journal_before = audited ? api.last_event() : 0;
  load_generator generator{{.target = what.target,
                            .connections = settings.load.connections,
                            .threads = settings.load.threads}};
  std::vector<std::uint8_t> acknowledged(requests.size());
  load_plan plan{.requests = &requests,
                 .first = 0,
                 .count = prepared.warmup,
                 .rate_per_s = settings.load.rate_per_s,
                 .duration = seconds(settings.load.warmup_s),
                 .acknowledged = &acknowledged};
  if (prepared.warmup > 0)
    static_cast<void>(run_leg(settings, generator, plan, got));
  plan.first = prepared.warmup;
  plan.count = prepared.measured;
  plan.duration = seconds(settings.load.duration_s);
  const auto measured = run_leg(settings, generator, plan, got);
  print("egress: accepted by the API", measured.accepted);
  print("egress: received by the carrier", measured.delivered);

  auto result = describe(settings, what, prepared);
  result["also"] = boost::json::object{{"api", to_json(measured.accepted)}};
  result["result"] = to_json(measured.delivered);
  auto passed = measured.complete && clean(measured.accepted.load);
  if (audited) {
    const auto findings = audit_sends(api, journal_before, got.since(0), std::move(acknowledged));
    print(findings);
    result["audit"] = to_json(findings);
    passed = passed && findings.passed();
  }
  write_json(settings.load.json_file, result);
  return passed ? 0 : 1;
}

void add_egress(CLI::App& app, subcommand& chosen) {
  auto* command
    = app.add_subcommand("egress", "sends through the API, as far as the carrier's receipt");
  const auto settings = std::make_shared<egress_settings>();
  const auto what = std::make_shared<traffic>();
  add_load_options(*command, settings->load);
  add_traffic_options(*command, *what);
  command->add_option("--api-key", settings->api_key, "of the application side")
    ->capture_default_str();
  command
    ->add_option("--carrier-listen", settings->carrier_listen,
                 "where the carrier simulator of this run listens: the link's api_base")
    ->capture_default_str();
  command->add_flag("--kannel", settings->kannel,
                    "to Kannel's sendsms, whose carrier is GET /carrier here; not audited");
  command->add_flag("--reports", settings->reports, "the carrier reports sent and delivered");
  command
    ->add_option("--settle-s", settings->settle_s,
                 "how long the carrier may get nothing before the run is given up")
    ->capture_default_str();
  command->add_flag("--audit,!--no-audit", settings->audit,
                    "reads the journal afterwards: nothing lost, doubled or out of order");
  command->callback([&chosen, settings, what] {
    chosen = [settings, what] { return run_egress(*settings, *what); };
  });
}

}  // namespace parley::bench
