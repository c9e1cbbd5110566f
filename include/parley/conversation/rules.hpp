#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "parley/model/command.hpp"
#include "parley/model/consent.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"
#include "parley/model/error.hpp"
#include "parley/model/event.hpp"

namespace parley::conversation {

/// What Parley answers by itself when a conversation is opened from outside.
struct automatic_reply {
  model::content_ptr what;
  std::uint32_t segments = 1;
};

/// What a decision may look at besides the state and the command.
struct circumstances {
  model::timestamp now{};
  /// Where the conversation goes if this command opens one. Null where none can be opened.
  const model::route* route = nullptr;
  /// What else holds for a conversation that is opened from outside.
  std::span<const std::string> labels{};
  model::priority priority = model::priority::normal;
  bool close_at_once = false;  ///< A rule wants it closed when its first message is in.
  model::contact_id contact{};  ///< Who the outside party is; none: nobody known.
  /// How long a data action may take before the default route is used.
  std::chrono::milliseconds question_patience{};
  /// The id of a conversation that this command opens.
  model::conversation_id fresh_id;
  /// The id of an inbound message that this command adds; sends bring their own.
  model::message_id fresh_message;
  /// Null where nothing is answered automatically.
  const automatic_reply* auto_reply = nullptr;
  /// The id of the automatic reply that this command adds.
  model::message_id fresh_reply;
  model::unknown_outcome_policy unknown_outcome = model::unknown_outcome_policy::hold;
  /// Outside parties of the pair who want no messages, as addresses (I7).
  std::span<const std::string> opted_out{};
  /// What the message says about consent that this command adds; null: nothing.
  const model::consent_notice* consent = nullptr;
};

/// The command was already carried out: nothing happens, the first answer is given again, but not
/// before what it repeats is durable.
struct duplicate {
  std::optional<model::used_key> first;  ///< For a send: what the first answer was made of.
};

/// Nothing to do and nothing wrong: a report that moves no state, a timer that is not the one set,
/// an attempt for a delivery that is finished or not known here.
struct nothing {};

/// Not carried out, and why; nothing changes.
struct refused {
  model::errc code = model::errc::internal;
};

/// What follows from a command: events, or a reason why there are none.
using decision = std::variant<std::vector<model::event>, duplicate, nothing, refused>;

/// What an inbound text is told from another by; never 0. Kept with the message, because the text
/// itself may be redacted later.
[[nodiscard]] std::uint32_t text_digest(std::string_view text) noexcept;

/// Decides. Pure: same arguments, same result; changes nothing.
[[nodiscard]] decision decide(const model::conversation_state& state, const model::command& what,
                              const circumstances& around);

/// Changes the state by an event that has its place in the journal. Total: every event that
/// `decide` made can be applied to the state it was made for. Depends on nothing else, so that a
/// replay under another configuration gives the same bytes (I10).
void apply(model::conversation_state& state, const model::event& event, std::uint64_t seq);

/// Whether users talk among themselves here: nothing leaves, and nobody outside takes part.
[[nodiscard]] bool is_chat(const model::conversation_state& state) noexcept;
/// Whether the chat is one between two users, who stay the two.
[[nodiscard]] bool is_chat_of_two(const model::conversation_state& state) noexcept;

/// What a message from inside is here.
[[nodiscard]] model::direction direction_of(const model::conversation_state& state,
                                            const model::send_message& what) noexcept;
/// Whom a message goes to that is not for the pair's other end alone: a group's parties but who has
/// written it, a chat's other users. Else empty.
[[nodiscard]] std::vector<std::string> recipients_of(const model::conversation_state& state,
                                                     const model::author& who);

/// Until when free-form messages may be sent over WhatsApp: 24 h from the customer's last message,
/// fixed by Meta (mission 7). Zero when nothing came yet, and on other channels.
[[nodiscard]] model::timestamp window_open_until(const model::conversation_state& state) noexcept;
/// Whether only templates may be sent now: over WhatsApp, outside that window.
[[nodiscard]] bool takes_templates_only(const model::conversation_state& state,
                                        model::timestamp now) noexcept;

/// How many messages stand after a participant's read position. Who writes has read what is before.
[[nodiscard]] std::uint64_t unread(const model::conversation_state& state,
                                   const model::participant& who) noexcept;

}  // namespace parley::conversation
