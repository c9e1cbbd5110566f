#include "src/conversation/deadlines.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace parley::conversation {

namespace {

std::optional<model::timestamp> after(model::timestamp start, std::int64_t wait_ms) noexcept {
  if (wait_ms <= 0)
    return std::nullopt;
  const std::chrono::milliseconds wait{wait_ms};
  // Before the epoch the sum cannot overflow; after it the difference cannot.
  if (start > model::timestamp{} && wait > model::timestamp::max() - start)
    return model::timestamp::max();
  return start + wait;
}

}  // namespace

model::timestamp deadlines::first() const noexcept {
  if (inactive && close)
    return std::min(*inactive, *close);
  return inactive.value_or(close.value_or(model::timestamp{}));
}

deadlines deadlines_of(const model::route& route, model::conversation_phase phase,
                       model::timestamp last_activity) noexcept {
  deadlines result;
  if (phase == model::conversation_phase::active)
    result.inactive = after(last_activity, route.inactive_after_ms);
  result.close = after(last_activity, route.close_after_ms);
  return result;
}

}  // namespace parley::conversation
