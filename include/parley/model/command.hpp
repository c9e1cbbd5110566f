#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "parley/model/conversation.hpp"
#include "parley/model/event.hpp"
#include "parley/model/message.hpp"

namespace parley::model {

/// A message from outside.
struct receive_message {
  content_ptr what;
  id128 dedupe;  ///< Digest of the carrier's message id; the same twice is one message (I5).
  std::uint32_t segments = 1;
  std::string from{};  ///< Of a group: which party's address it is from. Else empty.
};

/// A reply from inside, or a note among the participants.
struct send_message {
  model::message_id message;  ///< Made by whoever took the request.
  conversation_id conversation;
  model::author author;
  content_ptr what;
  std::uint32_t segments = 1;
  id128 idempotency_key;  ///< None when the request had none.
  id128 request_digest;
  bool note = false;      ///< Seen by the participants, never sent.
  std::vector<std::string> mentions;  ///< Users whom it calls by name.
  bulk_line bulk{};       ///< None: it is not a bulk job's.
  timestamp send_at{};    ///< Zero: at once.
  std::int64_t validity_ms = 0;  ///< 0: as configured.
};

/// A conversation started from inside: opened, or joined when the pair has an open one. With
/// `first.what` it is also the first message.
struct start_conversation {
  send_message first;     ///< Its conversation is not known yet; the author always is.
  model::route route;     ///< Where the conversation goes if this opens it.
  std::string subject{};  ///< What it is about if this opens it.
};

/// A carrier's word on a message it was given.
struct report_delivery {
  std::string provider_id;
  delivery_state state = delivery_state::sent;
  std::int32_t error_code = 0;
  model::message_id message{};  ///< That the report says it is about; none: it does not say.
  std::string to{};             ///< The recipient, of a group.
};

/// The sender is about to hand a message to the carrier. Must be durable before it does (I2).
struct begin_attempt {
  model::message_id message;
  std::string to{};  ///< The recipient, of a group.
  /// How often it was tried, as far as the sender knows: what was tried more often, by an earlier
  /// process, waits for its time (mission 6). Nothing: it does not matter.
  std::optional<std::uint32_t> tried{};
  /// What the pair has accepted behind this sequence number, and before the message, goes first.
  std::uint64_t first_after_seq = std::numeric_limits<std::uint64_t>::max();
};

/// What came of the attempt: `sent` with the carrier's id, `failed` with its code, `queued` for
/// another try, or `unknown`.
struct end_attempt {
  model::message_id message;
  delivery_state state = delivery_state::sent;
  std::int32_t error_code = 0;
  std::string provider_id;
  std::string to{};  ///< The recipient, of a group.
  bool tried = true;  ///< False with `queued`: it was not handed over, or turned away unread.
};

/// Close by a user, or by the application when `user` is empty.
struct close_conversation {
  conversation_id conversation;
  std::string user;
};

/// A user has read up to `index`; 0 means everything there is.
struct mark_read {
  conversation_id conversation;
  std::string user;
  std::uint64_t index = 0;
};

/// A participant of a team's conversation carries on alone.
struct claim_conversation {
  conversation_id conversation;
  std::string user;
};

/// Back to the team. By the application when `user` is empty.
struct release_conversation {
  conversation_id conversation;
  std::string user;
};

/// To one user, or to the team inbox that `to` describes. By the application when `by` is empty.
struct transfer_conversation {
  conversation_id conversation;
  std::string by;
  std::string to_user;  ///< Empty: to `to`.
  model::route to;      ///< Inbox, its members and its claim expiry; the rest stays as it is.
};

struct add_participant {
  conversation_id conversation;
  std::string user;
};

struct remove_participant {
  conversation_id conversation;
  std::string user;
};

/// Out of sight until a time; a time that is not in the future ends it. An inbound message ends it
/// too. By the application when `user` is empty.
struct snooze_conversation {
  conversation_id conversation;
  std::string user;
  timestamp until{};
};

struct change_labels {
  conversation_id conversation;
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

/// An inbox gives a conversation that waits in its queue to one user, who is of its team now.
struct assign_conversation {
  conversation_id conversation;
  std::string user;
  std::string inbox{};
};

/// By the application when `user` is empty.
struct change_priority {
  conversation_id conversation;
  std::string user;
  model::priority priority = model::priority::normal;
};

/// Takes a message's text and files away. One that waits to be sent is not sent any more.
struct redact_message {
  conversation_id conversation;  ///< The message's, which may be closed.
  model::message_id message;
  std::uint64_t index = 0;
  std::uint64_t message_seq = 0;
};

/// A text that Parley sends by itself.
struct automatic_text {
  model::message_id message;
  content_ptr what;
  std::uint32_t segments = 1;
};

/// Calls a message off for everybody to whom it has not begun to leave.
struct cancel_message {
  conversation_id conversation;  ///< The message's, which may be closed.
  model::message_id message;
};

/// Gives a message that waits for its time another text, another time or both.
struct edit_message {
  conversation_id conversation;  ///< The message's, which may be closed.
  model::message_id message;
  std::uint64_t index = 0;
  std::uint64_t message_seq = 0;
  content_ptr what;              ///< Null: as it is.
  std::uint32_t segments = 1;    ///< Of that text.
  timestamp send_at{};           ///< Zero: as it is.
};

/// What an operator has found out of an attempt whose outcome is not known, or `resend`: it is to
/// be tried again, whatever came of it.
enum class resolution : std::uint8_t { sent = 1, failed, resend };

/// An operator settles an unknown outcome (mission 6).
struct resolve_delivery {
  conversation_id conversation;  ///< The message's, which may be closed.
  model::message_id message;
  std::string to;                ///< The recipient, of a group.
  resolution as = resolution::failed;
};

/// What a data action asked for, checked and in the directory's terms.
struct action_answer {
  std::optional<model::route> to;       ///< Another route than the default.
  std::vector<std::string> add;
  std::vector<std::string> remove;
  std::vector<automatic_text> replies;
  std::vector<std::string> labels;      ///< Added.
  std::vector<attribute> attributes;    ///< An empty value takes one away.
  std::optional<model::priority> priority;
  bool close = false;
};

/// What came of a question to a data action.
struct settle_question {
  conversation_id conversation;
  std::uint64_t index = 0;  ///< Of the message that the question was about.
  question_outcome outcome = question_outcome::answered;
  std::string detail;
  action_answer answer;
};

/// It has become known who the outside party is, or that it is nobody known.
struct assign_contact {
  contact_id contact;
};

/// In the thread of a user with himself or herself.
struct change_availability {
  std::string user;
  model::presence presence = model::presence::offline;
  bool by_stream = false;
};

/// An inbound message's files were fetched from the carrier, or could not be.
struct settle_media {
  conversation_id conversation;  ///< The message's, which may be closed.
  model::message_id message;
  std::uint64_t index = 0;
  std::uint64_t message_seq = 0;
  std::vector<media> files;  ///< All of the message's, in order, each with what became of it.
};

/// Somebody inside records what a person outside wants (mission 5).
struct change_consent {
  std::string address;  ///< With channel: the pair's other end.
  bool everywhere = false;  ///< For all numbers of the organisation, not only the pair's.
  consent_state state = consent_state::opted_out;
  std::string text;     ///< A remark.
  std::string by;       ///< A user, or the key's name.
};

/// The timer row of this due time has come up.
struct fire_timer {
  timestamp due{};
};

/// The hot one first.
using command = std::variant<receive_message, report_delivery, send_message, begin_attempt,
                             end_attempt, close_conversation, mark_read, fire_timer,
                             start_conversation, claim_conversation, release_conversation,
                             transfer_conversation, add_participant, remove_participant,
                             snooze_conversation, change_labels, assign_conversation,
                             change_priority, redact_message, settle_question, assign_contact,
                             change_availability, settle_media, change_consent,
                             cancel_message, edit_message, resolve_delivery>;

}  // namespace parley::model
