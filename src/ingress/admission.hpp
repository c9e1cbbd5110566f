#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>

#include "parley/model/error.hpp"

namespace parley::ingress {

/// Counts what was admitted and is not settled. CAF's mailboxes and the journal's queue have no
/// bounds of their own: this is theirs. Thread-safe.
class admission {
public:
  explicit admission(std::size_t in_flight_max) : in_flight_max_(in_flight_max) {}

  /// Counts one in, or says why not: `overloaded` or `shutting_down`. Pairs with `release`.
  [[nodiscard]] std::optional<model::errc> try_admit() noexcept;
  /// What `try_admit` would say now; costs one load, so that shedding is cheap.
  [[nodiscard]] std::optional<model::errc> would_refuse() const noexcept;
  void release(std::size_t count) noexcept;

  /// Nothing is admitted from here on.
  void close() noexcept;
  [[nodiscard]] bool closed() const noexcept;
  /// Waits until nothing is in flight, at most `patience`. False when time ran out.
  [[nodiscard]] bool wait_until_empty(std::chrono::milliseconds patience);

  [[nodiscard]] std::size_t in_flight() const noexcept;

private:
  const std::size_t in_flight_max_;
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<bool> closed_{false};
  std::atomic<bool> awaited_{false};
  std::mutex mutex_;
  std::condition_variable emptied_;
};

}  // namespace parley::ingress
