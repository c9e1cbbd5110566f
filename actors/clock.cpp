#include "actors/clock.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <pthread.h>

namespace parley::actors {

clock::~clock() {
  stop();
}

void clock::start() {
  thread_ = std::thread{[this] {
    ::pthread_setname_np(::pthread_self(), "clock");
    run();
  }};
}

void clock::stop() {
  std::vector<delayed> dropped;  // Outside of the lock: an actor may end with its last message.
  {
    const std::lock_guard guard{mutex_};
    stopping_ = true;
    dropped.swap(heap_);
  }
  wake_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

void clock::schedule_message(time_point when, caf::strong_actor_ptr receiver,
                             caf::mailbox_element_ptr content) {
  bool due_sooner = false;
  {
    const std::lock_guard guard{mutex_};
    if (stopping_)
      return;
    heap_.push_back({when, next_order_++, std::move(receiver), std::move(content)});
    std::ranges::push_heap(heap_, is_later);
    due_sooner = when < wakes_at_ && wakes_at_ - when > resolution;
  }
  if (due_sooner)
    wake_.notify_one();
}

bool clock::is_later(const delayed& one, const delayed& other) noexcept {
  return std::tie(one.due, one.order) > std::tie(other.due, other.order);
}

void clock::run() {
  std::vector<delayed> due;
  std::unique_lock guard{mutex_};
  while (!stopping_) {
    const auto now = clock_type::now();
    take_due(now, due);
    if (due.empty()) {
      // Not for each of them: what is due within the next moment is delivered together.
      wakes_at_ = heap_.empty() ? time_point::max() : std::max(heap_.front().due, now + resolution);
      if (heap_.empty())
        wake_.wait(guard);
      else
        wake_.wait_until(guard, wakes_at_);
      wakes_at_ = time_point::min();
      continue;
    }
    guard.unlock();
    for (auto& one : due)
      one.receiver->enqueue(std::move(one.content), nullptr);
    due.clear();
    guard.lock();
  }
}

void clock::take_due(time_point now, std::vector<delayed>& due) {
  while (!heap_.empty() && heap_.front().due <= now) {
    std::ranges::pop_heap(heap_, is_later);
    due.push_back(std::move(heap_.back()));
    heap_.pop_back();
  }
}

}  // namespace parley::actors
