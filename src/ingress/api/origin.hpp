#pragma once

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"

namespace parley::ingress {

// What is asked of every message that may start a conversation, one or a million of them: from
// which number, and on whose behalf. All throw `refusal`.

/// The number carries the channel (number_not_allowed).
void require_channel(const model::number& number, model::channel kind);

/// The user is in the directory (unknown_user), or the team has an inbox (unknown_team).
void require_author(const model::organization& owner, const model::author& who);

/// Where the conversations go that `who` starts from the number, if that is allowed (mission 4).
[[nodiscard]] model::route require_outbound_route(const model::organization& owner,
                                                  const model::number& number,
                                                  const model::author& who);

}  // namespace parley::ingress
