#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/posting_window.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "actors/ticking.hpp"
#include "parley/model/answer.hpp"
#include "parley/model/directory.hpp"
#include "parley/store/webhook_table.hpp"

namespace parley::actors {

/// What a WEBHOOK knows of its webhook.
struct webhook_facts {
  std::uint32_t organization = 0;
  model::webhook described;
  bool gone = false;  ///< The directory has let it go: nothing is posted, and its rows go.
  bool born = false;  ///< It was made just now: nothing of an earlier one of the same id holds.
  /// Where it begins in the journal when it is new, or was never anywhere.
  std::uint64_t start = 0;
};

/// What an application wants to have posted again. One of the three.
struct webhook_replay {
  std::optional<std::uint64_t> after;   ///< Everything behind this position of the journal.
  std::vector<model::event_id> events;  ///< These, which there are.
  bool dead = false;                    ///< All dead letters, which then are none.
  model::reply_to answer_to;            ///< Admitted; settled by the WEBHOOK, whatever comes of it.
  /// The answer, by how many chosen events are posted again. Any thread.
  std::function<model::answer(std::size_t chosen)> answer;
  /// The answer when that would be too many. Any thread.
  std::function<model::answer()> refusal;
};

/// State of a WEBHOOK.
///
/// It reads the journal behind its own cursor, a bounded window ahead of what is settled, and posts
/// from it: an endpoint's lag stays in the journal, and touches nobody else (I9). What came of the
/// tries becomes rows, together with the cursor, a few times a second: after a crash what was
/// settled since is posted again, under the same ids.
struct webhook_state {
  static inline const char* name = "webhook";

  struct flight {
    posting_key key;
    std::chrono::steady_clock::time_point begun{};
    model::timestamp at{};
    bool forgotten = false;  ///< Whatever comes of it counts no more; it has its place until then.
  };

  const services* shared = nullptr;
  webhook_facts_ptr facts;
  bool loaded = false;            ///< The cursor was read.
  bool listening = false;         ///< `wake` comes when the journal has grown.
  std::uint64_t position = 0;     ///< The journal was read up to here.
  std::uint64_t written = 0;      ///< The cursor, as appended last.
  posting_window window;
  std::deque<model::event_id> chosen;  ///< To be posted again, and not in the window yet.
  std::set<model::event_id> replays;   ///< Those that have rows: of the window, and `chosen`.
  std::set<model::event_id> dead;      ///< That have rows.
  std::unordered_map<std::uint64_t, flight> flights;
  std::uint64_t last_flight = 0;
  std::uint64_t last_try = 0;          ///< Number of the newest line of the log.
  /// Conversations of which something was refused, with nothing taken since. Few.
  std::set<model::id128> refused;
  std::size_t probes = 0;          ///< In vain, since it counts as down.
  std::chrono::steady_clock::time_point paused_until{};
  std::vector<store::row> rows;        ///< That are not appended yet.
  std::chrono::steady_clock::time_point write_at{};  ///< When they are at the latest.
  asked_ticks ticks;
  std::chrono::steady_clock::time_point quiet_until{};  ///< The log hears no more before that …
  std::uint64_t unheard = 0;                            ///< … of so many tries in vain.
};

/// Spawns the WEBHOOK of one webhook. It does nothing before `wake`, when there is somebody who has
/// the words.
webhook_actor::behavior_type webhook(webhook_actor::stateful_pointer<webhook_state> self,
                                     const services* shared, webhook_facts_ptr facts);

}  // namespace parley::actors
