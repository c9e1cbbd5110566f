#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string_view>

namespace parley::ingress {

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

/// The place of a type in `event_types`; the array's size when there is none of that name.
[[nodiscard]] std::size_t event_type_index(std::string_view type) noexcept;

/// Which types somebody wants to see.
class type_filter {
public:
  /// Every type.
  type_filter() { wanted_.set(); }
  /// Reads names separated by commas; empty is every type. Throws `refusal` (malformed) naming one
  /// that is not known.
  explicit type_filter(std::string_view types);

  [[nodiscard]] bool accepts(std::size_t type_index) const { return wanted_.test(type_index); }

private:
  std::bitset<event_types.size()> wanted_;
};

}  // namespace parley::ingress
