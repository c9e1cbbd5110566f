#pragma once

#include <functional>
#include <optional>
#include <span>

#include "actors/pending_contacts.hpp"
#include "parley/model/answer.hpp"
#include "parley/model/contact.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/route.hpp"

namespace parley::ingress {

/// The routes of contacts: the people outside.
[[nodiscard]] std::span<const route> contact_routes() noexcept;

/// The contact that the path names, as it is durable. Throws `refusal` (not_found), also for
/// another organisation's (I11).
[[nodiscard]] model::contact require_contact(const api_context& context, const api_call& call);

/// Makes a change of contacts on the newest state, and answers when it is durable.
using contact_function = std::function<model::answer(actors::pending_contacts& now)>;

/// Admits the change and gives it to the contact book. A `refusal` that it throws becomes the
/// answer. Throws `refusal` when it is not admitted.
void submit_contact_change(const api_context& context, const api_call& call,
                           contact_function what);

// -- contact_history.cpp
[[nodiscard]] std::optional<model::answer> export_contact(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> erase_contact(const api_context&, const api_call&);

}  // namespace parley::ingress
