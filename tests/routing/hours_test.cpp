#include "parley/routing/hours.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace parley::routing {
namespace {

using days = std::vector<std::string>;

const days work_days{"mon", "tue", "wed", "thu", "fri"};
const days all_days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

model::timestamp at(std::string_view text) {
  const auto read = model::from_rfc3339(text);
  EXPECT_TRUE(read) << text;
  return *read;
}

/// 9 to 12 and 13 to 17:30 on work days.
model::business_hours office(std::string zone) {
  return {"office", std::move(zone), {{work_days, 540, 720}, {work_days, 780, 1050}}, {}};
}

struct hours_case {
  const char* name;
  model::business_hours hours;
  const char* at;
  bool open;
};

class business_hours : public ::testing::TestWithParam<hours_case> {};

TEST_P(business_hours, are_kept) {
  EXPECT_EQ(is_open(GetParam().hours, at(GetParam().at)), GetParam().open);
}

INSTANTIATE_TEST_SUITE_P(
  at_a_time, business_hours,
  ::testing::Values(
    hours_case{"before_the_morning", office("UTC"), "2026-03-03T08:59:59.999Z", false},
    hours_case{"the_first_minute", office("UTC"), "2026-03-03T09:00:00Z", true},
    hours_case{"the_last_minute", office("UTC"), "2026-03-03T11:59:59.999Z", true},
    hours_case{"the_break", office("UTC"), "2026-03-03T12:00:00Z", false},
    hours_case{"the_afternoon", office("UTC"), "2026-03-03T13:00:00Z", true},
    hours_case{"the_evening", office("UTC"), "2026-03-03T17:30:00Z", false},
    hours_case{"sunday", office("UTC"), "2026-03-01T10:00:00Z", false},
    hours_case{"no_periods", {"never", "UTC", {}, {}}, "2026-03-03T10:00:00Z", false},
    hours_case{"kolkata_begins", office("Asia/Kolkata"), "2026-03-03T03:30:00Z", true},
    hours_case{"kolkata_before", office("Asia/Kolkata"), "2026-03-03T03:29:00Z", false},
    hours_case{"a_local_monday_that_is_a_sunday_in_utc",
               {"early", "Asia/Kolkata", {{{"mon"}, 0, 60}}, {}}, "2026-03-01T19:00:00Z", true},
    hours_case{"to_the_end_of_the_day", {"late", "UTC", {{{"tue"}, 1380, 1440}}, {}},
               "2026-03-03T23:59:59.999Z", true},
    hours_case{"and_no_further", {"late", "UTC", {{{"tue"}, 1380, 1440}}, {}},
               "2026-03-04T00:00:00Z", false},
    hours_case{"berlin_winter", office("Europe/Berlin"), "2026-03-27T08:00:00Z", true},
    hours_case{"berlin_summer", office("Europe/Berlin"), "2026-03-30T07:00:00Z", true},
    hours_case{"berlin_summer_before", office("Europe/Berlin"), "2026-03-30T06:59:00Z", false},
    hours_case{"new_york_winter", office("America/New_York"), "2026-03-06T14:00:00Z", true},
    hours_case{"new_york_summer", office("America/New_York"), "2026-03-09T13:00:00Z", true},
    // 29 March 2026: the clock goes from 02:00 to 03:00; a period within that hour does not happen.
    hours_case{"berlin_gap_before", {"gap", "Europe/Berlin", {{all_days, 120, 180}}, {}},
               "2026-03-29T00:59:59Z", false},
    hours_case{"berlin_gap_after", {"gap", "Europe/Berlin", {{all_days, 120, 180}}, {}},
               "2026-03-29T01:00:00Z", false},
    hours_case{"berlin_gap_on_another_day", {"gap", "Europe/Berlin", {{all_days, 120, 180}}, {}},
               "2026-03-28T01:00:00Z", true},
    // 25 October 2026: 02:00 to 03:00 happens twice, and is open both times.
    hours_case{"berlin_double_hour_first", {"twice", "Europe/Berlin", {{all_days, 120, 180}}, {}},
               "2026-10-25T00:30:00Z", true},
    hours_case{"berlin_double_hour_second", {"twice", "Europe/Berlin", {{all_days, 120, 180}}, {}},
               "2026-10-25T01:30:00Z", true},
    hours_case{"berlin_after_the_double_hour",
               {"twice", "Europe/Berlin", {{all_days, 120, 180}}, {}}, "2026-10-25T02:00:00Z",
               false},
    hours_case{"new_york_gap", {"gap", "America/New_York", {{all_days, 120, 180}}, {}},
               "2026-03-08T07:00:00Z", false},
    hours_case{"new_york_double_hour", {"twice", "America/New_York", {{all_days, 60, 120}}, {}},
               "2026-11-01T06:30:00Z", true},
    hours_case{"a_holiday", {"open", "Europe/Berlin", {{all_days, 0, 1440}}, {"2026-12-25"}},
               "2026-12-25T11:00:00Z", false},
    hours_case{"a_holiday_begins_by_the_local_clock",
               {"open", "Europe/Berlin", {{all_days, 0, 1440}}, {"2026-12-25"}},
               "2026-12-24T23:00:00Z", false},
    hours_case{"a_holiday_ends_by_the_local_clock",
               {"open", "Europe/Berlin", {{all_days, 0, 1440}}, {"2026-12-25"}},
               "2026-12-25T23:00:00Z", true},
    hours_case{"an_unknown_zone_is_utc", office("Mars/Olympus_Mons"), "2026-03-03T09:00:00Z",
               true},
    hours_case{"before_1970", office("UTC"), "1969-12-31T23:59:59.999Z", false}),
  [](const auto& instance) { return instance.param.name; });

TEST(business_hours_of_an_inbox, are_its_own_or_the_organisations) {
  model::organization owner;
  owner.hours = {{"always", "UTC", {{all_days, 0, 1440}}, {}}, {"never", "UTC", {}, {}}};
  owner.users.emplace_back().id = "alice";
  owner.inboxes.emplace_back().team = "support";
  owner.inboxes.emplace_back().team = "sales";
  owner.inboxes.back().business_hours = "always";
  model::number number;
  const auto now = at("2026-03-03T10:00:00Z");

  EXPECT_TRUE(is_inside_hours(owner, number, now)) << "without hours it is always open";
  owner.business_hours = "never";
  EXPECT_FALSE(is_inside_hours(owner, number, now));
  number.inbox = "support";
  EXPECT_FALSE(is_inside_hours(owner, number, now));
  number.inbox = "sales";
  EXPECT_TRUE(is_inside_hours(owner, number, now));
  number.inbox.clear();
  owner.default_inbox = "sales";
  EXPECT_TRUE(is_inside_hours(owner, number, now));
  number.user = "alice";
  EXPECT_FALSE(is_inside_hours(owner, number, now)) << "a user's number keeps the organisation's";
  number.user = "gone";
  EXPECT_TRUE(is_inside_hours(owner, number, now));
}

/// The local time as the C library has it, which reads the same database by itself.
class c_library_zone {
public:
  explicit c_library_zone(const std::string& name) {
    setenv("TZ", name.c_str(), 1);
    tzset();
  }
  ~c_library_zone() {
    unsetenv("TZ");
    tzset();
  }
  c_library_zone(const c_library_zone&) = delete;
  c_library_zone& operator=(const c_library_zone&) = delete;

