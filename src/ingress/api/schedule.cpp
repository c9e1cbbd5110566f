#include "src/ingress/api/schedule.hpp"

#include "parley/model/limits.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace parley::ingress {

namespace {

[[noreturn]] void refuse(std::string detail) {
  throw refusal{model::errc::bad_schedule, std::move(detail)};
}

}  // namespace

void require_time(const api_context& context, model::timestamp send_at, model::timestamp now) {
  if (send_at < now + context.schedules.ahead_min)
    refuse("`send_at` must be at least " + std::to_string(context.schedules.ahead_min.count())
           + " seconds ahead");
  if (send_at > now + model::schedule_ahead_max)
    refuse("`send_at` must be at most " + std::to_string(model::schedule_ahead_max.count())
           + " days ahead");
}

void require_schedule(const api_context& context, const send_request& request, bool stays,
                      bool repeats, model::timestamp now) {
  const bool timed = request.send_at != model::timestamp{};
  if (stays && (timed || request.validity_ms != 0))
    refuse(std::string{timed ? "`send_at`" : "`validity_s`"}
           + ": notes, and messages among users, do not wait to be sent");
  if (timed && !repeats)
    require_time(context, request.send_at, now);
  if (std::chrono::milliseconds{request.validity_ms} > context.schedules.validity_max)
    refuse("`validity_s` must be at most "
           + std::to_string(context.schedules.validity_max.count()));
}

bool is_repeated(std::span<const model::used_key> keys, const model::id128& key) {
  return key.has_value()
         && std::ranges::find(keys, key, &model::used_key::key) != keys.end();
}

}  // namespace parley::ingress
