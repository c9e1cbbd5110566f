#include "src/ingress/read_pool.hpp"

#include <utility>

#include <pthread.h>

namespace parley::ingress {

read_pool::read_pool(std::size_t threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i)
    threads_.emplace_back([this] {
      ::pthread_setname_np(::pthread_self(), "read");
      run();
    });
}

read_pool::~read_pool() {
  stop();
}

bool read_pool::try_post(std::function<void()> work) {
  {
    const std::lock_guard lock{mutex_};
    if (stopped_ || waiting_.size() >= waiting_max_)
      return false;
    waiting_.push_back(std::move(work));
  }
  posted_.notify_one();
  return true;
}

void read_pool::stop() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    dropped.swap(waiting_);
  }
  posted_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable())
      thread.join();
}

std::size_t read_pool::waiting() const {
  const std::lock_guard lock{mutex_};
  return waiting_.size();
}

void read_pool::run() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock{mutex_};
      posted_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_)
        return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
}

}  // namespace parley::ingress
