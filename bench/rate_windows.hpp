#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/json.hpp>

namespace parley::bench {

/// What every number of a run is held to. Messages are one segment each.
struct rate_bound {
  double rate_per_s = 1;
  double burst = 1;  ///< What a window may have above rate × length.
  /// How much longer one message may be on its way than another: what came within a window left
  /// within one that is this much longer, so that much more is no proof.
  double slack_s = 0;
};

/// The fullest window of one length.
struct window_finding {
  std::chrono::seconds length{};
  double allowed = 0;       ///< Rate × length + burst.
  double proof = 0;         ///< What is more than this was sent too fast, whatever the way did.
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

  /// No window proves that a number was too fast.
  [[nodiscard]] bool within() const noexcept;
};

/// @param times of the messages of each number at the carrier, ascending.
[[nodiscard]] rate_findings
check_rates(const std::vector<std::vector<std::chrono::steady_clock::time_point>>& times,
            const rate_bound& bound);

[[nodiscard]] boost::json::object to_json(const rate_findings& findings);

/// The findings as a table, on standard output.
void print(const rate_findings& findings);

}  // namespace parley::bench
