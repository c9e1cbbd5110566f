#include "parley/routing/hours.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>

#include "src/routing/time_zone.hpp"

namespace parley::routing {

namespace {

/// As `hours_period::days` has them, from Sunday.
constexpr std::array<std::string_view, 7> day_names{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

/// East of UTC at that time.
std::chrono::seconds offset_of(std::string_view zone_name, std::chrono::sys_seconds at) {
  const auto* zone = find_time_zone(zone_name);
  if (zone == nullptr)
    return std::chrono::seconds{0};
  try {
    return zone->get_info(at).offset;
  } catch (const std::exception&) {
    return std::chrono::seconds{0};  // The zone's file is gone or broken.
  }
}

/// As holidays are written: `2026-12-25`.
std::array<char, 10> written(const std::chrono::year_month_day& date) noexcept {
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto month = static_cast<unsigned>(date.month());
  const auto day = static_cast<unsigned>(date.day());
  const auto digit = [](unsigned value) { return static_cast<char>('0' + value % 10); };
  return {digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-',
          digit(month / 10),  digit(month),      '-',              digit(day / 10), digit(day)};
}

}  // namespace

bool is_open(const model::business_hours& hours, model::timestamp now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  // Local time, told as if it were UTC.
  const auto local = seconds + offset_of(hours.time_zone, seconds);
  const auto date = std::chrono::floor<std::chrono::days>(local);
  const auto text = written(std::chrono::year_month_day{date});
  if (std::ranges::find(hours.holidays, std::string_view{text.data(), text.size()})
      != hours.holidays.end())
    return false;
  const auto day = day_names.at(std::chrono::weekday{date}.c_encoding());
  const auto minute = std::chrono::floor<std::chrono::minutes>(local - date).count();
  return std::ranges::any_of(hours.periods, [&](const model::hours_period& period) {
    return period.from_minute <= minute && minute < period.to_minute
           && std::ranges::find(period.days, day) != period.days.end();
  });
}

const model::business_hours* hours_of(const model::organization& owner,
                                      std::string_view inbox_id) noexcept {
  const auto* inbox = inbox_id.empty() ? nullptr : owner.find_inbox(inbox_id);
  const bool own = inbox != nullptr && !inbox->business_hours.empty();
  const std::string& id = own ? inbox->business_hours : owner.business_hours;
  return id.empty() ? nullptr : owner.find_hours(id);
}

bool is_inside_hours(const model::organization& owner, std::string_view inbox,
                     model::timestamp now) {
  const auto* hours = hours_of(owner, inbox);
  return hours == nullptr || is_open(*hours, now);
}

bool is_inside_hours(const model::organization& owner, const model::number& number,
                     model::timestamp now) {
  if (!number.user.empty() && owner.find_user(number.user) != nullptr)
    return is_inside_hours(owner, std::string_view{}, now);
  return is_inside_hours(
    owner, std::string_view{number.inbox.empty() ? owner.default_inbox : number.inbox}, now);
}

}  // namespace parley::routing
