#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace parley::ingress {

/// Keeps something that strangers can cause at will from filling the log: says when to warn, at
/// most once an interval, and how many times it happened since the last warning. Thread-safe.
class rare_warning {
public:
  using clock = std::chrono::steady_clock;

  explicit rare_warning(std::chrono::seconds interval) : interval_(interval) {}

  /// Counts one. The count to warn with, or nothing: somebody warned not long ago.
  [[nodiscard]] std::optional<std::uint64_t> count(clock::time_point now) noexcept {
    happened_.fetch_add(1, std::memory_order_relaxed);
    auto due = due_.load(std::memory_order_relaxed);
    const auto at = now.time_since_epoch().count();
    if (at < due)
      return std::nullopt;
    const auto next = (now + interval_).time_since_epoch().count();
    if (!due_.compare_exchange_strong(due, next, std::memory_order_relaxed))
      return std::nullopt;  // Another thread warns for this one too.
    return happened_.exchange(0, std::memory_order_relaxed);
  }

private:
  const std::chrono::seconds interval_;
  std::atomic<std::uint64_t> happened_{0};
  std::atomic<clock::rep> due_{0};
};

}  // namespace parley::ingress
