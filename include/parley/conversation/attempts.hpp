#pragma once

#include <cstdint>
#include <optional>

#include "parley/model/command.hpp"
#include "parley/model/conversation.hpp"

namespace parley::conversation {

/// Why an attempt may not begin yet, although its delivery waits for one.
struct attempt_wait {
  /// The row of a message of the same pair that was queued earlier and has not left: it goes first
  /// (mission 6). 0: none, and then it is about a retry …
  std::uint64_t earlier_seq = 0;
  /// … of what was tried so often, more often than whoever asks knows: by an earlier process, …
  std::uint32_t tried = 0;
  /// … and was last given up for a while at this time.
  model::timestamp since{};

  friend bool operator==(const attempt_wait&, const attempt_wait&) = default;
};

/// What the attempt has to wait for; nothing when it may begin, or needs none. Pure.
[[nodiscard]] std::optional<attempt_wait> wait_of(const model::conversation_state& state,
                                                  const model::begin_attempt& what) noexcept;

}  // namespace parley::conversation
