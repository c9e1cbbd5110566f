#pragma once

#include <span>

#include "parley/model/command.hpp"
#include "parley/model/conversation.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/requests.hpp"

namespace parley::ingress {

/// Mission 7: WhatsApp takes what Meta has approved. By SMS there is nobody to approve anything,
/// but what was turned down or stopped was so for its words. Throws `refusal`
/// (template_not_approved).
void require_sendable(const model::message_template& entry, model::channel over);

/// What a send asks for that names a template: no text yet, but all that tells one request from
/// another.
[[nodiscard]] model::content content_asked_for(const template_request& request);

/// Puts in place of what was asked for the text that the template makes, and its segments: from
/// then on the message is what it is, whatever becomes of the template. `what` has its idempotency
/// key and the request's digest; if `keys`, the pair's, say that this was carried out before, the
/// text is the one that was sent then. Throws `refusal`: malformed among users, unknown_template,
/// template_not_approved, template_variables, body_too_long (mission 7).
void make_from_template(const api_context& context, const api_call& call,
                        const model::pair& between, std::span<const model::used_key> keys,
                        const template_request& request, model::send_message& what);

}  // namespace parley::ingress
