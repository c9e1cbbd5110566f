#pragma once

#include <optional>
#include <string_view>

#include "parley/model/conversation.hpp"
#include "parley/store/reader.hpp"

namespace parley::actors {

/// A pair's durable state: its snapshot and what came after (I10). Empty when it has had no event.
/// Throws `store::store_error`. Any thread.
[[nodiscard]] std::optional<model::conversation_state> load_pair(const store::reader& reader,
                                                                 std::string_view pair_key);

}  // namespace parley::actors
