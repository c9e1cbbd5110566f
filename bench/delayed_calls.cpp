#include "bench/delayed_calls.hpp"

#include <utility>

namespace parley::bench {

delayed_calls::delayed_calls() : thread_([this] { run(); }) {}

delayed_calls::~delayed_calls() {
  stop();
}

void delayed_calls::call_at(clock::time_point due, std::function<void()> work) {
  const std::lock_guard lock{mutex_};
  if (stopping_)
    return;
  const auto added = pending_.emplace(due, std::move(work));
  if (added == pending_.begin())
    changed_.notify_one();
}

void delayed_calls::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    pending_.clear();
  }
  changed_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

void delayed_calls::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (pending_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto due = pending_.begin()->first;
    if (clock::now() < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    const auto work = std::move(pending_.begin()->second);
    pending_.erase(pending_.begin());
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace parley::bench