  [[nodiscard]] std::tm local(std::time_t at) const {
    std::tm out{};
    localtime_r(&at, &out);
    return out;
  }
};

/// Each minute of the local day, written down one by one.
bool is_open_by_the_calendar(const model::business_hours& hours, const std::tm& local) {
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%d", &local);
  for (const auto& holiday : hours.holidays)
    if (holiday == date.data())
      return false;
  static const std::array<std::string, 7> names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  std::array<bool, 1440> covered{};
  for (const auto& period : hours.periods)
    for (const auto& day : period.days)
      if (day == names.at(static_cast<std::size_t>(local.tm_wday)))
        for (auto minute = period.from_minute; minute < period.to_minute; ++minute)
          covered.at(static_cast<std::size_t>(minute)) = true;
  return covered.at(static_cast<std::size_t>(local.tm_hour * 60 + local.tm_min));
}

model::hours_period any_period() {
  model::hours_period made;
  made.days = *rc::gen::unique<days>(rc::gen::elementOf(all_days));
  made.from_minute = *rc::gen::inRange(0, 1440);
  made.to_minute = *rc::gen::inRange(made.from_minute + 1, 1441);
  return made;
}

RC_GTEST_PROP(business_hours, are_those_of_the_local_calendar, ()) {
  const std::vector<std::string> zones{"America/New_York", "Europe/Berlin", "Asia/Kolkata",
                                       "Australia/Lord_Howe", "Pacific/Apia", "UTC"};
  model::business_hours hours;
  hours.time_zone = *rc::gen::elementOf(zones);
  const auto periods = *rc::gen::inRange(0, 4);
  for (int i = 0; i < periods; ++i)
    hours.periods.push_back(any_period());
  // Around the changes of 2026's clocks, or anywhere from 1970 to 2037.
  const auto turn = *rc::gen::elementOf(
    std::vector<std::time_t>{1772953200, 1774746000, 1792890000, 1793512800, 1775307600});
  const auto when = *rc::gen::oneOf(rc::gen::inRange<std::time_t>(turn - 86'400, turn + 86'400),
                                    rc::gen::inRange<std::time_t>(0, 2'140'000'000));
  const c_library_zone zone{hours.time_zone};
  const auto local = zone.local(when);
  if (*rc::gen::inRange(0, 4) == 0) {
    std::array<char, 32> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%d", &local);
    hours.holidays = {"2026-01-01", date.data()};
  }
  const model::timestamp now{std::chrono::seconds{when}};
  RC_ASSERT(is_open(hours, now) == is_open_by_the_calendar(hours, local));
}

}  // namespace
}  // namespace parley::routing
