#include "bench/recover.hpp"

#include <signal.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/api_client.hpp"
#include "bench/broker_process.hpp"
#include "bench/fill.hpp"
#include "bench/message_audit.hpp"
#include "bench/report.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr double rate_guess_per_s = 150'000;
constexpr auto poll_pause = std::chrono::milliseconds{2};

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

/// One broker over several lives, and the traffic that it gets.
class recovery_run {
public:
  recovery_run(const recover_settings& settings, traffic what)
    : settings_(settings), what_(std::move(what)), api_(what_.target, settings.api_key) {}

  /// Returns whether nothing was lost.
  bool run();

private:
  double start();
  void fill();
  [[nodiscard]] boost::json::object weigh() const;
  bool kill_under_load(std::uint32_t number);
  [[nodiscard]] load_result load_until_killed(const request_block& requests,
                                              std::vector<std::uint8_t>& acknowledged);
  [[nodiscard]] std::string accept_first(std::uint64_t ordinal);
  void stop();

  const recover_settings& settings_;
  traffic what_;
  api_client api_;
  std::unique_ptr<broker_process> broker_;
  std::uint64_t next_ordinal_ = 0;
  boost::json::object result_;
  boost::json::array kills_;
};

/// Starts the broker; seconds from exec to ready.
double recovery_run::start() {
  const auto began = clock::now();
  broker_ = std::make_unique<broker_process>(
    std::vector<std::string>{settings_.program, "serve", "--config", settings_.config_file,
                             "--data", settings_.data, "--listen", settings_.listen, "--provision",
                             settings_.provision_file},
    settings_.log_file);
  while (!api_.ready()) {
    if (const auto ended = broker_->wait(poll_pause))
      throw std::runtime_error(
        fmt::format("the broker ended with {}; see {}", *ended, settings_.log_file));
    if (seconds_since(began) > settings_.ready_timeout_s)
      throw std::runtime_error("the broker was not ready in time; see " + settings_.log_file);
  }
  return seconds_since(began);
}

void recovery_run::fill() {
  what_.pairs = settings_.conversations;
  load_generator generator{
    {.target = what_.target, .connections = settings_.connections, .threads = 1}};
  const auto filled = bench::fill(generator, what_, next_ordinal_, settings_.conversations);
  next_ordinal_ += settings_.conversations;
  result_["fill_per_s"] = filled.throughput_per_s();
}

boost::json::object recovery_run::weigh() const {
  const auto usage = usage_of(broker_->id()).value_or(process_usage{});
  const auto disk = disk_bytes(settings_.data);
  fmt::print("  resident {:.1f} MiB (peak {:.1f}), on disk {:.1f} MiB\n",
             static_cast<double>(usage.resident_bytes) / 0x1p20,
             static_cast<double>(usage.resident_bytes_max) / 0x1p20,
             static_cast<double>(disk) / 0x1p20);
  return {{"resident_bytes", usage.resident_bytes},
          {"resident_bytes_max", usage.resident_bytes_max},
          {"disk_bytes", disk}};
}

load_result recovery_run::load_until_killed(const request_block& requests,
                                            std::vector<std::uint8_t>& acknowledged) {
  load_generator generator{{.target = what_.target,
                            .connections = settings_.connections,
                            .threads = 1,
                            .patience = std::chrono::milliseconds{3000}}};
  const auto load_time = std::chrono::duration_cast<std::chrono::nanoseconds>(
    std::chrono::duration<double>(settings_.load_s));
  std::thread killer{[&] {
    std::this_thread::sleep_for(load_time);
    broker_->send(SIGKILL);
  }};
  auto load = generator.run({.requests = &requests,
                             .first = 0,
                             .count = requests.size(),
                             .duration = load_time + std::chrono::seconds{2},
                             .stop_on_loss = true,
                             .acknowledged = &acknowledged});
  killer.join();
  if (!broker_->wait(std::chrono::seconds{10}))
    throw std::runtime_error("the broker outlived SIGKILL");
  return load;
}

