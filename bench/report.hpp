#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/json.hpp>

#include "bench/load_generator.hpp"
#include "bench/process_usage.hpp"

namespace parley::bench {

/// A measured run and what it cost.
struct measurement {
  load_result load;
  std::optional<process_usage> broker_before;
  std::optional<process_usage> broker_after;
  std::chrono::microseconds generator_cpu{};
};

/// Runs the plan and takes the broker's usage before and after. `broker` 0: not known.
[[nodiscard]] measurement measure(load_generator& generator, const load_plan& plan, pid_t broker);

/// The measurement as JSON: latencies in microseconds, costs per answer 2xx.
[[nodiscard]] boost::json::object to_json(const measurement& what);

/// The measurement as a table for people, on standard output.
void print(const std::string& title, const measurement& what);

/// Writes `content` and a line feed to `file`, or nothing when `file` is empty. Throws
/// `std::runtime_error` when it cannot be written.
void write_json(const std::string& file, const boost::json::value& content);

/// Whether a run counts: something was answered, and everything with 2xx.
[[nodiscard]] bool clean(const load_result& load) noexcept;

}  // namespace parley::bench
