#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "actors/event_source.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"

namespace parley::actors {

/// Which posting: those that were chosen to be posted again come first, then by age.
struct posting_key {
  bool live = true;  ///< Met in the journal; false: chosen.
  std::uint64_t seq = 0;
  model::event_id event;

  friend auto operator<=>(const posting_key&, const posting_key&) = default;
};

/// An event that is to be posted, or is being posted.
struct posting {
  outgoing_event event;
  std::uint32_t tries = 0;
  model::timestamp first_try{};
};

/// What one webhook has read and not settled yet: the order in which it is posted, and what waits
/// for its next try. Events of one conversation are posted one after the other, each when the one
/// before it is settled; different conversations do not wait for each other (mission 10). Plain
/// data with times as arguments; its owner bounds it.
class posting_window {
public:
  using time_point = std::chrono::steady_clock::time_point;

  void add(posting_key key, outgoing_event event);

  /// Takes the first that may be posted now; nothing when there is none.
  [[nodiscard]] std::optional<posting_key> begin_next(time_point now);
  [[nodiscard]] posting& at(const posting_key& key) { return open_.at(key).what; }
  [[nodiscard]] bool has(const posting_key& key) const { return open_.contains(key); }

  /// It was posted in vain, and is tried again at `when`; its conversation waits for it.
  void retry(const posting_key& key, time_point when);
  /// It is delivered, or given up: the next of its conversation may be posted.
  void settle(const posting_key& key);
  /// What waits for a time may be tried at once.
  void hurry();
  /// Forgets what was met in the journal.
  void forget_live();

  [[nodiscard]] std::size_t size() const noexcept { return open_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// The first record of the journal that is not settled; nothing when all are.
  [[nodiscard]] std::optional<std::uint64_t> first_live() const;
  /// When the first of those that wait may be tried; nothing when none waits.
  [[nodiscard]] std::optional<time_point> next_time() const;

private:
  struct entry {
    posting what;
    bool begun = false;
  };

  void let_next(const model::id128& conversation);
  void remove(const posting_key& key);

  std::map<posting_key, entry> open_;
  std::unordered_map<model::id128, std::deque<posting_key>, model::id_hash> lines_;
  std::set<posting_key> ready_;                   ///< Fronts of lines.
  std::multimap<time_point, posting_key> later_;  ///< Fronts that wait for their time.
  std::size_t bytes_ = 0;
};

}  // namespace parley::actors
