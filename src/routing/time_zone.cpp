#include "src/routing/time_zone.hpp"

#include <algorithm>
#include <exception>

#include "parley/routing/time_zone.hpp"

namespace parley::routing {

const date::time_zone* find_time_zone(std::string_view name) noexcept {
  if (name == "localtime")
    return nullptr;
  try {
    const auto& zones = date::get_tzdb().zones;
    const auto found = std::ranges::lower_bound(
      zones, name, {}, [](const date::time_zone& zone) { return std::string_view{zone.name()}; });
    return found != zones.end() && found->name() == name ? &*found : nullptr;
  } catch (const std::exception&) {
    return nullptr;  // No database on this machine, or none that can be read.
  }
}

bool is_time_zone(std::string_view name) noexcept { return find_time_zone(name) != nullptr; }

}  // namespace parley::routing
