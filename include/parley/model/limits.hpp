#pragma once

#include <chrono>
#include <cstddef>

namespace parley::model {

// Bounds of one pair's state. Fixed and not configurable: replaying the journal under another
// configuration must give the same state, byte for byte (I10).

/// Carrier ids remembered for dedupe (I5). Twilio repeats a callback once, within 15 s.
inline constexpr std::size_t dedupe_ids_max = 64;
/// Idempotency keys remembered; each for `idempotency_lifetime` at most.
inline constexpr std::size_t idempotency_keys_max = 64;
inline constexpr std::chrono::hours idempotency_lifetime{24};
/// Unfinished and recently finished deliveries. Finished ones leave first, then those the carrier
/// has taken (it may never report); when all wait for the carrier a send is refused with
/// `unfinished_deliveries`. A group has as many for each of its parties.
inline constexpr std::size_t deliveries_max = 64;
/// Reports that came before the send's answer, or for ids nobody knows.
inline constexpr std::size_t parked_reports_max = 64;
inline constexpr std::chrono::hours parked_lifetime{24};
/// Marks into the chain; beyond it every second one goes and the stride doubles.
inline constexpr std::size_t chain_marks_max = 128;

/// Users in one conversation, a team's members included.
inline constexpr std::size_t participants_max = 1'000;
/// Outside parties of a group SMS (mission 2), two at least.
inline constexpr std::size_t group_parties_max = 9;
inline constexpr std::size_t subject_bytes_max = 255;
/// Labels of one conversation.
inline constexpr std::size_t labels_max = 32;

/// Attributes that data actions have given one conversation.
inline constexpr std::size_t attributes_max = 32;
/// Steps of escalation of one inbox.
inline constexpr std::size_t escalation_steps_max = 16;

/// No automatic reply to a text that has come so often in so long (mission 4.9: the loop guard).
inline constexpr std::size_t same_text_max = 5;
inline constexpr std::chrono::minutes same_text_window{5};
/// Between two automatic replies to one outside address (mission 4.9: the loop guard).
inline constexpr std::chrono::minutes auto_reply_pause{10};

// Bounds of a contact, and of what is asked for at once.

/// Addresses of one contact: each is a row of an index and a place to look for conversations.
inline constexpr std::size_t contact_addresses_max = 32;
inline constexpr std::size_t contact_attributes_max = 64;
inline constexpr std::size_t contact_phone_books_max = 32;
inline constexpr std::size_t contact_name_bytes_max = 255;
inline constexpr std::size_t contact_attribute_name_bytes_max = 64;
inline constexpr std::size_t contact_attribute_value_bytes_max = 1'024;
inline constexpr std::size_t phone_book_name_bytes_max = 64;
/// Contacts of one upload (mission 9 says so of users).
inline constexpr std::size_t bulk_contacts_max = 1'000;

// Bounds of a message.

/// How far ahead a message is scheduled (mission 6).
inline constexpr std::chrono::minutes schedule_ahead_min{1};
inline constexpr std::chrono::days schedule_ahead_max{35};

/// Twilio's limit for one message's text, in characters.
inline constexpr std::size_t body_characters_max = 1600;
/// Files of one message (MMS).
inline constexpr std::size_t files_max = 10;

}  // namespace parley::model
