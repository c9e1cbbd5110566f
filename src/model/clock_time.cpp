#include "parley/model/clock_time.hpp"

#include <chrono>

namespace parley::model {

namespace {

/// The number that `text` is, all digits, or nothing.
std::optional<int> digits(std::string_view text) noexcept {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::string two_digits(std::int32_t value) {
  return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}

}  // namespace

std::optional<std::int32_t> minute_of_clock(std::string_view text) noexcept {
  if (text.size() != 5 || text[2] != ':')
    return std::nullopt;
  const auto hour = digits(text.substr(0, 2));
  const auto minute = digits(text.substr(3));
  if (!hour || !minute || *minute > 59 || *hour * 60 + *minute > minutes_of_a_day)
    return std::nullopt;
  return *hour * 60 + *minute;
}

std::string clock_of_minute(std::int32_t minute) {
  return two_digits(minute / 60) + ':' + two_digits(minute % 60);
}

bool is_date(std::string_view text) noexcept {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-')
    return false;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8));
  return year && month && day
         && std::chrono::year_month_day{std::chrono::year{*year},
                                        std::chrono::month{static_cast<unsigned>(*month)},
                                        std::chrono::day{static_cast<unsigned>(*day)}}
              .ok();
}

}  // namespace parley::model
