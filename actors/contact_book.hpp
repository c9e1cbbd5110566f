#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "actors/pending_contacts.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "parley/model/answer.hpp"

namespace parley::actors {

/// A change of one organisation's contacts, or several that are reported on together.
struct contact_change {
  model::reply_to answer_to;  ///< Admitted; settled by the CONTACT_BOOK, whatever comes of it.
  /// Makes the change on what there is by then, or refuses it in the answer. When it throws nothing
  /// is changed. Runs on the CONTACT_BOOK's thread.
  std::function<model::answer(pending_contacts& now)> make;
};

/// State of the CONTACT_BOOK.
///
/// Changes are made one behind the other. Those that come while a flush is under way wait for it
/// and then share the next one, up to `changes_per_flush_max`. What waits was admitted at the door
/// and is counted there. Whoever has an answer, a refusal too, finds in the store what it speaks
/// of.
struct contact_book_state {
  static inline const char* name = "contact_book";

  /// A flush takes no further change when it has so many contacts and addresses to write.
  static constexpr std::size_t changes_per_flush_max = 8'192;

  const services* shared = nullptr;
  std::deque<contact_change_ptr> waiting;
  bool flushing = false;
  std::vector<std::pair<model::reply_to, model::answer>> answers;  ///< When that is durable.
};

/// Spawns the CONTACT_BOOK, the one who changes contacts. Give it a thread of its own: what it
/// looks up may have to come from the disk.
contact_book_actor::behavior_type
contact_book(contact_book_actor::stateful_pointer<contact_book_state> self,
             const services* shared);

}  // namespace parley::actors
