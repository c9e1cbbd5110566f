#pragma once

#include "parley/store/reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parley::store {

/// A whole record from its bytes. Throws `corruption_error`, which names `seq`.
[[nodiscard]] record decode_record(std::uint64_t seq, std::string_view bytes);

/// The record of a message without its text and files, sealed anew. Empty when it is damaged or no
/// message's.
[[nodiscard]] std::string redacted_record(std::uint64_t seq, std::string_view bytes);

/// The record of a message with these files, sealed anew. Empty when it is damaged or no message's,
/// and when the message has other files than these are: it was redacted.
[[nodiscard]] std::string settled_record(std::uint64_t seq, std::string_view bytes,
                                         const std::vector<model::media>& files);

/// The record of a message with what it was edited to, sealed anew. Empty when it is damaged or no
/// message's, and when the message was redacted.
[[nodiscard]] std::string edited_record(std::string_view bytes, const edited_message& edited);

/// A state found under `key` of `table`. Throws `corruption_error`, which names both.
[[nodiscard]] model::conversation_state decode_state_of(std::string_view table,
                                                        std::string_view key,
                                                        std::string_view encoded);

}  // namespace parley::store
