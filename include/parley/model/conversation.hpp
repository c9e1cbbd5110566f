#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/address.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/message.hpp"
#include "parley/model/time.hpp"

namespace parley::model {

enum class conversation_phase : std::uint8_t { none = 0, active, inactive, closed };

[[nodiscard]] std::string_view to_string(conversation_phase value) noexcept;

enum class close_reason : std::uint8_t { none = 0, user, idle, api, rule, data_action };

[[nodiscard]] std::string_view to_string(close_reason value) noexcept;

enum class priority : std::uint8_t { low = 1, normal, high, urgent };

/// Whether a user is there (mission 1). Larger is more so.
enum class presence : std::uint8_t { offline = 1, busy, available };

/// A user who takes part, and how far that user has read.
struct participant {
  std::string user;             ///< Directory id.
  std::uint64_t read_index = 0; ///< Index of the last message read; 0 is none.
  std::uint64_t joined_index = 0;  ///< Of the last message before the user joined; 0: none.

  friend bool operator==(const participant&, const participant&) = default;
};

/// Who is added when nobody has replied for so long.
struct escalation {
  std::int64_t after_ms = 0;        ///< Since the oldest message that waits for a reply.
  std::vector<std::string> users;

  friend bool operator==(const escalation&, const escalation&) = default;
};

/// Where a conversation's inbound goes and when it ends: decided when it opens, then its own.
struct route {
  std::vector<std::string> users;   ///< Directory ids; empty for unrouted.
  std::string inbox;                ///< The team inbox (a team's id), or empty.
  bool unrouted = false;            ///< Nobody is responsible: visible to admins only.
  std::int64_t inactive_after_ms = 0;  ///< 0: never.
  std::int64_t close_after_ms = 0;     ///< 0: never.
  std::int64_t claim_expiry_ms = 0;    ///< A silent claimer's claim ends after this; 0: never.
  bool assigned = false;  ///< One of `users` is given it by the inbox; until then it waits.
  std::vector<escalation> escalations;  ///< In order of time.
  std::int64_t reopen_within_ms = 0;    ///< A closed one is reopened within this; 0: never.
  bool history_from_join = false;       ///< Who joins later sees what comes later.
  std::string data_action;        ///< Asked when it opens, before anybody takes part; or empty.
  bool asks_every_message = false;

  friend bool operator==(const route&, const route&) = default;
};

/// One outbound message on its way, or recently arrived.
struct delivery {
  model::message_id message;
  conversation_id conversation;      ///< May be an earlier one of the pair.
  std::uint64_t index = 0;           ///< Of the message in its conversation.
  std::uint64_t message_seq = 0;     ///< Of the message's event: its outbox row is keyed by it.
  delivery_state state = delivery_state::queued;
  std::int32_t error_code = 0;       ///< The carrier's code; 0 is none.
  std::uint32_t attempts = 0;
  std::string provider_id;           ///< The carrier's id; empty until it answered.
  timestamp updated_at{};
  std::string to{};                  ///< The recipient, of a group; empty: the pair's other end.
  bool confirms_opt_out = false;     ///< It goes to somebody who has opted out, and may.
  bulk_line bulk{};                  ///< The message's.
  timestamp send_at{};               ///< When it is queued; zero: it was as soon as accepted.
  /// Of the event that has put it into the outbox behind its message's: its row is keyed by that.
  /// 0: it has none of its own, and the message's stands for it.
  std::uint64_t queued_seq = 0;
  bool by_template = false;          ///< It may leave outside WhatsApp's window (mission 7).

  friend bool operator==(const delivery&, const delivery&) = default;
};

/// A report for a carrier id that no delivery has yet: it came before the send's answer.
struct parked_report {
  std::string provider_id;
  delivery_state state = delivery_state::sent;
  std::int32_t error_code = 0;
  timestamp at{};
  message_id message{};  ///< As in `report_delivery`.
  std::string to{};

  friend bool operator==(const parked_report&, const parked_report&) = default;
};

/// An idempotency key already used, with what is needed to give the first answer again.
struct used_key {
  id128 key;      ///< Digest of API key and idempotency key.
  id128 request;  ///< Digest of the request: another one under the same key is refused.
  model::message_id message;
  std::uint64_t index = 0;
  std::uint32_t segments = 0;
  timestamp at{};
  conversation_id conversation;  ///< The message's.

