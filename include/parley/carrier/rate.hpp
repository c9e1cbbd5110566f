#pragma once

#include <chrono>
#include <cstdint>

namespace parley::carrier {

/// What Meta lets a number send unless it has asked for more. A message counts as one, however
/// long.
inline constexpr double whatsapp_messages_per_s = 80.0;

/// The generic cell rate algorithm (ITU-T I.371) as a debt: a message may start when what was
/// started before has been paid for at `units_per_s`. Over any window there start at most
/// `units_per_s` × window units, plus the units of one message: that is the stated burst (I8).
/// Pure: time comes in.
class rate_limit {
public:
  using clock_time = std::chrono::nanoseconds;  ///< Of a monotonic clock, from any origin.

  /// `units_per_s` must be positive.
  explicit rate_limit(double units_per_s) noexcept;

  /// From here on messages cost as much as at this rate; what was started before is paid for as it
  /// was.
  void change_rate(double units_per_s) noexcept;

  /// When the next message may start; not after `now` means at once.
  [[nodiscard]] clock_time next_start() const noexcept { return paid_until_; }

  /// Notes that a message of `units` starts at `now`, which must not be before `next_start()`.
  void start(clock_time now, std::uint32_t units) noexcept;

private:
  double ns_per_unit_;
  clock_time paid_until_{clock_time::min()};
};

}  // namespace parley::carrier
