#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "parley/model/ids.hpp"

namespace parley::actors {

/// An event in its final words, as a webhook posts it.
struct outgoing_event {
  std::uint64_t seq = 0;  ///< Of its record in the journal.
  model::event_id id;
  std::string type;  ///< External name.
  model::id128 conversation;  ///< Events of one are posted one after the other; may be none.
  std::shared_ptr<const std::string> body;
};

/// A part of the journal, as one organisation's events.
struct outgoing_page {
  std::vector<outgoing_event> events;
  std::uint64_t last_seq = 0;  ///< Everything up to here was looked at.
  bool at_end = false;         ///< There is nothing more for now.
};

/// The journal in words. The door has the words and the actors do not know it: it is handed to them
/// (`cast::connect`). Thread-safe.
class event_source {
public:
  virtual ~event_source() = default;
  /// Events after a position: at most `limit`, one more when the last record has two. `types` are
  /// external names; none stand for all. Throws `store::corruption_error` when the first record
  /// after the position is damaged, and `store::store_error` when nothing can be read.
  [[nodiscard]] virtual outgoing_page read(std::uint32_t organization, std::uint64_t after,
                                           const std::vector<std::string>& types,
                                           std::size_t limit)
    = 0;
  /// Calls `wake` once, when something after the position is durable: now, or later on the
  /// writer's thread.
  virtual void await(std::uint64_t after, std::function<void()> wake) = 0;
};

}  // namespace parley::actors