/// Posts a callback until one is accepted, and returns its id.
std::string recovery_run::accept_first(std::uint64_t ordinal) {
  request_block one;
  one.add(inbound_request(what_, ordinal, 0));
  for (int attempt = 0; attempt < 1000; ++attempt) {
    load_generator generator{{.target = what_.target,
                              .connections = 1,
                              .threads = 1,
                              .patience = std::chrono::milliseconds{5000}}};
    if (clean(generator.run({.requests = &one, .first = 0, .count = 1})))
      return message_sid(what_.seed, ordinal);
    std::this_thread::sleep_for(poll_pause);
  }
  throw std::runtime_error("the broker came back and accepts no callback");
}

bool recovery_run::kill_under_load(std::uint32_t number) {
  const auto requests = inbound_requests(
    what_, next_ordinal_, static_cast<std::size_t>(settings_.load_s * rate_guess_per_s),
    pair_order::random);
  const auto first_ordinal = next_ordinal_;
  next_ordinal_ += requests.size() + 1;
  const auto position = api_.last_event();
  std::vector<std::uint8_t> acknowledged(requests.size());

  const auto load = load_until_killed(requests, acknowledged);
  const auto disk_at_kill = disk_bytes(settings_.data);
  const auto began = clock::now();
  const auto ready_s = start();
  const auto probe = accept_first(next_ordinal_ - 1);
  const auto accepting_s = seconds_since(began);
  fmt::print("kill {}: under {:.0f}/s, {} acknowledged, {} in flight; ready {:.1f} ms after exec, "
             "accepting after {:.1f} ms\n",
             number, load.throughput_per_s(), load.succeeded, load.lost + load.unanswered,
             ready_s * 1e3, accepting_s * 1e3);

  message_audit audit;
  for (std::size_t i = 0; i < load.sent; ++i)
    audit.expect(message_sid(what_.seed, first_ordinal + i), acknowledged[i] != 0);
  audit.expect(probe, true);
  api_.read_events(position, "conversation.message.created",
                   [&](const api_event& event) { audit.see(event); });
  const auto found = audit.result();
  fmt::print("  {} acknowledged: {} lost, {} twice, {} invented; {} kept without an answer\n",
             found.acknowledged, found.lost, found.twice, found.invented,
             found.kept_unacknowledged);
  kills_.push_back({{"load_per_s", load.throughput_per_s()},
                    {"in_flight_at_kill", load.lost + load.unanswered},
                    {"disk_bytes_at_kill", disk_at_kill},
                    {"ready_ms", ready_s * 1e3},
                    {"accepting_ms", accepting_s * 1e3},
                    {"audit", to_json(found)},
                    {"after", weigh()}});
  return found.passed();
}

void recovery_run::stop() {
  const auto began = clock::now();
  broker_->send(SIGTERM);
  const auto ended = broker_->wait(std::chrono::seconds{30});
  fmt::print("SIGTERM: exit {} after {:.0f} ms\n", ended ? std::to_string(*ended) : "none",
             seconds_since(began) * 1e3);
  result_["terminate_ms"] = seconds_since(began) * 1e3;
  result_["terminate_exit"] = ended ? boost::json::value(*ended) : boost::json::value(nullptr);
}

bool recovery_run::run() {
  const auto first_start_s = start();
  fmt::print("first start: ready after {:.1f} ms\n", first_start_s * 1e3);
  result_ = {{"command", "recover"},       {"conversations", settings_.conversations},
             {"load_s", settings_.load_s}, {"connections", settings_.connections},
             {"seed", what_.seed},         {"first_start_ms", first_start_s * 1e3}};
  fill();
  result_["filled"] = weigh();
  bool passed = true;
  for (std::uint32_t i = 1; i <= settings_.kills; ++i)
    passed = kill_under_load(i) && passed;
  stop();
  result_["kills"] = std::move(kills_);
  result_["passed"] = passed;
  write_json(settings_.json_file, result_);
  return passed;
}

}  // namespace

int run_recover(const recover_settings& settings, traffic what) {
  what.target = endpoint::parse(settings.listen);
  if (what.target.port == 0)
    throw std::invalid_argument("--listen needs a port: the signatures contain it");
  if (what.seed == 0)
    what.seed = fresh_seed();
  recovery_run run{settings, std::move(what)};
  return run.run() ? 0 : 1;
}

}  // namespace parley::bench
