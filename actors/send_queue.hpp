#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "parley/model/address.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/message.hpp"
#include "parley/model/time.hpp"
#include "parley/store/rows.hpp"

namespace parley::actors {

/// A message of the outbox on its way to one recipient, which a sender holds in memory.
struct pending_send {
  std::uint64_t seq = 0;  ///< Of what has queued it, and so its place in the pair's order.
  /// With whom it goes: `reply` or `bulk`. A bulk job's message that a reply waits for is a reply.
  store::lane lane = store::lane::reply;
  model::message_id message;
  model::bulk_id job;  ///< None: it is not a bulk job's.
  model::pair pair;
  std::string to{};    ///< The recipient, of a group; empty: the pair's other end.
  /// Within it order holds: the pair, and of a group each recipient, whose troubles are nobody
  /// else's (I9).
  std::string thread;
  model::content_ptr what;
  std::uint32_t segments = 1;
  model::timestamp expires_at{};  ///< What could not be sent by then is not sent (mission 6).
  std::uint32_t attempts = 0;         ///< Tries that count (mission 6).
  std::uint64_t first_after_seq = 0;  ///< What the pair has up to here does not leave, as is known.
};

/// What a sender has in memory of its outbox, but for what is under way: in the order in which it
/// is to be sent. Not thread-safe; takes time from outside.
///
/// Of each thread one message is first in line, is under way or has been put off; what is behind it
/// waits for that one's outcome. Whoever takes a message gives it back, puts it off or is done with
/// it. Replies go in the order of acceptance; of bulk, each job that is in memory has its turn.
/// What is in memory is in trees and tables, so that no operation looks through all of it.
class send_queue {
public:
  using clock_time = std::chrono::steady_clock::time_point;

  /// Takes what was read from the outbox.
  void add(pending_send what);

  /// Whether a message of the lane may begin at `now`.
  [[nodiscard]] bool has(store::lane lane, clock_time now) const noexcept;
  /// Takes it, and with it its thread. `has` must be true.
  [[nodiscard]] pending_send take(store::lane lane, clock_time now);

  /// It has its outcome, or needs none: the next of its thread may begin.
  void done(const pending_send& taken);
  /// Nothing has come of it: it begins again when it is its turn, by its place in the order.
  void give_back(pending_send taken);
  /// It may begin again at `when`, before others.
  void put_off(pending_send taken, clock_time when);
  /// `earlier`, of the same thread, goes before what was taken, and in its lane.
  void yield_to(pending_send taken, pending_send earlier);
  /// The message of `seq` that waits in the thread of what was taken, if it does.
  [[nodiscard]] std::optional<pending_send> find_behind(const pending_send& taken,
                                                        std::uint64_t seq);

  /// A message that was put off is not to be sent any more: the next of its thread may begin. Looks
  /// through what was put off. False when it is not there.
  bool call_off(const model::message_id& message, const std::string& to);

  /// When the next one that was put off may begin.
  [[nodiscard]] std::optional<clock_time> next_due(store::lane lane) const noexcept;
  /// How much there is of the lane, whatever it waits for.
  [[nodiscard]] std::size_t held(store::lane lane) const noexcept;
  /// How many pairs, and recipients of groups, have something here or under way.
  [[nodiscard]] std::size_t threads() const noexcept { return threads_.size(); }

private:
  /// What is in one lane, first in line.
  struct waiting_lane {
    std::deque<model::bulk_id> turns;  ///< Jobs with something to send, the next one first.
    /// By place in the order of acceptance. Replies are all one job's.
    std::unordered_map<model::bulk_id, std::multimap<std::uint64_t, pending_send>, model::id_hash>
      by_job;
    std::multimap<clock_time, pending_send> put_off;
    std::size_t held = 0;
  };

  [[nodiscard]] waiting_lane& of(store::lane lane) noexcept;
  [[nodiscard]] const waiting_lane& of(store::lane lane) const noexcept;
  void stand_in_line(pending_send what);
  void wait_behind(std::deque<pending_send>& behind, pending_send what);

  std::array<waiting_lane, 2> lines_;
  /// Each thread with a message first in line, put off or under way, and what waits behind it.
  std::unordered_map<std::string, std::deque<pending_send>> threads_;
};

}  // namespace parley::actors
