#pragma once

#include <string_view>

#include <date/tz.h>

namespace parley::routing {

/// The zone of that name, which lives as long as the process; null when there is none.
[[nodiscard]] const date::time_zone* find_time_zone(std::string_view name) noexcept;

}  // namespace parley::routing
