#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "parley/model/bulk.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/message.hpp"

namespace parley::model {

/// A conversation of the pair began. External: `conversation.created`, and `number.unrouted` when
/// nobody is responsible for the number.
struct conversation_opened {
  conversation_id previous;  ///< The pair's conversation before; none for the first.
  model::route route;
  timestamp timer_due{};     ///< When to look whether it is idle; zero is never.
  std::string subject{};     ///< Who started it has said what it is about; may be empty.

  friend bool operator==(const conversation_opened&, const conversation_opened&) = default;
};

/// What a scheduled message was last changed to, besides its text. In its record only: the state
/// follows from `message_edited`.
struct edition {
  timestamp at{};             ///< Zero: never.
  timestamp send_at{};
  std::uint32_t segments = 1;

  friend bool operator==(const edition&, const edition&) = default;
};

/// A message took its place. External: `conversation.message.created`.
struct message_added {
  model::message_id message;
  std::uint64_t index = 0;   ///< From 1, without gaps, in order of acceptance (I3).
  model::direction direction = direction::inbound;
  model::author author;
  content_ptr what;
  std::uint32_t segments = 1;
  id128 idempotency_key;     ///< None when the request had none.
  id128 request_digest;
  id128 dedupe;              ///< Digest of the carrier's message id (I5); none for outbound ones.
  std::uint32_t text_digest = 0;      ///< Of an inbound text, which may be redacted later.
  std::vector<std::string> mentions;  ///< Users whom it calls by name.
  /// Addresses that it goes to one by one: a group's parties (of an inbound message: the other
  /// ones), a chat's other users. Empty: it goes to the pair's other end, if it leaves at all.
  std::vector<std::string> recipients;
  bool confirms_opt_out = false;  ///< The one text that whoever has just opted out still gets.
  bulk_line bulk;                 ///< Replies by people overtake what a bulk job sends.
  timestamp send_at{};            ///< When it is to leave (mission 6); zero: at once.
  std::int64_t validity_ms = 0;   ///< It expires so long after that; 0: as configured.
  edition edited{};               ///< Whoever wants the newest asks `send_at_of`, `segments_of`.

  friend bool operator==(const message_added& a, const message_added& b) {
    return a.message == b.message && a.index == b.index && a.direction == b.direction
           && a.author == b.author && *a.what == *b.what && a.segments == b.segments
           && a.idempotency_key == b.idempotency_key
           && a.request_digest == b.request_digest && a.dedupe == b.dedupe
           && a.text_digest == b.text_digest && a.mentions == b.mentions
           && a.recipients == b.recipients && a.confirms_opt_out == b.confirms_opt_out
           && a.bulk == b.bulk && a.send_at == b.send_at && a.validity_ms == b.validity_ms
           && a.edited == b.edited;
  }
};

/// When the message is to leave, as it was last said; zero: at once.
[[nodiscard]] inline timestamp send_at_of(const message_added& added) noexcept {
  return added.edited.at == timestamp{} ? added.send_at : added.edited.send_at;
}

/// The segments of its text as it is now.
[[nodiscard]] inline std::uint32_t segments_of(const message_added& added) noexcept {
  return added.edited.at == timestamp{} ? added.segments : added.edited.segments;
}

/// A delivery moved forward. External: `delivery.updated`.
struct delivery_changed {
  model::message_id message;
  std::uint64_t index = 0;
  delivery_state state = delivery_state::queued;
  std::int32_t error_code = 0;
  std::uint32_t attempts = 0;
  std::string provider_id;
  std::string to{};  ///< The recipient, of a group; empty: the pair's other end.

  friend bool operator==(const delivery_changed&, const delivery_changed&) = default;
};

/// A report for a carrier id not known yet was kept. Not external.
struct report_parked {
  parked_report report;

  friend bool operator==(const report_parked&, const report_parked&) = default;
};

/// No message for the idle time. External: `conversation.inactive`.
struct conversation_idled {
  timestamp timer_due{};  ///< When to look again: the closing time; zero is never.

  friend bool operator==(const conversation_idled&, const conversation_idled&) = default;
};

/// Closed is final. External: `conversation.closed`.
struct conversation_closed {
  close_reason reason = close_reason::none;
  std::string user;  ///< Who closed it; empty when nobody did.

