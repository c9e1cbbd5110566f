#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace parley::store {

class batch;

/// A row of `heads` to be written. The key is valid until the index changes.
struct head_row {
  std::string_view key;
  std::uint64_t last_seq = 0;
};

/// Which pairs have events that neither a snapshot nor a row of `heads` covers, and the last of
/// each.
///
/// Pairs lie in buckets by the hash that their key in `heads` begins with, so that one bucket's
/// rows are neighbours there: a sweep writes a bucket at a time and touches each page of the table
/// once, where writing the oldest pair first would touch a page for every row.
///
/// Written by one thread, the journal's writer; `last_of` is for every thread. Holds one entry a
/// pair with events in the tail, so it is bounded by the tail.
class tail_index {
public:
  static constexpr std::size_t bucket_count = 4096;

  tail_index() = default;
  tail_index(const tail_index&) = delete;
  tail_index& operator=(const tail_index&) = delete;

  /// An event of the tail. Returns the pair's event before it, as far as the tail has one, or 0.
  std::uint64_t add(std::string_view pair_key, std::uint64_t seq);

  /// Everything that a committed batch changed.
  void apply(const batch& committed);

  /// The pair's last event in the tail, or 0. After a start it may be an event that the snapshot
  /// has already: whoever loads the pair compares.
  [[nodiscard]] std::uint64_t last_of(std::string_view pair_key) const;

  /// The oldest event that is not covered, or `otherwise` when that is older. Writer's thread.
  [[nodiscard]] std::uint64_t first_or(std::uint64_t otherwise) const noexcept;

  /// Adds the rows of the bucket with the oldest event to `heads`, and counts it as covered from
  /// now on: the caller makes the rows durable and calls `forget_swept`. Returns whether there was
  /// one. Writer's thread.
  bool sweep(std::vector<head_row>& heads);

  /// What was swept is durable in `heads`.
  void forget_swept();

private:
  static constexpr std::uint64_t nothing = std::numeric_limits<std::uint64_t>::max();

  /// Small enough to be searched in order: as many entries as a sweep is apart from the next.
  struct bucket {
    struct entry {
      std::uint64_t last = 0;
      std::uint32_t key_offset = 0;
      std::uint32_t key_bytes = 0;
    };

    [[nodiscard]] std::string_view head_key_of(const entry& of) const noexcept {
      return std::string_view{keys}.substr(of.key_offset, of.key_bytes);
    }
    [[nodiscard]] std::size_t find(std::string_view pair_key,
                                   std::uint32_t tag) const noexcept;
    void clear() noexcept;

    std::vector<std::uint32_t> tags;  ///< Hash bits of each entry: what a search looks at.
    std::vector<entry> entries;
    std::string keys;  ///< As in `heads`. An erased one's place is free with the next sweep.
  };

  void erase(std::string_view pair_key, std::uint64_t covered_to);

  mutable std::shared_mutex mutex_;  // Held alone for every change of `buckets_`.
  std::array<bucket, bucket_count> buckets_;
  /// For each bucket its oldest event; beside the buckets, because all are compared at once.
  std::array<std::uint64_t, bucket_count> first_ = [] {
    std::array<std::uint64_t, bucket_count> none{};
    none.fill(nothing);
    return none;
  }();
  std::vector<std::size_t> swept_;
};

}  // namespace parley::store
