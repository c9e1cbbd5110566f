#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parley/routing/route.hpp"

namespace parley::routing {

void add_once(std::vector<std::string>& out, const std::string& id);

/// The members who may answer, in the team's order, each once; the others as left out.
void add_members(const model::organization& owner, const model::team& team, routing_result& out);

/// Whether the user's role lets him or her answer (mission 9).
[[nodiscard]] bool may_act(const model::organization& owner, std::string_view user) noexcept;

/// The conversation of one user, with the organisation's times.
[[nodiscard]] model::route route_to_user(const model::organization& owner,
                                         const std::string& user);

}  // namespace parley::routing
