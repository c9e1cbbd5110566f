#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/number_facts.hpp"
#include "actors/services.hpp"
#include "parley/actions/question.hpp"
#include "parley/model/command.hpp"
#include "parley/model/consent.hpp"
#include "parley/model/conversation.hpp"

namespace parley::actors {

/// What a decision has to know of who wants messages.
struct consent_view {
  std::vector<std::string> opted_out;  ///< Of the pair's outside parties.
  std::optional<model::consent_notice> notice;  ///< What an inbound message says about it.
};

/// Finds it out for the commands that depend on it, which most inbound messages do not: they cost
/// the look at how long their text is. May read the store; throws `store::store_error`. On a worker
/// thread.
/// @param contact who the outside party is, when that is known already; or null.
/// @param answers whether the number answers by itself to what opens a conversation.
[[nodiscard]] consent_view look_for_consent(const services& shared, const number_facts& number,
                                            const model::conversation_state& state,
                                            const model::command& what,
                                            const actions::known_contact* contact, bool answers);

}  // namespace parley::actors
