#include "parley/carrier/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "parley/carrier/twilio.hpp"

namespace parley::carrier {

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

std::chrono::milliseconds throttle_pause(std::uint32_t in_a_row,
                                         std::string_view retry_after) noexcept {
  std::uint32_t asked_s = 0;
  const auto* end = retry_after.data() + retry_after.size();
  const auto read = std::from_chars(retry_after.data(), end, asked_s);
  if (!retry_after.empty() && read.ec == std::errc{} && read.ptr == end)
    return std::chrono::seconds{std::clamp<std::uint32_t>(asked_s, 1, 3'600)};
  const auto doublings = std::min<std::uint32_t>(std::max<std::uint32_t>(in_a_row, 1) - 1, 6);
  return std::min(std::chrono::milliseconds{1'000U << doublings},
                  std::chrono::milliseconds{60'000});
}

}  // namespace parley::carrier
