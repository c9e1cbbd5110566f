#pragma once

#include <array>
#include <string_view>

namespace parley::model {

/// The event types of the contract (mission 10). Those that nothing makes yet can be asked for too:
/// who subscribes to them today need not change anything later.
inline constexpr auto event_types = std::to_array<std::string_view>({
  "conversation.created",
  "conversation.updated",
  "conversation.inactive",
  "conversation.closed",
  "conversation.participant_added",
  "conversation.participant_removed",
  "conversation.claimed",
  "conversation.released",
  "conversation.message.created",
  "conversation.message.updated",
  "conversation.contact_assigned",
  "delivery.updated",
  "consent.changed",
  "whatsapp.window_closing",
  "bulk.progress",
  "bulk.completed",
  "user.availability.updated",
  "number.unrouted",
});

}  // namespace parley::model
