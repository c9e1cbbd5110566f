#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parley/store/webhook_table.hpp"

namespace parley::store {

// -- cursors, webhook_log, dead_letters, webhook_replays: organisation (4) | webhook | NUL | …
//    … nothing → format | seq (8); number (8) → try; event id (16) → dead letter, or format

/// What the keys of one webhook begin with in each of these tables.
[[nodiscard]] std::string webhook_prefix(std::uint32_t organization, std::string_view webhook);
[[nodiscard]] std::string webhook_try_key(std::uint32_t organization, std::string_view webhook,
                                          std::uint64_t number);
[[nodiscard]] std::string webhook_event_key(std::uint32_t organization, std::string_view webhook,
                                            const model::event_id& event);

// All throw `corruption_error` naming table and key: they are given what this version wrote, or
// damage.

/// The event of a key of `dead_letters` or `webhook_replays`.
[[nodiscard]] model::event_id webhook_event_of(std::string_view table, std::string_view key);
[[nodiscard]] std::uint64_t decode_webhook_cursor(std::string_view key, std::string_view value);
[[nodiscard]] webhook_try decode_webhook_try(std::string_view key, std::string_view value);
[[nodiscard]] dead_letter decode_dead_letter(std::string_view key, std::string_view value);
[[nodiscard]] model::event_id decode_webhook_replay(std::string_view key, std::string_view value);

}  // namespace parley::store
