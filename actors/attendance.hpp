#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "actors/switchboard.hpp"
#include "parley/model/conversation.hpp"
#include "parley/store/reader.hpp"

namespace parley::actors {

/// The pair that a user's presence is journalled in: the user's thread with himself or herself.
[[nodiscard]] model::pair presence_pair(std::uint32_t organization, const std::string& user);

/// Who is there, as far as it is durable. PARTICIPANTs say it; whoever wants to know asks here.
///
/// What no PARTICIPANT has said yet is read from the store, once a user. Whoever was there by a
/// stream of an earlier process counts as offline once the grace after the start is over, unless a
/// stream has come back; the first who asks then has the PARTICIPANT journal it. So a start reads
/// nothing, and only users whom somebody asks for are in memory. Thread-safe.
class attendance {
public:
  /// Both must outlive it.
  /// @param earlier_end when the streams of an earlier process count no longer.
  attendance(const store::reader& reader, const switchboard& board,
             std::chrono::steady_clock::time_point earlier_end)
    : reader_(reader), board_(board), earlier_end_(earlier_end) {}

  /// A user of the directory. Whose thread cannot be read is offline.
  [[nodiscard]] model::presence of(std::uint32_t organization, const std::string& user);

  /// It is durable that the user is there, or not.
  void put(std::uint32_t organization, const std::string& user, model::presence now);

private:
  using name = std::pair<std::uint32_t, std::string>;
  struct entry {
    model::presence presence = model::presence::offline;
    bool by_earlier_stream = false;
  };

  [[nodiscard]] entry read(const name& who) const;

  const store::reader& reader_;
  const switchboard& board_;
  const std::chrono::steady_clock::time_point earlier_end_;
  std::mutex mutex_;
  std::map<name, entry> known_;
};

}  // namespace parley::actors
