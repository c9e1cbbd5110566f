#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace parley::carrier {

/// What Meta lets a number send unless it has asked for more. A message counts as one, however
/// long.
inline constexpr double whatsapp_messages_per_s = 80.0;

/// How fast something may be used, and how much of it at once.
struct allowance {
  double units_per_s = 1.0;  ///< Positive.
  /// What may start at once after a pause, beside the message that starts: none is the strictest.
  double ahead_units = 0.0;

  friend bool operator==(const allowance&, const allowance&) = default;
};

/// Mission 6: a WhatsApp number sends a person one message each 6 s, 45 of them at once.
inline constexpr allowance whatsapp_pair{.units_per_s = 1.0 / 6.0, .ahead_units = 44.0};

/// The most segments that one message can have: 1,600 characters of UCS-2, 67 in each.
inline constexpr std::uint32_t message_segments_max = 24;

/// What a number may send at `units_per_s`: one message, and as much more as the rate pays for in
/// 20 ms. That is what waking up late costs, so that a number does not fall behind its rate; of a
/// number of one segment a second it is a fiftieth of a segment.
[[nodiscard]] allowance number_allowance(double units_per_s) noexcept;

/// The generic cell rate algorithm (ITU-T I.371) as a debt: a message may start when of what was
/// started before no more than `ahead_units` has still to be paid for at `units_per_s`. Over any
/// window there start at most `units_per_s` × window units, plus `ahead_units` and the units of one
/// message: that is the stated burst (I8). Pure: time comes in.
class rate_limit {
public:
  using clock_time = std::chrono::nanoseconds;  ///< Of a monotonic clock, from any origin.

  explicit rate_limit(const allowance& allowed) noexcept;

  /// From `now` on another rate holds. What has not been paid for yet is paid for at that one, so
  /// that the bound holds over windows in which rates change: by the sum of what each has paid.
  void change(clock_time now, const allowance& allowed) noexcept;

  /// When the next message may start; not after `now` means at once.
  [[nodiscard]] clock_time next_start() const noexcept;
  /// As `next_start`, once messages of `units` have started before it.
  [[nodiscard]] clock_time next_start_behind(std::uint64_t units) const noexcept;

  /// Notes that a message of `units` starts at `now`, which must not be before `next_start()`.
  void start(clock_time now, std::uint32_t units) noexcept;

  /// Nobody knows what was started before `now`: it is taken for as much as can have been, the last
  /// message for one of `units`.
  void assume_used_up(clock_time now, std::uint32_t units) noexcept;

  /// When everything has been paid for: from then on the limit is as a new one.
  [[nodiscard]] clock_time paid_until() const noexcept { return paid_until_; }

private:
  [[nodiscard]] clock_time cost(double units) const noexcept;

  double ns_per_unit_;
  double ahead_units_;
  clock_time paid_until_{0};
};

/// One limit for each of the people that a number writes to. Those who have paid leave, so what is
/// in memory follows from how much is sent; beyond `pairs_max` somebody new waits for a place.
///
/// A broker that starts does not know what an earlier process has sent, and takes everybody's
/// allowance for used up at `born`: then none is exceeded over a restart either. Not thread-safe.
class pair_limits {
public:
  using clock_time = rate_limit::clock_time;

  pair_limits(const allowance& allowed, std::size_t pairs_max, clock_time born);

  /// When a message to `whom` may start; not after `now` means at once.
  [[nodiscard]] clock_time next_start(std::string_view whom, clock_time now);

  /// Notes that a message to `whom` starts at `now`, which must not be before `next_start()`.
  void start(std::string_view whom, clock_time now);

  /// How many people's limits are in memory.
  [[nodiscard]] std::size_t size() const noexcept { return limits_.size(); }

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  [[nodiscard]] rate_limit fresh() const noexcept;
  void let_go(clock_time now);

  allowance allowed_;
  std::size_t pairs_max_;
  clock_time born_;
  std::size_t look_at_ = 64;     // With so many in memory it is worth looking who has paid.
  clock_time first_paid_{0};     // When there are too many: when the first of them has paid.
  std::unordered_map<std::string, rate_limit, text_hash, std::equal_to<>> limits_;
};

}  // namespace parley::carrier
