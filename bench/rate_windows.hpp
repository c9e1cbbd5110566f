#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/json.hpp>

namespace parley::bench {

/// The fullest window of one length.
struct window_finding {
  std::chrono::seconds length{};
  double allowed = 0;       ///< Rate × length + burst.
  std::uint64_t worst = 0;  ///< The most messages of one number in any window of this length.
};

/// How numbers kept to their rate, seen from the carrier.
struct rate_findings {
  std::size_t numbers = 0;  ///< With two messages or more.
  std::uint64_t messages = 0;
  /// (messages − 1) / (time from the first to the last), divided by the rate.
  double achieved_min = 0;
  double achieved_mean = 0;
  double achieved_max = 0;
  std::vector<window_finding> windows;  ///< Of 1, 10 and 60 s.

  /// No window is over what is allowed.
  [[nodiscard]] bool within() const noexcept;
};

/// @param times of the messages of each number, ascending. Messages are one segment each.
/// @param rate_per_s of every number.
/// @param burst what a window may have above rate × length.
[[nodiscard]] rate_findings
check_rates(const std::vector<std::vector<std::chrono::steady_clock::time_point>>& times,
            double rate_per_s, double burst);

[[nodiscard]] boost::json::object to_json(const rate_findings& findings);

/// The findings as a table, on standard output.
void print(const rate_findings& findings);

}  // namespace parley::bench
