#pragma once

#include <optional>

#include "parley/model/conversation.hpp"

namespace parley::conversation {

/// When a conversation without further messages becomes inactive and when it closes.
struct deadlines {
  std::optional<model::timestamp> inactive;  ///< Empty: never, or it is inactive already.
  std::optional<model::timestamp> close;     ///< Empty: never.

  /// The earlier of the two: what the timer has to stand at, or before. Zero when there is none.
  [[nodiscard]] model::timestamp first() const noexcept;
};

/// The deadlines of a conversation whose last message is of `last_activity`. Times that lie beyond
/// what a timestamp can hold are cut to the last one.
[[nodiscard]] deadlines deadlines_of(const model::route& route, model::conversation_phase phase,
                                     model::timestamp last_activity) noexcept;

}  // namespace parley::conversation
