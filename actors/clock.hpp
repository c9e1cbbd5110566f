#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include <caf/detail/thread_safe_actor_clock.hpp>

namespace parley::actors {

/// When delayed messages are due, for all actors: a heap and a thread that sleeps until the first
/// of them is. The thread is woken by what is due before it would wake up anyway, give or take
/// `resolution`; CAF 0.17's own is woken by every message that is put on it and by every actor that
/// ends (docs/adr/0018).
///
/// It derives from CAF's because a scheduler has to have one of that type. Parley's actors have no
/// timeouts of requests and receives, which alone can be cancelled: nothing asks for them, so they
/// are left to the base, which nobody runs.
class clock final : public caf::detail::thread_safe_actor_clock {
public:
  /// A message comes that much later than it is due at most, if there is a core for it.
  static constexpr std::chrono::milliseconds resolution{1};

  clock() = default;
  ~clock() override;
  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;

  /// Begins to deliver. Once.
  void start();
  /// Ends the thread. What is not due by then is dropped; so is what is still to come.
  void stop();

  /// Any thread. The message is delivered by the clock's thread, not before `when`.
  void schedule_message(time_point when, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  /// An actor ends: it has no timeouts.
  void cancel_timeouts(caf::abstract_actor*) override {}

private:
  struct delayed {
    time_point due;
    std::uint64_t order = 0;  ///< What is due at one moment goes in the order in which it came.
    caf::strong_actor_ptr receiver;
    caf::mailbox_element_ptr content;
  };

  static bool is_later(const delayed& one, const delayed& other) noexcept;
  void run();
  void take_due(time_point now, std::vector<delayed>& due);

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable wake_;
  std::vector<delayed> heap_;  // The first to be due in front.
  std::uint64_t next_order_ = 0;
  time_point wakes_at_ = time_point::min();  // Of the thread; awake: the earliest there is.
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace parley::actors
