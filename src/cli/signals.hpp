#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace parley::cli {

/// Blocks SIGTERM and SIGINT in this thread, and so in every thread that it starts later, and
/// ignores SIGPIPE: a peer that has gone is an error of the write. Call it before any thread runs.
void block_ending_signals();

/// Waits until SIGTERM or SIGINT comes; returns which.
int wait_for_ending_signal();

/// Raises the limit of open files to the most that this process may have.
void raise_open_files();

/// Ends the process with status 1 when it was not destroyed in time: whatever hangs, an orderly end
/// takes no longer. Nothing acknowledged is lost by it, because the journal holds that already.
class deadline {
public:
  explicit deadline(std::chrono::milliseconds patience);
  ~deadline();
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;

private:
  void wait();

  const std::chrono::steady_clock::time_point end_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;  // Last: it uses the others.
};

}  // namespace parley::cli