  friend bool operator==(const used_key&, const used_key&) = default;
};

/// A question to a data action that has no answer yet.
struct open_question {
  std::string action;       ///< Its directory id; empty: nothing is asked.
  std::uint64_t index = 0;  ///< Of the message that it is about.
  timestamp until{};        ///< Without an answer by then the default route is used.
  bool holds = false;       ///< Nobody takes part before the answer.

  friend bool operator==(const open_question&, const open_question&) = default;
};

/// A name and a value that a data action has given a conversation.
struct attribute {
  std::string name;
  std::string value;

  friend bool operator==(const attribute&, const attribute&) = default;
};

/// A message's place in the chain, kept for every `stride`-th message of the conversation so that
/// history can be entered in the middle.
struct chain_mark {
  std::uint64_t index = 0;
  std::uint64_t seq = 0;

  friend bool operator==(const chain_mark&, const chain_mark&) = default;
};

/// Everything a pair's actor knows: the current conversation, and what outlives it (the carrier ids
/// seen, deliveries, reports). Plain data; `conversation::apply` changes it, a snapshot is its
/// image.
struct conversation_state {
  model::pair pair;

  // The current conversation; `phase == none` until the pair's first.
  conversation_id id;
  conversation_id previous;
  conversation_phase phase = conversation_phase::none;
  close_reason closed_for = close_reason::none;
  model::route route;
  std::vector<participant> participants;
  std::string claimed_by;            ///< The user who carries on alone; empty: nobody.
  timestamp claim_active_at{};       ///< The claimer's last act: claim expiry counts from here.
  std::vector<participant> away;     ///< Members of the team whom the claim removed.
  std::vector<std::string> labels;   ///< In order, each once.
  timestamp snoozed_until{};         ///< Zero: not snoozed.
  timestamp created_at{};
  timestamp last_activity{};
  std::uint64_t last_index = 0;
  timestamp timer_due{};             ///< The timer row that stands; zero is none.
  std::uint64_t opened_seq = 0;      ///< Where this conversation's chain begins.
  std::uint64_t mark_stride = 64;
  std::vector<chain_mark> marks;
  timestamp closed_at{};             ///< Zero: it is open.
  timestamp waiting_since{};         ///< In the inbox's queue, for somebody to get it; zero: not.
  std::string last_holder;           ///< Who had it before it waited; empty: nobody.
  bool holder_wanted = false;        ///< That one should get it again, else rather another.
  timestamp unanswered_since{};      ///< The oldest message that waits for a reply; zero: none.
  std::uint32_t escalated = 0;       ///< Steps of escalation that were taken since then.
  model::priority priority = model::priority::normal;
  contact_id contact;                ///< Who the outside party is, as far as it is known.
  open_question question;
  std::vector<attribute> attributes; ///< In order of their names, each once.
  std::string subject;               ///< What it is about, as whoever started it has said.

  // The pair's.
  std::uint64_t head_seq = 0;        ///< The pair's last event; 0 is none. The chain starts here.
  std::vector<id128> seen;           ///< Ring: digests of recent inbound carrier ids, oldest first.
  std::vector<used_key> keys;        ///< Oldest first.
  std::vector<delivery> deliveries;  ///< Oldest first; finished ones leave when room is needed.
  std::vector<parked_report> parked; ///< Oldest first.
  timestamp auto_replied_at{};       ///< When Parley last answered by itself; zero is never.
  std::uint32_t text_digest = 0;     ///< Of the last inbound text.
  std::vector<timestamp> same_text_at;  ///< When that text came, oldest first; the last few.
  // Of a user's thread with himself or herself: who is there.
  model::presence presence = model::presence::offline;
  bool present_by_stream = false;    ///< An open stream says so, and its end says otherwise.
  timestamp last_inbound_at{};       ///< When the other end last wrote (mission 7); zero: never.

  friend bool operator==(const conversation_state&, const conversation_state&) = default;
};

}  // namespace parley::model
