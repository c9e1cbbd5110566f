#include "bench/fanout.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench/api_client.hpp"
#include "bench/callbacks.hpp"
#include "bench/random.hpp"
#include "bench/report.hpp"
#include "bench/stream_readers.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

/// Waits until so many events came; gives up when none does for `patience`.
void await_pushes(const stream_readers& streams, std::uint64_t wanted,
                  std::chrono::duration<double> patience) {
  auto seen = streams.pushes();
  auto last = clock::now();
  while (seen < wanted && clock::now() - last < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    if (const auto so_far = streams.pushes(); so_far != seen) {
      seen = so_far;
      last = clock::now();
    }
  }
}

/// The pushes as a run: each push is one that succeeded, each message's latency is the last
/// reader's, from the intended time of sending.
load_result pushes_of(const fanout_book& book, std::size_t readers, const traffic& what,
                      const load_plan& plan, const load_result& accepted) {
  std::unordered_map<std::string, std::size_t> ordinals;
  for (auto i = plan.first; i < plan.first + plan.count; ++i)
    if ((*plan.acknowledged)[i] != 0)
      ordinals.emplace(message_sid(what.seed, i), i);
  auto start = clock::time_point::max();
  for (const auto& [sid, ordinal] : ordinals)
    start = std::min(start, (*plan.intended)[ordinal]);
  load_result result;
  result.sent = accepted.succeeded * readers;
  result.lateness_max = accepted.lateness_max;
  for (const auto& event : book.events()) {
    const auto found = ordinals.find(event.provider_id);
    if (found == ordinals.end())
      continue;
    result.succeeded += event.readers;
    const std::chrono::nanoseconds latency = event.last - (*plan.intended)[found->second];
    result.latency_ns.record(
      static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0)));
    result.answered.record(event.last - start);
    result.elapsed = std::max<std::chrono::nanoseconds>(result.elapsed, event.last - start);
  }
  return result;
}

std::vector<std::string> acknowledged_ids(const traffic& what,
                                          const std::vector<std::uint8_t>& acknowledged) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < acknowledged.size(); ++i)
    if (acknowledged[i] != 0)
      ids.push_back(message_sid(what.seed, i));
  return ids;
}

std::chrono::nanoseconds seconds(double count) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(count));
}

/// What a run came to.
struct fanout_result {
  const measurement& accepted;
  const measurement& pushed;
  const fanout_findings& findings;
};

void report(const fanout_settings& settings, const traffic& what, const fanout_result& came) {
  print("fanout: callbacks", came.accepted);
  print(
    fmt::format("fanout: pushes to {} readers (latency: to the last of them)", settings.readers),
    came.pushed);
  fmt::print("  audit         {}: {}\n", came.findings.passed() ? "passed" : "FAILED",
             boost::json::serialize(to_json(came.findings)));
  write_json(settings.load.json_file, {{"command", "fanout"},
                                       {"target", settings.load.target},
                                       {"mode", settings.load.max ? "max" : "rate"},
                                       {"rate_per_s", settings.load.rate_per_s},
                                       {"connections", settings.load.connections},
                                       {"readers", settings.readers},
                                       {"pairs", what.pairs},
                                       {"seed", what.seed},
                                       {"also", {{"inbound", to_json(came.accepted)}}},
                                       {"audit", to_json(came.findings)},
                                       {"result", to_json(came.pushed)}});
}

}  // namespace

int run_fanout(const fanout_settings& settings, traffic what) {
  if (!settings.load.max && settings.load.rate_per_s <= 0)
    throw std::invalid_argument("one of --rate and --max is needed");
  what.target = endpoint::parse(settings.load.target);
  if (what.seed == 0)
    what.seed = fresh_seed();
  const auto prepared = plan_requests(settings.load);
  const auto total = prepared.warmup + prepared.measured;
  const auto requests = inbound_requests(what, 0, total, pair_order::sequential);
  api_client api{what.target, settings.api_key};
  stream_readers streams{{.target = what.target,
                          .api_key = settings.api_key,
                          .readers = settings.readers,
                          .after = api.last_event(),
                          .as_users = settings.as_users}};
  load_generator generator{{.target = what.target,
                            .connections = settings.load.connections,
                            .threads = settings.load.threads}};
  std::vector<std::uint8_t> acknowledged(total);
  std::vector<clock::time_point> intended(total);
  load_plan plan{.requests = &requests,
                 .first = 0,
                 .count = prepared.warmup,
                 .rate_per_s = settings.load.rate_per_s,
                 .duration = seconds(settings.load.warmup_s),
                 .acknowledged = &acknowledged,
                 .intended = &intended};
  const std::chrono::duration<double> patience{settings.settle_s};
  std::uint64_t expected = 0;
  if (prepared.warmup > 0) {
    expected += generator.run(plan).succeeded * settings.readers;
    await_pushes(streams, expected, patience);
  }
  plan.first = prepared.warmup;
  plan.count = prepared.measured;
  plan.duration = seconds(settings.load.duration_s);
  measurement pushed;
  if (settings.load.broker != 0)
    pushed.broker_before = usage_of(settings.load.broker);
  const auto cpu_before = own_cpu();
  const auto accepted = measure(generator, plan, settings.load.broker);
  expected += accepted.load.succeeded * settings.readers;
  await_pushes(streams, expected, patience);
  pushed.generator_cpu = own_cpu() - cpu_before;
  if (settings.load.broker != 0)
    pushed.broker_after = usage_of(settings.load.broker);
  streams.stop();
  pushed.load = pushes_of(streams.book(), settings.readers, what, plan, accepted.load);
  auto findings = streams.book().result(acknowledged_ids(what, acknowledged));
  findings.broken = streams.broken();

  report(settings, what, {accepted, pushed, findings});
  return findings.passed() && clean(accepted.load) ? 0 : 1;
}

void add_fanout(CLI::App& app, subcommand& chosen) {
  auto* command
    = app.add_subcommand("fanout", "inbound messages on many live streams of a team inbox");
  const auto settings = std::make_shared<fanout_settings>();
  const auto what = std::make_shared<traffic>();
  add_load_options(*command, settings->load);
  add_traffic_options(*command, *what);
  command->add_option("--api-key", settings->api_key, "of the application side")
    ->capture_default_str();
  command->add_option("--readers", settings->readers, "live streams")
    ->check(CLI::Range(1, 10'000))
    ->capture_default_str();
  command->add_flag("--as-users,!--anonymous", settings->as_users,
                    "each stream is one user's: agent1, agent2, … (default)");
  command->add_option("--settle-s", settings->settle_s, "how long the readers may get nothing")
    ->capture_default_str();
  command->callback([&chosen, settings, what] {
    chosen = [settings, what] { return run_fanout(*settings, *what); };
  });
}

}  // namespace parley::bench
