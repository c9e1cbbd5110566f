#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::model {

/// The end of a day, in minutes after midnight.
inline constexpr std::int32_t minutes_of_a_day = 1'440;

/// Minutes after midnight as people write them, `09:00` to `24:00`, which is the end of the day;
/// nothing when the text is no such time. Pure.
[[nodiscard]] std::optional<std::int32_t> minute_of_clock(std::string_view text) noexcept;

/// The time that `minute_of_clock` reads. `minute` is from 0 to `minutes_of_a_day`.
[[nodiscard]] std::string clock_of_minute(std::int32_t minute);

/// Whether a text is a date of the calendar, `2026-12-25`.
[[nodiscard]] bool is_date(std::string_view text) noexcept;

}  // namespace parley::model
