#include "parley/model/directory_cell.hpp"

#include <utility>

namespace parley::model {

directory_cell::directory_cell(directory_ptr first) : present_(std::move(first)) {}

directory_ptr directory_cell::present() const {
  const std::lock_guard lock{mutex_};
  return present_;
}

std::uint64_t directory_cell::version() const noexcept {
  return version_.load(std::memory_order_acquire);
}

void directory_cell::publish(directory_ptr next) {
  {
    const std::lock_guard lock{mutex_};
    present_.swap(next);
    version_.fetch_add(1, std::memory_order_release);
  }
  // The one before goes here at the earliest, outside the lock: a large one takes its time.
}

const directory_ptr& directory_view::present() {
  // A directory published between the two reads is taken under the older number, and looked at
  // again the next time.
  if (const auto newest = cell_->version(); newest != seen_) {
    kept_ = cell_->present();
    seen_ = newest;
  }
  return kept_;
}

}  // namespace parley::model
