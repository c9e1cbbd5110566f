#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/address.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"

namespace parley::model {

enum class direction : std::uint8_t { inbound = 1, outbound = 2, internal = 3, note = 4 };

[[nodiscard]] std::string_view to_string(direction value) noexcept;

/// Why a file of an inbound message was not fetched from its carrier. It stays where it is.
enum class media_fault : std::uint8_t {
  none = 0,
  too_large,     ///< Over the limit of what is fetched.
  type_refused,  ///< Of no type that is kept; or there is nothing in it.
  refused,       ///< The carrier says no: it is not there, or not for us.
  unreachable,   ///< Every try has failed.
};

/// A file of a message, by reference: where the carrier or the application keeps it, or which of
/// the organisation's own files it is.
struct media {
  std::string url;           ///< Empty for an own file that came from nowhere else.
  std::string content_type;  ///< Empty when nobody said.
  file_id file{};            ///< None: it is not in the store of files.
  media_fault fault = media_fault::none;

  friend bool operator==(const media&, const media&) = default;
};

/// The message template that a text was made from, as it was then (mission 7).
struct sent_template {
  std::string id;          ///< In the directory.
  std::string carrier_id;  ///< Twilio's `HX…`; empty: the text is sent.
  std::string variables;   ///< A JSON object of texts by name, as Twilio's ContentVariables.

  friend bool operator==(const sent_template&, const sent_template&) = default;
};

/// What was said, as it came in; never changed once made, so it is shared and not copied.
struct content {
  std::string body;         ///< UTF-8.
  std::vector<media> files;
  std::string provider_id;  ///< The carrier's id of an inbound message; empty for outbound ones.
  std::string extra;        ///< The carrier's other parameters, form-urlencoded as received.
  bool redacted = false;    ///< Text, files and parameters were taken away.
  std::optional<sent_template> made_from{};  ///< Of an outbound text that a template has made.

  friend bool operator==(const content&, const content&) = default;
};
using content_ptr = std::shared_ptr<const content>;

/// The line of a bulk job that a message was sent for (mission 8).
struct bulk_line {
  bulk_id job;                 ///< None: the message is not a bulk job's.
  std::uint64_t position = 0;  ///< Among the lines that the job has accepted, from 0.

  friend bool operator==(const bulk_line&, const bulk_line&) = default;
};

/// Who wrote a message. Inbound: a contact's address.
struct author {
  enum class kind : std::uint8_t { contact = 1, user = 2, team = 3, system = 4 };

  kind type = kind::contact;
  std::string id;

  friend bool operator==(const author&, const author&) = default;
};

[[nodiscard]] std::string_view to_string(author::kind value) noexcept;

/// The life of one outbound message to one recipient (mission 6). Larger rank is later; a state
/// never goes to a lower rank, and a final one never changes (I6) but for `delivered` → `read`.
enum class delivery_state : std::uint8_t {
  scheduled = 0,  ///< Its time has not come: it can be edited and cancelled.
  queued = 1,   ///< Durable and in the outbox.
  sending,      ///< Durable that an attempt was begun: after a crash the outcome is unknown.
  unknown,      ///< The attempt's outcome is not known; a later report or an operator resolves it.
  sent,         ///< The carrier took it.
  delivered,
  read,
  undelivered,
  failed,
  canceled,
  expired,
};

[[nodiscard]] std::string_view to_string(delivery_state value) noexcept;
[[nodiscard]] std::optional<delivery_state> delivery_state_of(std::string_view text) noexcept;
/// True for states that no report changes, `delivered` → `read` excepted.
[[nodiscard]] bool is_final(delivery_state value) noexcept;
/// Whether a delivery in this state has its row in the outbox: the sender has not finished with it.
[[nodiscard]] inline bool in_outbox(delivery_state value) noexcept {
  return value == delivery_state::queued || value == delivery_state::sending;
}
/// Whether a delivery that goes from one state to the other enters the outbox behind its message's
/// event: its time has come, or an operator wants it sent again.
[[nodiscard]] inline bool is_queued_anew(delivery_state from, delivery_state to) noexcept {
  return to == delivery_state::queued
         && (from == delivery_state::scheduled || from == delivery_state::unknown);
}
/// Whether a delivery in state `from` moves when it is told `to`; false for a step back (I6).
[[nodiscard]] bool advances(delivery_state from, delivery_state to) noexcept;

}  // namespace parley::model
