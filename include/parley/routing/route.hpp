#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"

namespace parley::routing {

/// Where an inbound message to a number goes when it opens a conversation, and what was left out.
struct routing_result {
  model::route route;
  std::vector<std::string> members_without_licence;  ///< Of the team; counted in a warning.
};

/// Mission 4: a dedicated number → its user; a team inbox number → every member of the team with
/// `pro_cx`; an unassigned number → the organisation's `default_inbox`; else unrouted. An inbox
/// whose members all lack the licence is unrouted too: nobody could answer. Pure.
[[nodiscard]] routing_result route_inbound(const model::organization& owner,
                                           const model::number& number);

}  // namespace parley::routing
