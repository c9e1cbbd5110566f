#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "parley/model/conversation.hpp"
#include "parley/model/event.hpp"
#include "parley/store/environment.hpp"

namespace parley::store {

/// What `parley verify` found.
struct verification {
  std::uint64_t records = 0;
  std::uint64_t pairs = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t contacts = 0;
  std::vector<std::string> faults;  ///< One sentence each, with table and key; at most 1,000.
};

/// The rule that replays one event; the store knows records, not rules.
using apply_function = std::function<void(model::conversation_state&, const model::event&,
                                          std::uint64_t seq)>;

/// Walks the whole journal: checksums, sequence without gaps, each pair's chain, snapshots equal to
/// the replay of the events before them byte for byte (I10), every pair's last event within reach
/// of a start, every outbox and timer row on something that exists and none missing, contacts and
/// the index of their addresses agreeing. Memory grows with the number of pairs, not of records.
[[nodiscard]] verification verify(const environment& env, const apply_function& apply);

}  // namespace parley::store
