#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace parley::store {

class batch;

/// Which pairs have events after their snapshot, and since when. Ordered by the first such event,
/// so that the oldest one, which holds the tail open, is always at hand.
///
/// Written by one thread, the journal's writer; `last_of` is for every thread. Holds one entry a
/// pair with events in the tail, so it is bounded by the tail.
class tail_index {
public:
  tail_index() = default;
  tail_index(const tail_index&) = delete;
  tail_index& operator=(const tail_index&) = delete;

  /// From the scan at start: nobody knows yet whether the pair's snapshot has this event. Returns
  /// the pair's event before, as far as the scan saw one, or 0.
  std::uint64_t add_unchecked(std::string_view pair_key, std::uint64_t seq);

  /// Everything that a committed batch changed.
  void apply(const batch& committed);

  /// The pair's last event after its snapshot, or 0. After a start it may be an event that the
  /// snapshot has already: whoever loads the pair compares.
  [[nodiscard]] std::uint64_t last_of(std::string_view pair_key) const;

  /// The oldest event that no snapshot has, or `otherwise`. Writer's thread.
  [[nodiscard]] std::uint64_t first_or(std::uint64_t otherwise) const noexcept;

  /// Compares up to `limit` of the entries from the start with their snapshots and drops the
  /// covered ones. `snapshot_head(pair_key)` returns the last event that the snapshot has. Writer's
  /// thread.
  template <class SnapshotHead>
  void check_some(std::size_t limit, SnapshotHead&& snapshot_head) {
    for (; limit > 0 && check_next_ != nullptr; --limit) {
      auto* const looked_at = check_next_;
      check_next_ = looked_at->newer;
      if (looked_at->checked) {
        check_next_ = nullptr;  // The entries from the start are the oldest.
        return;
      }
      looked_at->checked = true;
      if (snapshot_head(std::string_view{*looked_at->pair_key}) >= looked_at->last)
        forget(*looked_at);
    }
  }

  /// Up to `limit` pairs whose oldest event is `up_to` or older, oldest first. None is named twice
  /// within `ask_again_after`. Writer's thread.
  [[nodiscard]] std::vector<std::string> due(std::uint64_t up_to, std::size_t limit,
                                             std::chrono::steady_clock::time_point now);

  /// Whether nothing is left for `check_some`.
  [[nodiscard]] bool all_checked() const noexcept { return check_next_ == nullptr; }

  static constexpr std::chrono::seconds ask_again_after{1};

private:
  /// Linked by age through the map's own nodes, which do not move.
  struct entry {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool checked = true;
    const std::string* pair_key = nullptr;
    entry* older = nullptr;
    entry* newer = nullptr;
  };
  struct hash {
    using is_transparent = void;
    /// Not `noexcept`: libstdc++ then keeps each node's hash instead of hashing its way along.
    std::size_t operator()(std::string_view key) const;
  };

  entry& note(std::string_view pair_key, std::uint64_t seq);
  /// Takes the lock itself.
  void forget(entry& covered);
  void unlink_and_erase(entry& covered);

  mutable std::shared_mutex mutex_;  // Held alone for every change of `entries_`.
  std::unordered_map<std::string, entry, hash, std::equal_to<>> entries_;
  entry* oldest_ = nullptr;
  entry* newest_ = nullptr;
  entry* check_next_ = nullptr;  // The oldest one that `check_some` has not seen.
  entry* ask_next_ = nullptr;    // The oldest one that was not named since `asking_since_`.
  std::chrono::steady_clock::time_point asking_since_{};
};

}  // namespace parley::store
