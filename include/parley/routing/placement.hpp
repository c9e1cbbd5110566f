#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"
#include "parley/model/time.hpp"
#include "parley/routing/conditions.hpp"
#include "parley/routing/rules.hpp"

namespace parley::routing {

/// What becomes of a message that opens a conversation.
struct placement {
  model::route route;
  std::vector<std::string> labels;  ///< In order, each once.
  model::priority priority = model::priority::normal;
  bool close = false;               ///< The rule ends it as soon as it is open.
  std::string reply_text;           ///< What Parley answers by itself, filled in; empty: nothing.
  std::string rule;                 ///< The rule that held; empty: none.
  std::size_t members_without_licence = 0;  ///< Were left out, and are counted in a warning.
};

/// Places an inbound message to one of the owner's numbers (mission 4.7 and 4.9). Without a rule
/// that holds the number decides (`route_inbound`). Of a rule's teams the first whose inbox can
/// answer has the conversation, the others' members with `pro_cx` take part, and its users do. Its
/// users alone: all of them take part, or with a strategy that gives it to one, one of them, chosen
/// by the sample's seed. Several users, a team inbox's and those of WhatsApp need `pro_cx`. Where
/// that leads to nobody the number decides; labels, priority and the rest of the rule stay.
///
/// The answer: the rule's text; else of the inbox that has it the first variant that holds, by that
/// inbox's hours; else the inbox's. The data action: the rule's, else the inbox's, else the
/// organisation's, those that are asked about outbound passed over. Pure; any thread.
[[nodiscard]] placement place_inbound(const model::organization& owner,
                                      const model::number& number, const rule_set& rules,
                                      const sample& message, model::timestamp now);

}  // namespace parley::routing
