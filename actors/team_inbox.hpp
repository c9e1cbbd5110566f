#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "actors/inbox_facts.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"

namespace parley::actors {

/// State of a TEAM_INBOX actor: gives the conversations of its queue to the team (mission 4.6).
///
/// The queue itself is a listing of the store: it is in the order of waiting, survives every crash,
/// and is read in pages. The actor looks at it when it may have changed: a conversation waits,
/// somebody has room or has come, the directory is another; and once in a while, so that nothing is
/// forgotten. Who comes first gets somebody first: when there is nobody for the first, all wait.
struct team_inbox_state {
  static inline const char* name = "team_inbox";

  /// Assignments at once that are sent and not durable; also the lines of one page.
  static constexpr std::size_t assignments_max = 64;

  const services* shared = nullptr;
  inbox_facts_ptr facts;
  std::string last_given;  ///< Whom the inbox has given a conversation to last.
  std::map<model::conversation_id, std::string> given;  ///< Not durable yet, and to whom.
  std::set<model::conversation_id> set_aside;  ///< Came to nothing; until the next regular look.
  bool may_wait = true;      ///< There may be something in the queue.
  bool look_asked = false;   ///< `look` is in the mailbox.
};

/// Spawns a TEAM_INBOX. One an inbox of the directory; it lives as long as the broker.
team_inbox_actor::behavior_type
team_inbox(team_inbox_actor::stateful_pointer<team_inbox_state> self, const services* shared,
           inbox_facts_ptr facts);

}  // namespace parley::actors
