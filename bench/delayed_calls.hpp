#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace parley::bench {

/// Calls functions at or after a time, in order of their times, on one thread of its own.
class delayed_calls {
public:
  using clock = std::chrono::steady_clock;

  delayed_calls();
  ~delayed_calls();
  delayed_calls(const delayed_calls&) = delete;
  delayed_calls& operator=(const delayed_calls&) = delete;

  /// Callable from any thread. Does nothing after `stop`.
  void call_at(clock::time_point due, std::function<void()> work);

  /// Drops what is not due yet and joins the thread. Idempotent; not from a call.
  void stop();

private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<clock::time_point, std::function<void()>> pending_;
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses everything above.
};

}  // namespace parley::bench