  friend bool operator==(const conversation_closed&, const conversation_closed&) = default;
};

/// A participant has read up to a message. External: `conversation.updated`.
struct read_advanced {
  std::string user;
  std::uint64_t index = 0;

  friend bool operator==(const read_advanced&, const read_advanced&) = default;
};

/// The timer fired early (messages do not rewrite it) and was set anew. Not external.
struct timer_rearmed {
  timestamp timer_due{};

  friend bool operator==(const timer_rearmed&, const timer_rearmed&) = default;
};

/// One user carries on alone; everybody else is removed. External: `conversation.claimed`.
struct conversation_claimed {
  std::string user;
  bool assigned = false;  ///< Given by the inbox; who was added besides the team stays.

  friend bool operator==(const conversation_claimed&, const conversation_claimed&) = default;
};

/// Back to the team. External: `conversation.released`.
struct conversation_released {
  std::string user;                ///< Who had it.
  bool expired = false;            ///< The claimer was silent for too long.
  std::vector<std::string> users;  ///< Who takes part from now on.
  bool waits = false;              ///< For the inbox to give it to somebody.

  friend bool operator==(const conversation_released&, const conversation_released&) = default;
};

/// To another user or team. External: `conversation.updated`.
struct conversation_transferred {
  std::string by;                  ///< Empty: the application.
  std::string user;                ///< To this user, who has then claimed a team's conversation …
  std::string inbox;               ///< … of this inbox, which may be another one than before.
  std::vector<std::string> team;   ///< The inbox's members; that user when there is no inbox.
  std::int64_t claim_expiry_ms = 0;
  bool waits = false;              ///< For the inbox to give it to somebody.
  std::vector<escalation> escalations{};

  friend bool operator==(const conversation_transferred&, const conversation_transferred&)
    = default;
};

/// External: `conversation.participant_added`.
struct participant_added {
  std::string user;

  friend bool operator==(const participant_added&, const participant_added&) = default;
};

/// External: `conversation.participant_removed`.
struct participant_removed {
  std::string user;

  friend bool operator==(const participant_removed&, const participant_removed&) = default;
};

/// External: `conversation.updated`.
struct conversation_snoozed {
  std::string user;   ///< Empty: the application, or the time has come.
  timestamp until{};  ///< Zero: not any more.

  friend bool operator==(const conversation_snoozed&, const conversation_snoozed&) = default;
};

/// External: `conversation.updated`.
struct labels_changed {
  std::vector<std::string> labels;  ///< All there are now, in order.

  friend bool operator==(const labels_changed&, const labels_changed&) = default;
};

/// Nobody has replied for long, and others are called in. External: `conversation.updated`, and an
/// event for each user who is added.
struct conversation_escalated {
  std::uint32_t step = 0;  ///< From 1.

  friend bool operator==(const conversation_escalated&, const conversation_escalated&) = default;
};

/// External: `conversation.updated`.
struct priority_changed {
  std::string user;  ///< Empty: the application, a rule or a data action.
  model::priority priority = model::priority::normal;

  friend bool operator==(const priority_changed&, const priority_changed&) = default;
};

/// A closed conversation goes on. External: `conversation.updated`.
struct conversation_reopened {
  timestamp timer_due{};
  bool waits = false;  ///< For the inbox to give it to somebody.

  friend bool operator==(const conversation_reopened&, const conversation_reopened&) = default;
};

/// It is known who the outside party is; none: no more. External: `conversation.contact_assigned`.
struct contact_assigned {
  contact_id contact;

  friend bool operator==(const contact_assigned&, const contact_assigned&) = default;
};

/// A message's text and files are gone for good. External: `conversation.message.updated`.
struct message_redacted {
  model::message_id message;
  std::uint64_t index = 0;
  std::uint64_t message_seq = 0;  ///< Of the message's event, whose record loses them.

  friend bool operator==(const message_redacted&, const message_redacted&) = default;
};

/// What became of an inbound message's files: fetched from the carrier, or not. The message's
/// record has them from now on, so that a redaction takes them too. External:
/// `conversation.message.updated`.
struct media_settled {
  model::message_id message;
  std::uint64_t index = 0;
  std::uint64_t message_seq = 0;  ///< Of the message's event, whose record changes.

