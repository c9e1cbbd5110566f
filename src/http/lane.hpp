#pragma once

#include "parley/http/server.hpp"
#include "src/http/connection.hpp"
#include "src/http/net.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace parley::http {

/// What the lanes of one server share.
struct server_context {
  server_options options;
  handler& owner;
  std::atomic<std::size_t> connections_open{0};
};

/// A count that one thread changes and others read.
class lane_count {
public:
  void increment() {
    value_.store(value_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// One I/O thread: its `io_context`, its acceptor, its connections and their deadlines.
///
/// Confined to the thread in `run()`, except `enqueue`, `deposit` and the counts. Deadlines are
/// kept in ticks of the sweep, rounded up, so that setting one costs a store and no timer.
class lane : public std::enable_shared_from_this<lane> {
public:
  lane(std::uint32_t index, std::shared_ptr<server_context> context);
  ~lane();
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;

  // -- before the thread runs ---------------------------------------------------------------------

  /// Binds. Throws `std::system_error`.
  void listen(const tcp::endpoint& at, bool share_port);
  [[nodiscard]] std::uint16_t port() const;

  /// The thread: serves until `halt()` was asked for and every operation has ended.
  void run();

  // -- from any thread ----------------------------------------------------------------------------

  /// Takes the answer at once if this thread is inside the handler's call for that very request.
  [[nodiscard]] bool deposit(const ticket& where, response& what);
  /// Hands answers over; moves from each whose ticket names this lane.
  void enqueue(std::span<std::pair<ticket, response>> answers);
  void enqueue(std::function<void()> work);

  // -- on the lane's thread -----------------------------------------------------------------------

  /// Closes the acceptor and lets connections end once nothing is in flight.
  void retire();
  /// Ends everything; `run` returns soon after.
  void halt();

  [[nodiscard]] std::uint32_t index() const { return index_; }
  [[nodiscard]] io_executor executor() { return io_.get_executor(); }
  [[nodiscard]] const server_options& options() const { return context_->options; }
  [[nodiscard]] handler& owner() const { return context_->owner; }
  [[nodiscard]] bool retiring() const { return retiring_; }

  /// Puts another connection in the place of the one that had the slot.
  void replace(std::uint32_t slot, std::shared_ptr<connection> who);
  void release(std::uint32_t slot);

  /// How many ticks surely last as long as `timeout`.
  [[nodiscard]] static std::uint32_t ticks(std::chrono::milliseconds timeout);
  void arm(std::uint32_t slot, std::uint32_t ticks) { slots_[slot].deadline = tick_ + ticks; }
  void disarm(std::uint32_t slot) { slots_[slot].deadline = never; }

  /// Calls `owner().handle`; true when the answer is already in `answer`.
  [[nodiscard]] bool dispatch(std::uint32_t slot, request& incoming, response& answer);

  struct counters {
    lane_count connections;
    lane_count refused;
    lane_count requests;
    lane_count timeouts;
  };
  counters counts;

private:
  static constexpr std::uint32_t never = 0xffffffff;

  struct place {
    std::shared_ptr<connection> who;
    std::uint64_t generation = 0;  // Of the request that waits for an answer; 0 when none does.
    std::uint32_t deadline = never;
  };

  void accept();
  void on_accept(error_code ec, tcp_socket socket);
  void admit(tcp_socket socket);
  void sweep();
  void wake();
  void drain();
  void complete(const ticket& where, response& what);
  void announce_end_of_turn();

  std::uint32_t index_;
  std::shared_ptr<server_context> context_;

  struct inbox {
    std::vector<std::pair<ticket, response>> answers;
    std::vector<std::function<void()>> work;
  };
  std::mutex inbox_mutex_;
  inbox inbox_;
  bool drain_scheduled_ = false;
  bool closed_ = false;  // The thread has ended, or will before it looks again.
  inbox drained_;        // On the lane's thread only.

  net::io_context io_;
  net::executor_work_guard<io_executor> guard_;
  net::basic_socket_acceptor<tcp, io_executor> acceptor_;
  net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>,
                            io_executor>
    sweep_;

  std::vector<place> slots_;
  std::vector<std::uint32_t> free_;
  std::uint32_t tick_ = 0;
  std::uint64_t generation_ = 0;
  std::uint64_t dispatching_ = 0;  // The generation inside `dispatch`; 0 once it is answered.
  response* deposited_ = nullptr;
  bool turn_ends_ = false;  // `end_of_turn` is posted.
  bool accept_paused_ = false;
  bool retiring_ = false;
};

}  // namespace parley::http
