#include "src/store/tail_index.hpp"

#include "src/store/batch.hpp"
#include "src/store/keys.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace parley::store {
namespace {

static_assert(tail_index::bucket_count == 1U << 12U);

/// A bucket is a range of `heads`: the first bits of the hash that orders it.
[[nodiscard]] std::size_t bucket_of(std::uint64_t hash) noexcept {
  return static_cast<std::size_t>(hash >> 52U);
}

/// Other bits than those that all entries of a bucket share.
[[nodiscard]] std::uint32_t tag_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash);
}

}  // namespace

std::size_t tail_index::bucket::find(std::string_view pair_key, std::uint32_t tag) const noexcept {
  for (std::size_t i = 0; i < tags.size(); ++i)
    if (tags[i] == tag && head_key_of(entries[i]).substr(head_hash_bytes) == pair_key)
      return i;
  return tags.size();
}

void tail_index::bucket::clear() noexcept {
  tags.clear();
  entries.clear();
  keys.clear();
}

std::uint64_t tail_index::add(std::string_view pair_key, std::uint64_t seq) {
  const auto hash = head_hash(pair_key);
  const auto which = bucket_of(hash);
  auto& in = buckets_[which];
  first_[which] = std::min(first_[which], seq);
  if (const auto at = in.find(pair_key, tag_of(hash)); at < in.entries.size())
    return std::exchange(in.entries[at].last, seq);
  in.tags.push_back(tag_of(hash));
  in.entries.push_back({.last = seq,
                        .key_offset = static_cast<std::uint32_t>(in.keys.size()),
                        .key_bytes
                        = static_cast<std::uint32_t>(head_hash_bytes + pair_key.size())});
  append_head_key(in.keys, hash, pair_key);
  return 0;
}

void tail_index::apply(const batch& committed) {
  const std::unique_lock lock{mutex_};
  const auto records = committed.records();
  auto next_snapshot = committed.snapshots().begin();
  const auto take_snapshots_before = [&](std::size_t record) {
    for (; next_snapshot != committed.snapshots().end() && next_snapshot->records_before <= record;
         ++next_snapshot)
      erase(committed.key(committed.rows()[next_snapshot->row]), next_snapshot->head_seq);
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    take_snapshots_before(i);
    add(committed.pair_key(records[i]), committed.first_seq() + i);
  }
  take_snapshots_before(records.size());
}

std::uint64_t tail_index::last_of(std::string_view pair_key) const {
  const auto hash = head_hash(pair_key);
  const std::shared_lock lock{mutex_};
  const auto& in = buckets_[bucket_of(hash)];
  const auto at = in.find(pair_key, tag_of(hash));
  return at < in.entries.size() ? in.entries[at].last : 0;
}

std::uint64_t tail_index::first_or(std::uint64_t otherwise) const noexcept {
  return std::min(otherwise, *std::ranges::min_element(first_));
}

bool tail_index::sweep(std::vector<head_row>& heads) {
  const auto oldest = std::ranges::min_element(first_);
  if (*oldest == nothing)
    return false;
  *oldest = nothing;
  const auto which = static_cast<std::size_t>(oldest - first_.begin());
  swept_.push_back(which);
  const auto& in = buckets_[which];
  for (const auto& entry : in.entries)
    heads.push_back({in.head_key_of(entry), entry.last});
  return true;
}

void tail_index::forget_swept() {
  const std::unique_lock lock{mutex_};
  for (const auto which : swept_)
    buckets_[which].clear();
  swept_.clear();
}

void tail_index::erase(std::string_view pair_key, std::uint64_t covered_to) {
  const auto hash = head_hash(pair_key);
  const auto which = bucket_of(hash);
  auto& in = buckets_[which];
  const auto at = in.find(pair_key, tag_of(hash));
  if (at == in.entries.size() || in.entries[at].last > covered_to)
    return;
  in.tags[at] = in.tags.back();
  in.tags.pop_back();
  in.entries[at] = in.entries.back();
  in.entries.pop_back();
  if (in.entries.empty()) {
    in.keys.clear();
    first_[which] = nothing;
  }
}

}  // namespace parley::store
