#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"
#include "parley/model/error.hpp"
#include "parley/model/message.hpp"

namespace parley::routing {

/// Where an inbound message to a number goes when it opens a conversation, and what was left out.
struct routing_result {
  model::route route;
  std::vector<std::string> members_without_licence;  ///< Of the team; counted in a warning.
};

/// Mission 4: a dedicated number → its user; a team inbox number → every member of the team with
/// `pro_cx`; an unassigned number → the organisation's `default_inbox`; else unrouted. An inbox
/// whose members all lack the licence is unrouted too: nobody could answer. WhatsApp to a user
/// without it goes the way of an unassigned number (mission 2). Pure.
[[nodiscard]] routing_result route_inbound(const model::organization& owner,
                                           const model::number& number, model::channel kind);

/// Whether WhatsApp to the number goes another way than SMS: its user lacks the licence for it.
[[nodiscard]] bool routes_whatsapp_apart(const model::organization& owner,
                                         const model::number& number) noexcept;

/// The route of a team inbox: its members with `pro_cx`, in the team's order. Unrouted when there
/// is none of them, or no such inbox. Pure.
[[nodiscard]] routing_result route_to_inbox(const model::organization& owner,
                                            std::string_view inbox);

/// Whom the inbox gives its conversations to, where it gives them: its members with `pro_cx` who
/// may act (mission 9: roles), in the team's order. Pure.
[[nodiscard]] std::vector<std::string> receivers_of(const model::organization& owner,
                                                    std::string_view inbox);

/// A chat of these users, who are in order and each once. It closes when the organisation's
/// conversations do. Pure.
[[nodiscard]] model::route route_chat(const model::organization& owner,
                                      std::vector<std::string> users);

/// Where a conversation goes that `author` starts from `number`, or why it must not be started.
///
/// Mission 4: its owner sends from a dedicated number, others only if a caller-ID list names both
/// (`number_not_allowed`). What was started belongs to the starter, unless the number is a shared
/// one that belongs to a team inbox: then the team takes part. From a number that is the inbox's
/// alone, `outbound` of the inbox decides: `forbidden` (`outbound_forbidden`), `allowed` (the
/// starter alone), `allowed_copy_team`. A team starts from the number of its own inbox. Pure.
[[nodiscard]] std::variant<model::route, model::errc>
route_outbound(const model::organization& owner, const model::number& number,
               const model::author& author);

}  // namespace parley::routing
