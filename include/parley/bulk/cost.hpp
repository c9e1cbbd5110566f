#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "parley/model/directory.hpp"

namespace parley::bulk {

/// What the segments of a job will cost, by its organisation's prices (mission 8, dry run). The
/// longest beginning of the recipient's number that has a price decides. One thread at a time.
class cost_estimate {
public:
  /// `prices` are sound (`fault_of_settings`).
  explicit cost_estimate(const model::price_settings& prices);

  /// @param number of the recipient, such as +15551230001.
  void add(std::string_view number, std::uint32_t segments);

  [[nodiscard]] const std::string& currency() const noexcept { return currency_; }
  [[nodiscard]] std::uint64_t millionths() const noexcept { return millionths_; }
  /// Segments to recipients for whom there is no price; not in the sum.
  [[nodiscard]] std::uint64_t unpriced_segments() const noexcept { return unpriced_segments_; }

private:
  std::string currency_;
  std::unordered_map<std::string, std::uint64_t> price_of_;  ///< In millionths, by beginning.
  std::size_t beginning_max_ = 0;                            ///< The longest of them.
  std::uint64_t millionths_ = 0;
  std::uint64_t unpriced_segments_ = 0;
};

}  // namespace parley::bulk
