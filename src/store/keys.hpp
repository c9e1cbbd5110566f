#pragma once

#include "parley/model/conversation.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"
#include "parley/store/rows.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Keys and values of the tables, made and taken apart in one place. Integers in keys are
/// big-endian. What takes apart throws `corruption_error`: it is given what this version wrote, or
/// damage.
namespace parley::store {

// -- listings: prefix | opened ms (8) | id (16)  →  pair key

/// What a cursor of a listing stands for: the end of its key.
inline constexpr std::size_t listing_place_bytes = 24;

/// Organisation (4), scope, scope id, NUL, phase.
[[nodiscard]] std::string listing_prefix(std::uint32_t organization, listing_scope scope,
                                         std::string_view scope_id,
                                         model::conversation_phase phase);
/// What the lines of all scope ids begin with that begin with this one.
[[nodiscard]] std::string listing_scope_prefix(std::uint32_t organization, listing_scope scope,
                                               std::string_view scope_id);
void append_listing_place(std::string& key, model::timestamp opened,
                          const model::conversation_id& id);
[[nodiscard]] model::conversation_id listing_id(std::string_view key);

// -- timers: due ms (8) | pair key  →  nothing

[[nodiscard]] std::string timer_key(model::timestamp due, std::string_view pair_key);
[[nodiscard]] model::timestamp timer_due(std::string_view key);
[[nodiscard]] std::string_view timer_pair_key(std::string_view key);

// -- outbox: prefix | lane | seq (8)  →  format | message id (16) | pair key, or, of one delivery
//    that was queued behind its message's event,
//    format | message id (16) | message seq (8) | valid from ms (8) | size of recipient (2) |
//    recipient | pair key

/// Without the sequence number.
[[nodiscard]] std::string outbox_lane_key(std::uint32_t organization, const model::address& ours,
                                          lane which);
[[nodiscard]] std::uint64_t outbox_seq(std::string_view key);
/// The lane of a whole key.
[[nodiscard]] lane outbox_lane(std::string_view key);
[[nodiscard]] std::string outbox_value(const model::message_id& message,
                                       std::string_view pair_key);

struct outbox_content {
  model::message_id message;
  std::string_view pair_key;
  bool one_recipient = false;     ///< It is of one delivery; else of all that the message has.
  std::uint64_t message_seq = 0;  ///< Of that one; else the row's own is.
  model::timestamp valid_from{};  ///< Of that one.
  std::string_view to{};          ///< Whose it is, in a group.
};
[[nodiscard]] outbox_content open_outbox(std::string_view value);
/// The row of one delivery that was put into the outbox behind its message's event.
[[nodiscard]] std::string outbox_value_of_one(const outbox_content& content);

// -- conversation_ids: id (16)  →  tag | size of pair key (2) | pair key | final state

[[nodiscard]] std::string_view id_key(const model::id128& id) noexcept;
[[nodiscard]] std::string open_place_value(std::string_view pair_key);
[[nodiscard]] std::string closed_place_value(std::string_view pair_key,
                                             std::string_view encoded_state);

struct place_content {
  std::string_view pair_key;
  std::optional<std::string_view> closed;  ///< The encoded final state.
};
[[nodiscard]] place_content open_place(std::string_view value);

// -- conversations: pair key  →  format | head seq (8) | state

inline constexpr std::size_t snapshot_head_bytes = 9;

/// The head stands outside the encoding, so that the tail can be compared without decoding.
void append_snapshot_head(std::string& out, std::uint64_t head_seq);

struct snapshot_content {
  std::uint64_t head_seq = 0;
  std::string_view encoded_state;
};
[[nodiscard]] snapshot_content open_snapshot(std::string_view value);

// -- heads: hash of the pair key (2) | pair key  →  format | seq of the pair's last event (8)

/// What orders `heads`: the first bytes of a key are the first bits of this.
[[nodiscard]] std::uint64_t head_hash(std::string_view pair_key) noexcept;
inline constexpr std::size_t head_hash_bytes = 2;
void append_head_key(std::string& out, std::uint64_t hash, std::string_view pair_key);
[[nodiscard]] std::string head_key(std::string_view pair_key);
[[nodiscard]] std::string_view head_pair_key(std::string_view key);

inline constexpr std::size_t head_value_bytes = 9;
[[nodiscard]] std::array<char, head_value_bytes> head_value(std::uint64_t seq) noexcept;
[[nodiscard]] std::uint64_t open_head(std::string_view value);

// -- contacts: organisation (4) | id (16)  →  contact

inline constexpr std::size_t contact_key_bytes = 20;
[[nodiscard]] std::string contact_key(std::uint32_t organization, const model::contact_id& id);
/// Both throw `corruption_error` for a key of another length.
[[nodiscard]] std::uint32_t contact_organization(std::string_view key);
[[nodiscard]] model::contact_id contact_id_of(std::string_view key);

// -- contact_addresses: organisation (4) | address, as text  →  format | id (16)

/// `address` may be the beginning of one: then it is a prefix of keys.
[[nodiscard]] std::string contact_address_key(std::uint32_t organization,
                                              std::string_view address);
/// The text of the address.
[[nodiscard]] std::string_view contact_address(std::string_view key);
[[nodiscard]] std::string contact_address_value(const model::contact_id& holder);
[[nodiscard]] model::contact_id open_contact_address(std::string_view value);

// -- consents: organisation (4) | address | NUL | our number or nothing | NUL | seq (8)  →  event

/// What the changes of one scope begin with: the whole key but for the sequence number.
[[nodiscard]] std::string consent_scope_key(std::uint32_t organization, std::string_view address,
                                            std::string_view number);
/// What the changes of an organisation begin with, or with an address those that are about it.
[[nodiscard]] std::string consent_prefix(std::uint32_t organization, std::string_view address);

struct consent_place {
  std::uint32_t organization = 0;
  std::string_view address;
  std::string_view number;
  std::uint64_t seq = 0;
};
[[nodiscard]] consent_place open_consent_key(std::string_view key);

// -- meta: "journal"  →  format | last seq (8) | tail from (8)

inline constexpr std::string_view journal_meta_key = "journal";

struct journal_meta {
  std::uint64_t last_seq = 0;
  std::uint64_t tail_from = 1;  ///< Of every event before it, a snapshot or a row of `heads` knows.
};
[[nodiscard]] std::string journal_meta_value(const journal_meta& meta);
[[nodiscard]] journal_meta open_journal_meta(std::string_view value);

}  // namespace parley::store
