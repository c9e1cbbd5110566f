#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/bulk.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/event.hpp"

namespace parley::store {

/// The tables that rows go to; `journal` and `conversations` have ways of their own.
enum class table : std::uint8_t {
  conversation_ids = 0,
  outbox,
  timers,
  listings,
  directory,
  contacts,
  contact_addresses,
  consents,
  cursors,
  webhook_log,
  dead_letters,
  webhook_replays,
  bulk_jobs,
  bulk_lines,
  bulk_refused
};

/// A put or an erase that becomes durable together with the events it follows from.
struct row {
  table where = table::outbox;
  bool erase = false;
  /// When not negative, the sequence number of that event of the same append (8 bytes, big-endian)
  /// is put behind `key`: the writer alone knows it.
  std::int32_t key_ends_with_seq_of = -1;
  std::string key{};
  std::string value{};
};

/// What has become of one line of a bulk job (mission 8). The writer looks at what the line's cell
/// has, so that a change is made once, or not at all: a message's only when it is the line's.
struct bulk_line_change {
  std::uint32_t organization = 0;
  model::bulk_line line;
  model::bulk_line_state to = model::bulk_line_state::queued;
  std::int32_t error_code = 0;
  model::message_id message;  ///< None: the job has decided it, without a message.
};

/// Lanes of a number's outbox: replies by people overtake bulk (mission 6). `media` are inbound
/// messages whose files are to be fetched from the carrier.
enum class lane : std::uint8_t { reply = 0, bulk = 1, media = 2 };

/// Whose list of conversations.
/// `waiting`: an inbox's queue, in the order of its waiting. `held`: what one user has of team
/// inboxes. Both know open conversations only and have them all as `active`. `party`: the groups
/// that an outside party is in with one of our numbers. `unknown`: those with a delivery of which
/// nobody knows whether the carrier has it, open or closed; they have all as `active`.
enum class listing_scope : char {
  organization = 'o',
  inbox = 'i',
  user = 'u',
  unrouted = 'x',
  waiting = 'w',
  held = 'h',
  party = 'p',
  unknown = 'q'
};

/// Whose groups: the `scope_id` of a listing of scope `party`. With nobody's `party`, what those of
/// all parties of our number begin with.
[[nodiscard]] std::string party_scope(const model::address& ours, std::string_view party);

/// The rows that follow from `events`, given the state before the first of them. Pure.
/// Opened: id, listings, timer. A message with deliveries: outbox. The last one's outcome: the row
/// goes. A delivery whose time has come, or that is sent again: a row of its own in the outbox.
/// Inbound message with files: outbox, until they are settled or redacted.
/// Consent changed: a row of its history, of which the newest says how it is.
/// Idled, closed, woken by a message, other participants: listings move. Timers: the old row goes,
/// the new one comes.
[[nodiscard]] std::vector<row> project(const model::conversation_state& before,
                                       std::span<const model::event> events);

/// The changes of bulk jobs' lines that follow from `events`, as `project`.
[[nodiscard]] std::vector<bulk_line_change>
bulk_line_changes(const model::conversation_state& before, std::span<const model::event> events);

/// Key prefix of everything one number has to send: organisation, our address, NUL.
[[nodiscard]] std::string outbox_prefix(std::uint32_t organization, const model::address& ours);

}  // namespace parley::store
