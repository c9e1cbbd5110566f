#include "src/ingress/event_types.hpp"

#include "src/ingress/problem.hpp"

#include <algorithm>
#include <string>

namespace parley::ingress {

std::size_t event_type_index(std::string_view type) noexcept {
  const auto found = std::ranges::find(event_types, type);
  return static_cast<std::size_t>(found - event_types.begin());
}

type_filter::type_filter(std::string_view types) {
  if (types.empty()) {
    wanted_.set();
    return;
  }
  while (true) {
    const auto comma = types.find(',');
    const auto type = types.substr(0, comma);
    const auto index = event_type_index(type);
    if (index == event_types.size())
      throw refusal{model::errc::malformed,
                    "`types` names `" + std::string{type} + "`, which is no event type"};
    wanted_.set(index);
    if (comma == std::string_view::npos)
      return;
    types.remove_prefix(comma + 1);
  }
}

type_filter::type_filter(const std::vector<std::string>& types) {
  if (types.empty())
    wanted_.set();
  for (const auto& type : types)
    if (const auto index = event_type_index(type); index != event_types.size())
      wanted_.set(index);
}

}  // namespace parley::ingress
