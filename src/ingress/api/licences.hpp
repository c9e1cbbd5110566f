#pragma once

#include <string>

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"

namespace parley::ingress {

// What which licence is for (mission 2): chats, and one user with one customer over SMS, are for
// everybody; several users with one customer, team inboxes and WhatsApp need `pro_cx`. Asked of
// who writes, claims, joins or is given a conversation. Letting go of one (release, transfer,
// close), reading and labels are for every participant: who has lost the licence can hand over.

/// Throws `refusal` (licence_required) when the user's licence is less than `pro_cx`.
void require_pro_cx(const model::user& who);

/// Whether only users with `pro_cx` take part in the conversation, however few they are.
[[nodiscard]] bool needs_pro_cx(const model::conversation_state& state) noexcept;

/// Throws `refusal` (licence_required) when the user may not write in the conversation, or claim
/// it, with the users who take part now. A user who is not in the directory passes: the
/// conversation refuses whoever takes no part.
void require_licence(const model::organization& owner, const model::conversation_state& state,
                     const std::string& user);

}  // namespace parley::ingress
