#pragma once

#include <string_view>

namespace parley::routing {

/// Whether the system's tz database has a zone of that name: `Europe/Berlin`, `UTC`. Names are
/// compared with the database's list and never looked up as paths; `localtime` is the machine's and
/// no name. False for all when there is no database. The first call reads the list. Any thread.
[[nodiscard]] bool is_time_zone(std::string_view name) noexcept;

}  // namespace parley::routing
