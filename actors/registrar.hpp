#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "actors/lines.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "parley/model/answer.hpp"
#include "parley/model/directory.hpp"

namespace parley::actors {

/// What came of a change of the directory.
struct change_outcome {
  model::answer answer;
  bool changed = false;  ///< Else the organisation is as it was.
};

/// A change of one organisation's directory. It is made on the newest directory, with every change
/// that was accepted before it.
struct directory_change {
  std::uint32_t organization = 0;
  model::reply_to answer_to;  ///< Admitted; settled by the REGISTRAR, whatever comes of it.
  /// Changes `owner`, one of `all`, or refuses and leaves it as it is. Throws only before it has
  /// changed anything. Runs on the REGISTRAR's thread.
  std::function<change_outcome(model::organization& owner,
                               const std::vector<model::organization>& all)>
    make;
};

/// State of the REGISTRAR.
///
/// Changes are made one behind the other. Those that come while a flush is under way wait for it
/// and then become durable together, so many changes at once cost one copy of the directory and one
/// flush, and two directories are in memory at most. What waits was admitted at the door and is
/// counted there. Order: durable, then the actors, then every reader, then the answers: whoever has
/// an answer finds the change wherever it looks.
struct registrar_state {
  static inline const char* name = "registrar";

  const services* shared = nullptr;
  lines* followers = nullptr;
  std::vector<directory_change_ptr> waiting;
  model::directory_ptr next;           ///< Appended and not yet durable, or null.
  std::vector<std::uint32_t> changed;  ///< The organisations that are others in `next`.
  std::vector<std::pair<model::reply_to, model::answer>> answers;  ///< When `next` is published.
};

/// Spawns the REGISTRAR, the one who changes the directory of a running broker. Give it a thread of
/// its own: copying a large directory takes long enough to hold up others.
registrar_actor::behavior_type
registrar(registrar_actor::stateful_pointer<registrar_state> self, const services* shared,
          lines* followers);

}  // namespace parley::actors
