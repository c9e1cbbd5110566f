#include "bench/ingest.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>

#include "bench/fill.hpp"
#include "bench/report.hpp"

namespace parley::bench {

namespace {

// A prepared request is about 730 bytes, so this is about 3 GB of memory.
constexpr std::size_t prepared_max = 4'000'000;
constexpr std::size_t messages_default = 300'000;
// A closed loop whose rate nobody knows yet: what to prepare for each second of it.
constexpr double rate_guess_per_s = 150'000;

std::size_t count_for(double seconds, double rate_per_s) {
  const auto rate = rate_per_s > 0 ? rate_per_s : rate_guess_per_s;
  return static_cast<std::size_t>(std::ceil(seconds * rate));
}

std::chrono::nanoseconds seconds(double count) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(count));
}

boost::json::object describe(const load_settings& settings, const traffic& what,
                             const preparation& prepared, const request_block& requests) {
  return {{"command", "ingest"},
          {"target", settings.target},
          {"mode", settings.max ? "max" : "rate"},
          {"rate_per_s", settings.rate_per_s},
          {"connections", settings.connections},
          {"threads", settings.threads},
          {"pairs", what.pairs},
          {"numbers", what.numbers},
          {"body_bytes", what.body_bytes},
          {"seed", what.seed},
          {"filled", settings.fill},
          {"warmup_requests", prepared.warmup},
          {"prepared_requests", requests.size()},
          {"request_bytes_mean",
           static_cast<double>(requests.bytes()) / static_cast<double>(requests.size())}};
}

}  // namespace

preparation plan_requests(const load_settings& settings) {
  preparation result;
  result.warmup = settings.warmup_messages;
  if (settings.warmup_s > 0)
    result.warmup = count_for(settings.warmup_s, settings.rate_per_s);
  if (settings.messages > 0)
    result.measured = settings.messages;
  else if (settings.duration_s > 0)
    result.measured = count_for(settings.duration_s, settings.rate_per_s);
  else
    result.measured = messages_default;
  result.warmup = std::min(result.warmup, prepared_max / 2);
  const auto room = prepared_max - result.warmup;
  if (result.measured > room) {
    fmt::print(stderr,
               "prepared requests are limited to {}: the measured part sends at most {} of {}\n",
               prepared_max, room, result.measured);
    result.measured = room;
  }
  return result;
}

void add_load_options(CLI::App& command, load_settings& settings) {
  command.add_option("--target", settings.target, "http://HOST:PORT of the broker")
    ->capture_default_str();
  command.add_option("--connections", settings.connections, "keep-alive connections")
    ->check(CLI::Range(1, 100'000))
    ->capture_default_str();
  command.add_option("--threads", settings.threads, "threads of the generator")
    ->check(CLI::Range(1, 64))
    ->capture_default_str();
  command.add_option("--messages", settings.messages, "requests of the measured part");
  command.add_option("--duration-s", settings.duration_s, "ends the measured part")
    ->check(CLI::NonNegativeNumber);
  auto* rate = command
                 .add_option("--rate", settings.rate_per_s,
                             "open loop: arrivals per second, latency from the intended time")
                 ->check(CLI::PositiveNumber);
  command.add_flag("--max", settings.max, "closed loop: one request per connection at all times")
    ->excludes(rate);
  command.add_option("--warmup-s", settings.warmup_s, "sent before, not measured")
    ->check(CLI::NonNegativeNumber);
  command.add_option("--warmup-messages", settings.warmup_messages,
                     "sent before, through the pairs in order; not measured");
  command.add_option("--broker-pid", settings.broker, "whose CPU and writes are reported");
  command.add_option("--json", settings.json_file, "where to write the result");
}

void add_traffic_options(CLI::App& command, traffic& what) {
  command.add_option("--link", what.link, "id of the carrier link")->capture_default_str();
  command.add_option("--token", what.token, "the link's auth token")->capture_default_str();
  command.add_option("--account-sid", what.account_sid, "the link's account")
    ->capture_default_str();
  command.add_option("--public-url", what.public_url,
                     "the link's public_url, which is signed; default: the target");
  command.add_option("--path", what.path, "instead of /carriers/twilio/{link}/inbound");
  command.add_option("--pairs", what.pairs, "distinct (our number, contact) pairs")
    ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{5'000'000'000}))
    ->capture_default_str();
  command.add_option("--numbers", what.numbers, "our numbers, consecutive")
    ->check(CLI::Range(1, 1'000'000))
    ->capture_default_str();
  command.add_option("--number-base", what.number_base, "the first of our numbers")
    ->capture_default_str();
  command.add_option("--body-bytes", what.body_bytes, "length of a message's text")
    ->check(CLI::Range(1, 1600))
    ->capture_default_str();
  command.add_option("--seed", what.seed, "makes a run repeatable; 0: a fresh one");
}

int run_ingest(const load_settings& settings, traffic what) {
  if (!settings.max && settings.rate_per_s <= 0)
    throw std::invalid_argument("one of --rate and --max is needed");
  what.target = endpoint::parse(settings.target);
  if (what.seed == 0)
    what.seed = fresh_seed();
  const auto prepared = plan_requests(settings);
  const std::uint64_t filled = settings.fill ? what.pairs : 0;
  // The warm-up goes through the pairs in order, so that those that are to be known are known.
  auto requests = inbound_requests(what, filled, prepared.warmup, pair_order::sequential);
  requests.append(
    inbound_requests(what, filled + prepared.warmup, prepared.measured, pair_order::random));
  fmt::print("prepared {} requests, {:.1f} MiB, seed {}\n", requests.size(),
             static_cast<double>(requests.bytes()) / (1024.0 * 1024.0), what.seed);

  load_generator generator{
    {.target = what.target, .connections = settings.connections, .threads = settings.threads}};
  if (filled > 0)
    static_cast<void>(fill(generator, what, 0, filled));
  load_plan plan{.requests = &requests,
                 .first = 0,
                 .count = prepared.warmup,
                 .rate_per_s = settings.rate_per_s,
                 .duration = seconds(settings.warmup_s)};
  if (prepared.warmup > 0)
    static_cast<void>(generator.run(plan));
  plan.first = prepared.warmup;
  plan.count = prepared.measured;
  plan.duration = seconds(settings.duration_s);
  const auto measured = measure(generator, plan, settings.broker);

  if (settings.duration_s > 0 && settings.messages == 0 && measured.load.sent == prepared.measured
      && settings.max)
    fmt::print(stderr, "every prepared request was sent before {} s had passed\n",
               settings.duration_s);
  print(fmt::format("ingest {} {}", settings.target,
                    settings.max ? std::string{"max"}
                                 : fmt::format("{:.0f}/s open loop", settings.rate_per_s)),
        measured);
  auto result = describe(settings, what, prepared, requests);
  result["result"] = to_json(measured);
  write_json(settings.json_file, result);
  return clean(measured.load) ? 0 : 1;
}

}  // namespace parley::bench
