#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace parley::bench {

/// How many things happened in each second of a run: shows what an average hides, a pause above
/// all. Not thread-safe: each thread counts into its own, and `merge` adds them up.
class timeline {
public:
  /// Seconds that are told apart, a day; what is later counts into the last of them.
  static constexpr std::size_t seconds_max = 86'400;

  /// @param since_start what is before the start counts into the first second.
  void record(std::chrono::nanoseconds since_start) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(since_start).count();
    const auto second
      = std::min(static_cast<std::size_t>(std::max<std::int64_t>(whole, 0)), seconds_max - 1);
    if (second >= counts_.size())
      counts_.resize(second + 1);
    ++counts_[second];
  }

  void merge(const timeline& other) {
    counts_.resize(std::max(counts_.size(), other.counts_.size()));
    for (std::size_t i = 0; i < other.counts_.size(); ++i)
      counts_[i] += other.counts_[i];
  }

  /// Up to the last second in which something happened; that one may be cut short.
  [[nodiscard]] const std::vector<std::uint64_t>& per_second() const noexcept { return counts_; }

private:
  std::vector<std::uint64_t> counts_;
};

}  // namespace parley::bench