  friend bool operator==(const media_settled&, const media_settled&) = default;
};

/// A data action is asked about a message. Not external.
struct question_asked {
  open_question question;

  friend bool operator==(const question_asked&, const question_asked&) = default;
};

enum class question_outcome : std::uint8_t { answered = 1, failed, timed_out };

/// The data action has answered, or the default route is used. External: `conversation.updated`.
struct question_settled {
  std::string action;
  question_outcome outcome = question_outcome::answered;
  std::string detail;  ///< What went wrong; empty when nothing did.
  bool placed = false;  ///< It was held back, and takes its route now.
  std::vector<std::string> users{};  ///< Who takes part from then on, if it was.
  bool waits = false;                ///< For the inbox to give it to somebody, if it was.

  friend bool operator==(const question_settled&, const question_settled&) = default;
};

/// External: `conversation.updated`.
struct attributes_changed {
  std::vector<attribute> attributes;  ///< All there are now, in order.

  friend bool operator==(const attributes_changed&, const attributes_changed&) = default;
};

/// In a user's thread with himself or herself. External: `user.availability.updated`.
struct availability_changed {
  std::string user;
  model::presence presence = model::presence::offline;
  bool by_stream = false;  ///< An open stream says so.

  friend bool operator==(const availability_changed&, const availability_changed&) = default;
};

enum class consent_state : std::uint8_t { opted_in = 1, opted_out };
/// What a change of consent comes from (mission 5): a keyword that Parley has read, or that the
/// carrier has read and answered, a text that most likely means it, or the API.
enum class consent_source : std::uint8_t { keyword = 1, carrier, intent, api };

/// Somebody outside wants our messages, or no more of them: the append-only record of mission 5.
/// Its id is the event's. External: `consent.changed`.
struct consent_changed {
  std::string address;  ///< Whose, with channel.
  std::string number;   ///< Which of our numbers it is about, by identifier; empty: all of them.
  model::consent_state state = consent_state::opted_out;
  consent_source source = consent_source::keyword;
  message_id message;   ///< That said so; none through the API.
  std::string text;     ///< What was said, or a remark through the API.
  std::string by;       ///< Who recorded it through the API: a user, or the key's name.

  friend bool operator==(const consent_changed&, const consent_changed&) = default;
};

/// How far a bulk job has come, in the chain of `bulk_pair`. External: `bulk.progress`, and
/// `bulk.completed` when it is over.
struct bulk_changed {
  bulk_id job;
  bulk_state state = bulk_state::running;
  std::uint64_t lines = 0;     ///< As in the job …
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  bulk_counts counts;          ///< … and of its accepted lines.

  friend bool operator==(const bulk_changed&, const bulk_changed&) = default;
};

/// A message that waits for its time has another text or another time; its record has both from now
/// on. External: `conversation.message.updated`.
struct message_edited {
  model::message_id message;
  std::uint64_t index = 0;
  std::uint64_t message_seq = 0;  ///< Of the message's event, whose record changes.
  timestamp send_at{};            ///< From now on.

  friend bool operator==(const message_edited&, const message_edited&) = default;
};

/// The order is the kind's number in the journal: append only.
using event_body
  = std::variant<conversation_opened, message_added, delivery_changed, report_parked,
                 conversation_idled, conversation_closed, read_advanced, timer_rearmed,
                 conversation_claimed, conversation_released, conversation_transferred,
                 participant_added, participant_removed, conversation_snoozed, labels_changed,
                 conversation_escalated, priority_changed, conversation_reopened, contact_assigned,
                 message_redacted, question_asked, question_settled, attributes_changed,
                 availability_changed, media_settled, consent_changed, bulk_changed,
                 message_edited>;

/// One thing that happened to one conversation.
struct event {
  conversation_id conversation;
  timestamp at{};
  event_body body;

  friend bool operator==(const event&, const event&) = default;
};

/// The names that `GET /v1/events` uses; empty for kinds that are not shown.
[[nodiscard]] std::string_view external_type(const event_body& body) noexcept;

}  // namespace parley::model
