#include "src/store/tail_index.hpp"

#include "src/store/batch.hpp"

#include <xxhash.h>

#include <mutex>

namespace parley::store {

std::size_t tail_index::hash::operator()(std::string_view key) const {
  return XXH3_64bits(key.data(), key.size());
}

std::uint64_t tail_index::add_unchecked(std::string_view pair_key, std::uint64_t seq) {
  const std::unique_lock lock{mutex_};
  const auto before = entries_.size();
  auto& noted = note(pair_key, 0);
  const auto last = std::exchange(noted.last, seq);
  if (entries_.size() != before) {
    noted.first = seq;
    noted.checked = false;
    if (check_next_ == nullptr)
      check_next_ = &noted;
  }
  return last;
}

void tail_index::apply(const batch& committed) {
  const std::unique_lock lock{mutex_};
  const auto records = committed.records();
  auto next_snapshot = committed.snapshots().begin();
  const auto take_snapshots_before = [&](std::size_t record) {
    for (; next_snapshot != committed.snapshots().end() && next_snapshot->records_before <= record;
         ++next_snapshot) {
      const auto found = entries_.find(committed.key(committed.rows()[next_snapshot->row]));
      if (found != entries_.end() && found->second.last <= next_snapshot->head_seq)
        unlink_and_erase(found->second);
    }
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    take_snapshots_before(i);
    note(committed.pair_key(records[i]), committed.first_seq() + i);
  }
  take_snapshots_before(records.size());
}

std::uint64_t tail_index::last_of(std::string_view pair_key) const {
  const std::shared_lock lock{mutex_};
  const auto found = entries_.find(pair_key);
  return found == entries_.end() ? 0 : found->second.last;
}

std::uint64_t tail_index::first_or(std::uint64_t otherwise) const noexcept {
  return oldest_ == nullptr ? otherwise : oldest_->first;
}

std::vector<std::string> tail_index::due(std::uint64_t up_to, std::size_t limit,
                                         std::chrono::steady_clock::time_point now) {
  std::vector<std::string> pairs;
  if (first_or(up_to + 1) > up_to)
    return pairs;
  if (now - asking_since_ >= ask_again_after) {
    ask_next_ = oldest_;
    asking_since_ = now;
  }
  // An unchecked entry ends the walk: its snapshot may have everything, which is known soon.
  for (; ask_next_ != nullptr && ask_next_->checked && ask_next_->first <= up_to
         && pairs.size() < limit;
       ask_next_ = ask_next_->newer)
    pairs.push_back(*ask_next_->pair_key);
  return pairs;
}

tail_index::entry& tail_index::note(std::string_view pair_key, std::uint64_t seq) {
  if (const auto found = entries_.find(pair_key); found != entries_.end()) {
    if (seq != 0)
      found->second.last = seq;
    return found->second;
  }
  const auto added = entries_.emplace(pair_key, entry{}).first;
  auto& noted = added->second;
  noted.first = noted.last = seq;
  noted.pair_key = &added->first;
  noted.older = newest_;
  (newest_ == nullptr ? oldest_ : newest_->newer) = &noted;
  newest_ = &noted;
  if (ask_next_ == nullptr)
    ask_next_ = &noted;
  return noted;
}

void tail_index::forget(entry& covered) {
  const std::unique_lock lock{mutex_};
  unlink_and_erase(covered);
}

void tail_index::unlink_and_erase(entry& covered) {
  (covered.older == nullptr ? oldest_ : covered.older->newer) = covered.newer;
  (covered.newer == nullptr ? newest_ : covered.newer->older) = covered.older;
  if (check_next_ == &covered)
    check_next_ = covered.newer;
  if (ask_next_ == &covered)
    ask_next_ = covered.newer;
  entries_.erase(entries_.find(std::string_view{*covered.pair_key}));
}

}  // namespace parley::store
