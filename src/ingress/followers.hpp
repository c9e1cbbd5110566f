#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace parley::ingress {

/// Those who have read the journal to its end and want to hear when there is more. A follower is
/// told once and comes back when it has caught up again, so a commit costs nothing for those that
/// are busy, and next to nothing when nobody waits. Thread-safe.
class followers {
public:
  /// Calls `wake` once, when something after `seq` is durable: now, on this thread, or later on the
  /// writer's.
  void await(std::uint64_t seq, std::function<void()> wake);
  /// Everything up to `last_seq` is durable. The writer's thread.
  void committed(std::uint64_t last_seq) noexcept;
  /// Forgets who waits; nobody is told from here on.
  void close();

private:
  std::atomic<std::uint64_t> last_seq_{0};
  std::atomic<bool> waited_for_{false};
  std::mutex mutex_;
  std::vector<std::function<void()>> waiting_;
  bool closed_ = false;
};

}  // namespace parley::ingress
