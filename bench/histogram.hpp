#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace parley::bench {

/// Counts of values on a log-linear scale: exact below 2,048, and within three significant digits
/// (1 part in 1,024) up to `value_max`. Recording is a shift and an increment. Not thread-safe:
/// each thread records into its own, and `merge` adds them up.
class histogram {
public:
  /// Beyond this a value is recorded as this. In nanoseconds about 18 minutes.
  static constexpr std::uint64_t value_max = (std::uint64_t{1} << 40) - 1;

  histogram() : counts_(index_of(value_max) + 1) {}

  void record(std::uint64_t value) {
    const auto kept = std::min(value, value_max);
    ++counts_[index_of(kept)];
    ++count_;
    sum_ += static_cast<double>(kept);
    min_ = std::min(min_, kept);
    max_ = std::max(max_, kept);
  }

  void merge(const histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
  [[nodiscard]] double mean() const noexcept {
    return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_);
  }

  /// The smallest recorded value, to three digits, that at least `quantile` (0 to 1) of all values
  /// do not exceed; never more than `max()`. 0 when nothing was recorded.
  [[nodiscard]] std::uint64_t at(double quantile) const {
    if (count_ == 0)
      return 0;
    const auto exact = std::ceil(std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count_));
    const auto wanted = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(exact), 1, count_);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted)
        return std::min(highest_of(i), max_);
    }
    return max_;
  }

private:
  // Values below `linear` have a cell each. Every power of two above is split into `linear / 2`
  // cells of equal width, so a cell is never wider than 1/1,024 of the values in it.
  static constexpr unsigned linear_bits = 11;
  static constexpr std::uint64_t linear = std::uint64_t{1} << linear_bits;
  static constexpr std::uint64_t half = linear / 2;

  [[nodiscard]] static std::size_t index_of(std::uint64_t value) noexcept {
    if (value < linear)
      return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - linear_bits;
    return static_cast<std::size_t>(shift * half + (value >> shift));
  }

  /// The largest value that falls into the cell.
  [[nodiscard]] static std::uint64_t highest_of(std::size_t index) noexcept {
    if (index < linear)
      return index;
    const auto shift = index / half - 1;
    const auto lowest = (index - shift * half) << shift;
    return lowest + (std::uint64_t{1} << shift) - 1;
  }

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace parley::bench
