#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "actors/ticking.hpp"
#include "parley/model/command.hpp"

namespace parley::actors {

/// An inbound message whose files are being fetched, one behind the other. It keeps its place among
/// its number's `in_flight` also while it waits for its next try.
struct open_fetch {
  model::pair between;
  model::settle_media found;  ///< With the files as the message has them, settled up to `place`.
  std::size_t place = 0;      ///< Of the file that is being fetched.
  std::string url;            ///< Where that is: elsewhere than at first after a redirect.
  std::size_t redirects = 0;
  std::size_t tries = 0;
  std::chrono::steady_clock::time_point not_before{};  ///< Of the next try.
};

/// State of the FETCHER, which brings inbound messages' files from the carriers to the store.
///
/// What is to be fetched are rows of the outbox, in a lane of their own: they come with the
/// message's event and go with the event that says what became of its files, so a crash at any
/// moment only means fetching again. Each number has its own bound of messages in flight and what
/// is more stays in the store, so a slow host holds up media only, and only those of numbers that
/// have files there (I9, I12).
struct fetcher_state {
  static inline const char* name = "fetcher";

  /// Organisation and the text of our address.
  using key = std::pair<std::uint32_t, std::string>;

  /// One of our numbers' messages with files. Stays once it was needed: what it has read it must
  /// not read again, though the rows go later.
  struct line {
    model::address ours;
    std::uint64_t read_up_to = 0;
    std::size_t in_flight = 0;
    bool exhausted = false;  ///< There was nothing more when it last looked.
  };

  const services* shared = nullptr;
  std::map<key, line> lines;
  std::unordered_map<std::uint64_t, open_fetch> fetches;  ///< At their hosts, by their number.
  std::uint64_t last_fetch = 0;
  std::deque<open_fetch> retries;
  asked_ticks ticks;
};

/// Spawns the FETCHER.
fetcher_actor::behavior_type fetcher(fetcher_actor::stateful_pointer<fetcher_state> self,
                                     const services* shared);

/// Has the FETCHER take up what an earlier process left.
void take_up_media(const services& shared, const fetcher_actor& whom);

}  // namespace parley::actors
