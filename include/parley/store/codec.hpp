#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parley/model/conversation.hpp"
#include "parley/model/event.hpp"

namespace parley::store {

/// Appends the event as a versioned msgpack array `[version, kind, at, conversation, fields…]`. A
/// reader of a later version reads every earlier one; fields are only ever added at the end.
void encode(const model::event& event, std::string& out);
/// Throws `corruption_error` on bytes that are not an event. Never reads outside `bytes`, and
/// allocates no more than a small multiple of their size.
[[nodiscard]] model::event decode_event(std::string_view bytes);

/// As above, for a whole state.
void encode(const model::conversation_state& state, std::string& out);
[[nodiscard]] model::conversation_state decode_state(std::string_view bytes);

}  // namespace parley::store
