#include "parley/model/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace parley::model {

namespace {

constexpr std::size_t rfc3339_bytes_max = 64;
constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t day_ms = 86'400 * second_ms;

/// Reads a text from the left; the first thing that does not fit makes it bad for good.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {
  }

  /// Exactly `count` digits, at most `max` in value.
  int digits(std::size_t count, int max) {
    if (rest_.size() < count)
      return fail();
    int value = 0;
    for (const char digit : rest_.substr(0, count)) {
      if (digit < '0' || digit > '9')
        return fail();
      value = value * 10 + (digit - '0');
    }
    rest_.remove_prefix(count);
    return value <= max ? value : fail();
  }

  /// One of `choices`, which comes back; NUL when it is none of them.
  char one_of(std::string_view choices) {
    if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) {
      fail();
      return '\0';
    }
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  /// `.` and one digit or more, in milliseconds: what is finer is cut off. Absent: 0.
  int fraction_ms() {
    if (!rest_.starts_with('.'))
      return 0;
    rest_.remove_prefix(1);
    int value_ms = 0;
    int weight_ms = 100;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      value_ms += (rest_[count] - '0') * weight_ms;
      weight_ms /= 10;
    }
    if (count == 0)
      return fail();
    rest_.remove_prefix(count);
    return value_ms;
  }

  [[nodiscard]] bool complete() const noexcept { return good_ && rest_.empty(); }
  [[nodiscard]] bool good() const noexcept { return good_; }

private:
  int fail() {
    good_ = false;
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::string to_rfc3339(timestamp at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  std::array<char, 48> text{};
  const int length = std::snprintf(
    text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<timestamp> from_rfc3339(std::string_view text) {
  if (text.size() > rfc3339_bytes_max)
    return std::nullopt;
  reader in{text};
  const std::chrono::year year{in.digits(4, 9999)};
  in.one_of("-");
  const std::chrono::month month{static_cast<unsigned>(in.digits(2, 12))};
  in.one_of("-");
  const std::chrono::day day{static_cast<unsigned>(in.digits(2, 31))};
  in.one_of("Tt");
  const int hour = in.digits(2, 23);
  in.one_of(":");
  const int minute = in.digits(2, 59);
  in.one_of(":");
  const int second = in.digits(2, 60);
  const int fraction_ms = in.fraction_ms();
  const char zone = in.one_of("Zz+-");
  int offset_minutes = 0;
  if (in.good() && (zone == '+' || zone == '-')) {
    offset_minutes = in.digits(2, 23) * 60;
    in.one_of(":");
    offset_minutes += in.digits(2, 59);
    if (zone == '-')
      offset_minutes = -offset_minutes;
  }
  const std::chrono::year_month_day date{year, month, day};
  if (!in.complete() || !date.ok())
    return std::nullopt;
  const std::int64_t whole_ms = ((hour * 60 + minute - offset_minutes) * 60 + second) * second_ms;
  // A leap second exists only at the end of a UTC day. Unix time has no room for it: it reads as
  // the second after.
  if (second == 60 && whole_ms % day_ms != 0)
    return std::nullopt;
  const timestamp at = std::chrono::sys_days{date} + std::chrono::milliseconds{whole_ms}
                       + std::chrono::milliseconds{fraction_ms};
  // An offset can lead out of the years that the format can write.
  constexpr timestamp first = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
  constexpr timestamp end = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};
  if (at < first || at >= end)
    return std::nullopt;
  return at;
}

}  // namespace parley::model
