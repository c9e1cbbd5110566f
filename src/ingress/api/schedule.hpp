#pragma once

#include <span>

#include "parley/model/conversation.hpp"
#include "parley/model/time.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/requests.hpp"

namespace parley::ingress {

/// A scheduled message's time is within the bounds of mission 6. Throws `refusal` (bad_schedule)
/// naming the bound.
void require_time(const api_context& context, model::timestamp send_at, model::timestamp now);

/// Time and validity of a send are within their bounds, and it is one that leaves. What repeats an
/// earlier request gets its first answer whatever the time is by now.
/// @param stays it is a note, or among users.
/// @param repeats its key was used before.
void require_schedule(const api_context& context, const send_request& request, bool stays,
                      bool repeats, model::timestamp now);

/// Whether the key, if it is one, is among those that were used.
[[nodiscard]] bool is_repeated(std::span<const model::used_key> keys, const model::id128& key);

}  // namespace parley::ingress
