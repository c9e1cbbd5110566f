#include "bench/report.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace parley::bench {

namespace {

constexpr auto quantiles = std::to_array<std::pair<const char*, double>>(
  {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}, {"max", 1.0}});

// The axis of a latency distribution: from 0 on, every halving of what is left to 1 in this many
// steps, as long as a step still has a value to itself.
constexpr int steps_per_halving = 5;

double in_us(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e3;
}

double per(double total, std::uint64_t count) {
  return count == 0 ? 0.0 : total / static_cast<double>(count);
}

/// Of the broker between both samples; empty when one is missing.
struct broker_cost {
  double cpu_user_us = 0;
  double cpu_system_us = 0;
  std::optional<double> write_bytes;
  std::uint64_t resident_bytes = 0;
};

/// `[quantile, microseconds]`, as HdrHistogram's percentile output: finer towards 1.
boost::json::array distribution(const histogram& latency) {
  boost::json::array points;
  const auto count = static_cast<double>(latency.count());
  for (double left = 1.0; left * count >= 1.0; left /= 2)
    for (int step = 0; step < steps_per_halving; ++step) {
      const auto quantile = 1.0 - left + left / 2 * step / steps_per_halving;
      points.push_back({quantile, in_us(latency.at(quantile))});
    }
  points.push_back({1.0, in_us(latency.max())});
  return points;
}

std::optional<broker_cost> cost_of(const measurement& what) {
  if (!what.broker_before || !what.broker_after)
    return std::nullopt;
  const auto& before = *what.broker_before;
  const auto& after = *what.broker_after;
  const auto count = what.load.succeeded;
  broker_cost cost;
  cost.cpu_user_us = per(static_cast<double>((after.cpu_user - before.cpu_user).count()), count);
  cost.cpu_system_us
    = per(static_cast<double>((after.cpu_system - before.cpu_system).count()), count);
  if (before.write_bytes && after.write_bytes)
    cost.write_bytes = per(static_cast<double>(*after.write_bytes - *before.write_bytes), count);
  cost.resident_bytes = after.resident_bytes;
  return cost;
}

}  // namespace

measurement measure(load_generator& generator, const load_plan& plan, pid_t broker) {
  measurement result;
  if (broker != 0)
    result.broker_before = usage_of(broker);
  const auto cpu_before = own_cpu();
  result.load = generator.run(plan);
  result.generator_cpu = own_cpu() - cpu_before;
  if (broker != 0)
    result.broker_after = usage_of(broker);
  return result;
}

boost::json::object to_json(const measurement& what) {
  const auto& load = what.load;
  boost::json::object latency;
  for (const auto& [name, quantile] : quantiles)
    latency[name] = in_us(load.latency_ns.at(quantile));
  latency["mean"] = load.latency_ns.mean() / 1e3;
  const auto& seconds = load.answered.per_second();
  boost::json::object statuses;
  for (const auto& [status, count] : load.by_status)
    statuses[std::to_string(status)] = count;
  boost::json::object result{
    {"throughput_per_s", load.throughput_per_s()},
    {"elapsed_s", std::chrono::duration<double>(load.elapsed).count()},
    {"sent", load.sent},
    {"succeeded", load.succeeded},
    {"failed", load.failed()},
    {"by_status", std::move(statuses)},
    {"lost", load.lost},
    {"unanswered", load.unanswered},
    {"unsent", load.unsent},
    {"reconnects", load.reconnects},
    {"latency_us", std::move(latency)},
    {"latency_distribution_us", distribution(load.latency_ns)},
    {"per_second", boost::json::array(seconds.begin(), seconds.end())},
    {"lateness_max_us", in_us(static_cast<std::uint64_t>(load.lateness_max.count()))},
    {"generator_cpu_us_per_message",
     per(static_cast<double>(what.generator_cpu.count()), load.succeeded)},
  };
  if (const auto cost = cost_of(what)) {
    boost::json::object broker{{"cpu_us_per_message", cost->cpu_user_us + cost->cpu_system_us},
                               {"cpu_user_us_per_message", cost->cpu_user_us},
                               {"cpu_system_us_per_message", cost->cpu_system_us},
                               {"write_bytes_per_message", nullptr},
                               {"resident_bytes", cost->resident_bytes}};
    if (cost->write_bytes)
      broker["write_bytes_per_message"] = *cost->write_bytes;
    result["broker"] = std::move(broker);
  } else {
    result["broker"] = nullptr;
  }
  return result;
}

void print(const std::string& title, const measurement& what) {
  const auto& load = what.load;
  fmt::print("{}\n", title);
  fmt::print("  throughput    {:>12.0f} /s   {} of {} succeeded in {:.3f} s\n",
             load.throughput_per_s(), load.succeeded, load.sent,
             std::chrono::duration<double>(load.elapsed).count());
  fmt::print("  latency    ");
  for (const auto& [name, quantile] : quantiles)
    fmt::print("   {} {:.3f}", name, in_us(load.latency_ns.at(quantile)) / 1e3);
  fmt::print("   ms\n");
  for (const auto& [status, count] : load.by_status)
    if (status < 200 || status >= 300)
      fmt::print("  status {}    {:>12}\n", status, count);
  if (load.lost + load.unanswered + load.unsent > 0)
    fmt::print("  lost          {:>12}      unanswered {}, unsent {}\n", load.lost, load.unanswered,
               load.unsent);
  fmt::print("  generator     {:>12.2f} CPU-us per message\n",
             per(static_cast<double>(what.generator_cpu.count()), load.succeeded));
  if (const auto cost = cost_of(what)) {
    fmt::print("  broker        {:>12.2f} CPU-us per message ({:.2f} user, {:.2f} system)\n",
               cost->cpu_user_us + cost->cpu_system_us, cost->cpu_user_us, cost->cpu_system_us);
    if (cost->write_bytes)
      fmt::print("                {:>12.0f} bytes written per message\n", *cost->write_bytes);
    fmt::print("                {:>12.1f} MiB resident\n",
               static_cast<double>(cost->resident_bytes) / (1024.0 * 1024.0));
  }
}

void write_json(const std::string& file, const boost::json::value& content) {
  if (file.empty())
    return;
  std::ofstream out{file, std::ios::trunc};
  out << boost::json::serialize(content) << '\n';
  if (!out.flush())
    throw std::runtime_error("cannot write " + file);
}

bool clean(const load_result& load) noexcept {
  return load.succeeded > 0 && load.failed() + load.unsent == 0;
}

}  // namespace parley::bench
