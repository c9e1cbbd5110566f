#include "parley/carrier/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "parley/carrier/twilio.hpp"

namespace parley::carrier {

namespace {

std::optional<std::uint32_t> digits(std::string_view text) noexcept {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return value;
}

}  // namespace

attempt_verdict judge_attempt(bool answered, bool lost, int status, std::string_view body) {
  using kind = attempt_verdict::kind;
  if (lost)
    return {kind::unknown, {}, 0};
  if (!answered)
    return {kind::transient, {}, 0};
  auto outcome = decode_twilio_send_answer(status, body);
  attempt_verdict verdict{kind::transient, std::move(outcome.provider_id), outcome.error_code};
  switch (outcome.what) {
    case twilio_send_outcome::kind::accepted:
      verdict.what = kind::accepted;
      break;
    case twilio_send_outcome::kind::throttled:
      verdict.what = kind::throttled;
      break;
    case twilio_send_outcome::kind::permanent:
      verdict.what = kind::permanent;
      break;
    case twilio_send_outcome::kind::transient:
      break;
  }
  return verdict;
}

std::optional<std::chrono::milliseconds> retry_delay(std::uint32_t attempts) noexcept {
  using namespace std::chrono_literals;
  constexpr std::array<std::chrono::milliseconds, 4> delays{5s, 30s, 5min, 30min};
  if (attempts == 0 || attempts > delays.size())
    return std::nullopt;
  return delays[attempts - 1];
}

std::chrono::milliseconds throttle_pause(std::uint32_t in_a_row, std::string_view retry_after,
                                         model::timestamp now) noexcept {
  using std::chrono::milliseconds;
  constexpr milliseconds shortest{std::chrono::seconds{1}};
  constexpr milliseconds longest{std::chrono::hours{1}};
  std::uint32_t asked_s = 0;
  const auto* end = retry_after.data() + retry_after.size();
  const auto read = std::from_chars(retry_after.data(), end, asked_s);
  if (!retry_after.empty() && read.ec == std::errc{} && read.ptr == end)
    return std::clamp(milliseconds{std::chrono::seconds{asked_s}}, shortest, longest);
  if (const auto until = http_date(retry_after))
    return std::clamp(std::chrono::ceil<milliseconds>(*until - now), shortest, longest);
  const auto doublings = std::min<std::uint32_t>(std::max<std::uint32_t>(in_a_row, 1) - 1, 6);
  return std::min(milliseconds{1'000U << doublings}, milliseconds{60'000});
}

std::optional<model::timestamp> http_date(std::string_view text) noexcept {
  constexpr std::string_view shape = "www, dd mmm yyyy hh:nn:ss GMT";
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != shape.size())
    return std::nullopt;
  for (std::size_t i = 3; i < shape.size(); ++i)  // The day of the week says nothing new.
    if (const bool free = shape[i] >= 'a' && shape[i] <= 'z'; !free && text[i] != shape[i])
      return std::nullopt;
  const auto month = std::ranges::find(months, text.substr(8, 3));
  const auto year = digits(text.substr(12, 4));
  const auto day = digits(text.substr(5, 2));
  const auto hour = digits(text.substr(17, 2));
  const auto minute = digits(text.substr(20, 2));
  const auto second = digits(text.substr(23, 2));
  if (month == months.end() || !year || !day || !hour || !minute || !second)
    return std::nullopt;
  const std::chrono::year_month_day date{
    std::chrono::year{static_cast<int>(*year)},
    std::chrono::month{static_cast<unsigned int>(month - months.begin() + 1)},
    std::chrono::day{*day}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return model::timestamp{std::chrono::sys_days{date}} + std::chrono::hours{*hour}
         + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

std::chrono::milliseconds with_jitter(std::chrono::milliseconds wait, double noise) noexcept {
  return wait
         + std::chrono::milliseconds{
           static_cast<std::int64_t>(static_cast<double>(wait.count()) / 5.0 * noise)};
}

}  // namespace parley::carrier
