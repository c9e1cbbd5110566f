#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/number_facts.hpp"
#include "actors/send_queue.hpp"
#include "parley/store/reader.hpp"

namespace parley::actors {

/// Reads the message of an outbox row: one send for each recipient. None when it is damaged: then
/// the message, which is named in the log, does not leave, and the others do.
/// @param validity of a message that says nothing of its own (mission 6).
[[nodiscard]] std::vector<pending_send> read_sends(const store::reader& reader,
                                                   const number_facts& number,
                                                   const store::outbox_entry& entry,
                                                   std::chrono::milliseconds validity);

/// How many sends an outbox row stands for: those of a group that are not done with.
[[nodiscard]] std::int64_t count_sends(const store::reader& reader, const number_facts& number,
                                       const store::outbox_entry& entry);

}  // namespace parley::actors
