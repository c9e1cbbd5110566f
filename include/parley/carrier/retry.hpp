#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parley/model/time.hpp"

namespace parley::carrier {

/// What came of one attempt to hand a message to a carrier (mission 6, retry classes).
struct attempt_verdict {
  enum class kind : std::uint8_t { accepted, throttled, transient, permanent, unknown };

  kind what = kind::transient;
  std::string provider_id;      ///< When accepted.
  std::int32_t error_code = 0;  ///< The carrier's code, or the HTTP status when it gave none.
};

/// Judges an exchange: `answered` with a status and body, or `lost` after the request may have been
/// written (the outcome is unknown), or neither: nothing was written, so it may be tried again.
[[nodiscard]] attempt_verdict judge_attempt(bool answered, bool lost, int status,
                                            std::string_view body);

/// How long to wait before the next try after `attempts` that failed transiently: 5 s, 30 s, 5 min,
/// 30 min, then nothing: the delivery has failed.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_delay(std::uint32_t attempts) noexcept;

/// How long a throttled number pauses: what `Retry-After` asks for, in seconds or until a date
/// (at least a second, at most an hour), else 1 s doubled for each throttling in a row, at most a
/// minute. `now` is the wall clock's.
[[nodiscard]] std::chrono::milliseconds throttle_pause(std::uint32_t in_a_row,
                                                       std::string_view retry_after,
                                                       model::timestamp now) noexcept;

/// Reads a date as HTTP has it, `Wed, 21 Oct 2026 07:28:00 GMT` (RFC 9110, IMF-fixdate). Nothing
/// when it is anything else; the two obsolete forms are.
[[nodiscard]] std::optional<model::timestamp> http_date(std::string_view text) noexcept;

/// `noise`, from 0 to 1, of a fifth on top: who was turned away together does not come back
/// together.
[[nodiscard]] std::chrono::milliseconds with_jitter(std::chrono::milliseconds wait,
                                                    double noise) noexcept;

}  // namespace parley::carrier
