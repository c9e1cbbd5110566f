#pragma once

#include <string>

#include "parley/model/command.hpp"
#include "parley/model/conversation.hpp"
#include "src/ingress/api/call.hpp"

namespace parley::ingress {

// In whose name a request acts (mission 9, "roles"). An application names the acting user, who must
// be one that may act. A key with a user acts as that user, whom the body may name or leave out.

/// The request's body. For a key with a user, one that names neither `user` nor `team` as the one
/// who acts gets that user as `user`. Throws `refusal` (malformed) where that cannot be told.
[[nodiscard]] std::string acting_body(const api_context& context, const api_call& call);

/// Who acts on the conversation when the body has named `named`, or nobody. An admin's or owner's
/// key acts as its user where that one takes part, else as the organisation (empty): admins look
/// after conversations without being in them.
[[nodiscard]] std::string acting_user(const api_call& call,
                                      const model::conversation_state& state, std::string named);

/// Throws `refusal` (not_participant) when the key's user is one who changes only what he or she
/// takes part in, and does not: for what is not done in anybody's name.
void require_part(const api_call& call, const model::conversation_state& state);

/// Throws `refusal` (role_required) unless the request may have this done in the name that the
/// command has. Asked of every command: a new kind does not compile until it says who acts.
void require_may_act(const api_call& call, const model::command& what);

}  // namespace parley::ingress
