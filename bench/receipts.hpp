#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "bench/api_client.hpp"
#include "bench/carrier_simulator.hpp"
#include "bench/egress_audit.hpp"
#include "bench/load_generator.hpp"

namespace parley::bench {

/// One message of a run at the carrier.
struct receipt {
  std::uint64_t ordinal = 0;  ///< See `numbered_text`.
  std::chrono::steady_clock::time_point at;
};

/// What a run's own carrier simulator got, in order. Thread-safe.
class receipts {
public:
  /// What is kept, 800 MB; more than any run asks for. A broker that sends without end is counted
  /// no further.
  static constexpr std::size_t kept_max = 50'000'000;

  /// Notes an accepted send; one whose text has no number is left out.
  void note(const send_record& request);

  /// How many came.
  [[nodiscard]] std::size_t count() const noexcept { return count_.load(); }
  /// A copy of those from number `first` on.
  [[nodiscard]] std::vector<receipt> since(std::size_t first) const;

  /// Waits until `wanted` have come; false when none has for `patience`.
  [[nodiscard]] bool wait_for(std::size_t wanted, std::chrono::duration<double> patience) const;

private:
  mutable std::mutex mutex_;
  std::vector<receipt> got_;
  std::atomic<std::size_t> count_{0};
};

/// A simulator's options for a run that measures: on this address, nothing kept but `into`, which
/// outlives it.
[[nodiscard]] carrier_options measuring_carrier(const std::string& listen, const std::string& token,
                                                bool reports, receipts& into);

/// The way of messages as a run of its own: `succeeded` are those at the carrier, latencies count
/// from `intended` (by ordinal) to the receipt, and the time from the first of them.
[[nodiscard]] load_result
end_to_end(const std::vector<receipt>& got,
           const std::vector<std::chrono::steady_clock::time_point>& intended,
           const load_result& accepted);

/// Checks all of `got` against what the journal has after event `after`.
[[nodiscard]] egress_findings audit_sends(api_client& api, std::uint64_t after,
                                          const std::vector<receipt>& got,
                                          std::vector<std::uint8_t> acknowledged);

}  // namespace parley::bench
