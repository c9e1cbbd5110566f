#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/bulk.hpp"
#include "bench/bulk_jobs.hpp"
#include "bench/callbacks.hpp"
#include "bench/process_usage.hpp"
#include "bench/random.hpp"
#include "bench/rate_windows.hpp"
#include "bench/receipts.hpp"
#include "bench/report.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

// A prepared request is about 350 bytes, so this is about 1.5 GB of memory.
constexpr std::size_t messages_max = 4'000'000;

/// How many messages each number is given.
std::size_t share_of(const rates_settings& settings) {
  return static_cast<std::size_t>(std::ceil(settings.rate_per_s * settings.seconds));
}

/// The ordinals of number i are `share` × i and those that follow, as bulk jobs have them.
void send_messages(const rates_settings& settings, std::uint64_t seed) {
  const auto target = endpoint::parse(settings.bulk.target);
  const auto share = share_of(settings);
  if (share * settings.bulk.jobs > messages_max)
    throw std::invalid_argument(fmt::format("at most {} messages are prepared", messages_max));
  request_block requests;
  // Every number gets its first before any gets its second: they begin together.
  for (std::size_t k = 0; k < share; ++k)
    for (std::size_t i = 0; i < settings.bulk.jobs; ++i) {
      const auto ordinal = i * share + k;
      requests.add(send_request(target, settings.bulk.api_key,
                                {.from = number_at(settings.bulk.number_base, i),
                                 .to = contact_of(ordinal),
                                 .user = "agent" + std::to_string(i + 1),
                                 .body = numbered_text(ordinal)},
                                fmt::format("{:016x}-{}", seed, ordinal)));
    }
  load_generator generator{{.target = target, .connections = settings.connections, .threads = 1}};
  const auto load = generator.run({.requests = &requests, .first = 0, .count = requests.size()});
  if (!clean(load))
    throw std::runtime_error(
      fmt::format("{} of {} messages were not accepted", load.failed(), load.sent));
}

std::vector<std::vector<clock::time_point>> by_number(const std::vector<receipt>& got,
                                                      std::size_t numbers, std::size_t share) {
  std::vector<std::vector<clock::time_point>> times(numbers);
  for (const auto& one : got)
    if (one.ordinal / share < numbers)
      times[one.ordinal / share].push_back(one.at);
  return times;
}

}  // namespace

int run_rates(const rates_settings& settings) {
  const auto share = share_of(settings);
  const auto total = share * settings.bulk.jobs;
  const auto seed = fresh_seed();
  receipts got;
  carrier_simulator carrier{measuring_carrier(settings.bulk.carrier_listen, settings.bulk.token,
                                              settings.bulk.reports, got)};
  carrier.start();
  measurement sending;
  if (settings.bulk.broker != 0)
    sending.broker_before = usage_of(settings.bulk.broker);
  const auto cpu_before = own_cpu();
  const auto started = clock::now();
  if (settings.by_messages) {
    send_messages(settings, seed);
  } else {
    auto work = settings.bulk;
    work.lines = total;
    bulk_jobs jobs{work, {}, seed};
    jobs.upload_all();
  }
  const auto fed = std::chrono::duration<double>(clock::now() - started).count();
  // Between two messages of a slow number nothing may come for as long as its rate says.
  const auto patience = settings.bulk.settle_s + 2 / settings.rate_per_s;
  const auto complete = got.wait_for(total, std::chrono::duration<double>{patience});
  if (settings.bulk.broker != 0)
    sending.broker_after = usage_of(settings.bulk.broker);
  sending.generator_cpu = own_cpu() - cpu_before;
  const auto everything = got.since(0);
  sending.load = end_to_end(everything, std::vector<clock::time_point>(total, started), {});
  sending.load.sent = total;
  const auto findings = check_rates(
    by_number(everything, settings.bulk.jobs, share),
    {.rate_per_s = settings.rate_per_s, .burst = settings.burst, .slack_s = settings.slack_s});
  print(fmt::format("rates: {} numbers at {}/s, {} each, fed in {:.2f} s", settings.bulk.jobs,
                    settings.rate_per_s, share, fed),
        sending);
  print(findings);
  write_json(settings.bulk.json_file, {{"command", "rates"},
                                       {"target", settings.bulk.target},
                                       {"numbers", settings.bulk.jobs},
                                       {"rate_per_s", settings.rate_per_s},
                                       {"seconds", settings.seconds},
                                       {"burst", settings.burst},
                                       {"slack_s", settings.slack_s},
                                       {"by_messages", settings.by_messages},
                                       {"fed_s", fed},
                                       {"rates", to_json(findings)},
                                       {"result", to_json(sending)}});
  return complete && findings.within() ? 0 : 1;
}

}  // namespace parley::bench
