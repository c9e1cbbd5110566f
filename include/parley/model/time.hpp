#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace parley::model {

/// A point in time, UTC, in milliseconds. Rules take it as an argument and never read a clock.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// The wall clock, for the rooms that are allowed one.
[[nodiscard]] inline timestamp wall_clock() noexcept {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// RFC 3339 in UTC with milliseconds: `2026-01-02T03:04:05.678Z`.
[[nodiscard]] std::string to_rfc3339(timestamp at);

/// Reads RFC 3339 with `Z` or a numeric offset, with or without fractional seconds.
[[nodiscard]] std::optional<timestamp> from_rfc3339(std::string_view text);

}  // namespace parley::model
