#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/number_facts.hpp"
#include "actors/services.hpp"
#include "parley/actions/question.hpp"
#include "parley/conversation/rules.hpp"
#include "parley/model/command.hpp"
#include "parley/model/conversation.hpp"

namespace parley::actors {

/// What becomes of a message from outside that opens a conversation, as rules, hours and contacts
/// have it at this moment (mission 4.7 to 4.9).
struct opening {
  model::route route;
  std::optional<conversation::automatic_reply> reply;
  std::vector<std::string> labels;
  model::priority priority = model::priority::normal;
  bool close = false;
  std::optional<actions::known_contact> contact;
};

/// Works it out by the newest directory. Empty when the number's own facts say it all, as they do
/// where there are no rules, variants of automatic replies or data actions and nobody known: then
/// opening a conversation costs nothing more. May read the store. On a worker thread.
[[nodiscard]] std::optional<opening> prepare_opening(const services& shared,
                                                     const number_facts& number,
                                                     const model::conversation_state& state,
                                                     const model::receive_message& what,
                                                     const model::conversation_id& fresh_id,
                                                     model::timestamp now);

}  // namespace parley::actors
