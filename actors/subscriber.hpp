#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/protocol.hpp"
#include "parley/http/server.hpp"

namespace parley::actors {

/// What a SUBSCRIBER sends next: each text with the journal position it stands for.
struct stream_page {
  std::vector<std::pair<std::uint64_t, std::shared_ptr<const std::string>>> texts;
  std::uint64_t last_seq = 0;  ///< Everything up to here was looked at.
  bool at_end = false;         ///< There is nothing more for now.
  bool forbidden = false;      ///< The reader may read no longer: nothing else is said.
};

/// What a SUBSCRIBER is made of. The door gives it its words: it knows only positions and texts.
struct subscription {
  std::uint64_t after = 0;  ///< The stream begins behind this position.
  std::shared_ptr<http::websocket> socket;
  /// Reads on behind a position. On worker threads; throws `store::store_error`.
  std::function<stream_page(std::uint64_t after)> read;
  /// Sees to it that `wake` comes when there is something behind the position.
  std::function<void(std::uint64_t after, const subscriber_actor& who)> await;
};

/// State of a SUBSCRIBER.
///
/// It holds one page at most, and reads the next when the socket has taken the last: a slow
/// reader's lag stays in the journal. It is in one of two states: waiting for `written` or waiting
/// for `wake`.
struct subscriber_state {
  static inline const char* name = "subscriber";

  subscription what;
  std::uint64_t position = 0;  ///< Everything up to here was read from the journal.
  bool writing = false;
};

/// Spawns the actor behind one live stream. It ends with its socket, and closes it when it ends
/// first.
/// @param what its place in the journal and its way out.
subscriber_actor::behavior_type
subscriber(subscriber_actor::stateful_pointer<subscriber_state> self, subscription what);

}  // namespace parley::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::subscription)
