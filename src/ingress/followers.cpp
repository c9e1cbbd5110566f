#include "src/ingress/followers.hpp"

#include <utility>

namespace parley::ingress {

void followers::await(std::uint64_t seq, std::function<void()> wake) {
  {
    const std::lock_guard lock{mutex_};
    if (closed_)
      return;
    waiting_.push_back(std::move(wake));
    waited_for_.store(true);
    // The writer stores its position and then looks for waiters; here it is the other way round.
    // One of the two sees the other.
    if (last_seq_.load() <= seq)
      return;
    wake = std::move(waiting_.back());
    waiting_.pop_back();
  }
  wake();
}

void followers::committed(std::uint64_t last_seq) noexcept {
  last_seq_.store(last_seq);
  if (!waited_for_.load())
    return;
  std::vector<std::function<void()>> woken;
  {
    const std::lock_guard lock{mutex_};
    woken.swap(waiting_);
    waited_for_.store(false);
  }
  for (const auto& wake : woken)
    wake();
}

void followers::close() {
  std::vector<std::function<void()>> forgotten;
  const std::lock_guard lock{mutex_};
  closed_ = true;
  forgotten.swap(waiting_);
}

}  // namespace parley::ingress
