#pragma once

#include <string_view>

#include "parley/model/directory.hpp"
#include "parley/model/time.hpp"

namespace parley::routing {

/// Whether somebody is there at `now` (mission 4.9): the local date is no holiday, and a period of
/// its day of the week covers the local minute, `from_minute` included and `to_minute` not. By the
/// local clock: what it passes over in spring is in no period, what it shows twice in autumn is in
/// one both times. A zone that is no more in the tz database counts as UTC. Pure but for that
/// database, which the first call for a zone reads; any thread.
[[nodiscard]] bool is_open(const model::business_hours& hours, model::timestamp now);

/// The business hours of an inbox, or the organisation's where it has none (or there is no such
/// inbox); null: always open. Refers into `owner`.
[[nodiscard]] const model::business_hours* hours_of(const model::organization& owner,
                                                    std::string_view inbox) noexcept;

/// Whether an inbox is within its business hours.
[[nodiscard]] bool is_inside_hours(const model::organization& owner, std::string_view inbox,
                                   model::timestamp now);

/// Whether what comes to a number comes within the business hours of whoever would have it without
/// rules: what rules mean by `hours`.
[[nodiscard]] bool is_inside_hours(const model::organization& owner, const model::number& number,
                                   model::timestamp now);

}  // namespace parley::routing
