#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actors/stored_pair.hpp"
#include "parley/model/conversation.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/viewer.hpp"

namespace parley::ingress {

using actors::load_pair;

/// A conversation's durable state: its final one when it is closed. Empty when there is none.
[[nodiscard]] std::optional<model::conversation_state>
find_conversation(const store::reader& reader, const model::conversation_id& id);

/// A conversation that whoever asks may see, by the id in a path. Throws `refusal` (not_found) for
/// every other, so that nobody learns what exists elsewhere (I11) or is somebody else's.
[[nodiscard]] model::conversation_state
require_conversation(const store::reader& reader, const viewer& who, std::string_view id);

}  // namespace parley::ingress
