#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace parley::ingress {

/// Threads that serve applications' requests. They may wait for the disk; I/O threads may not.
class read_pool {
public:
  read_pool(std::size_t threads, std::size_t waiting_max);
  ~read_pool();
  read_pool(const read_pool&) = delete;
  read_pool& operator=(const read_pool&) = delete;

  /// False when too many wait already, or the pool has stopped: `work` was not taken. `work` must
  /// not throw. Any thread.
  [[nodiscard]] bool try_post(std::function<void()> work);
  /// Drops what waits, finishes what runs, joins. Idempotent.
  void stop();

  [[nodiscard]] std::size_t waiting() const;

private:
  void run();

  const std::size_t waiting_max_;
  mutable std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> waiting_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace parley::ingress
