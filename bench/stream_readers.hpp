#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "bench/endpoint.hpp"
#include "bench/fanout_book.hpp"
#include "bench/websocket_frames.hpp"

namespace parley::bench {

/// What the streams are asked for.
struct stream_options {
  endpoint target;
  std::string api_key;
  std::size_t readers = 100;
  std::uint64_t after = 0;
  std::string types = "conversation.message.created";
  bool as_users = false;  ///< Reader i is of user `agent{i + 1}`.
};

/// Many live streams (`GET /v1/stream`), read as fast as they come by one thread.
class stream_readers {
public:
  /// Opens them, one after another, and starts to read. Throws `std::runtime_error` when one is
  /// refused and `std::system_error` when it cannot connect.
  explicit stream_readers(const stream_options& options);
  ~stream_readers();
  stream_readers(const stream_readers&) = delete;
  stream_readers& operator=(const stream_readers&) = delete;

  /// Events so far, over all readers. From any thread.
  [[nodiscard]] std::uint64_t pushes() const noexcept { return pushes_.load(); }
  /// Streams that have ended although nobody stopped them. From any thread.
  [[nodiscard]] std::uint64_t broken() const noexcept { return broken_.load(); }

  /// Ends reading. Idempotent.
  void stop();
  /// What was read; after `stop`.
  [[nodiscard]] const fanout_book& book() const noexcept { return book_; }

private:
  struct line {
    int fd = -1;
    websocket_frames frames;
  };

  void open(const stream_options& options, std::size_t which);
  void run();
  void read(std::size_t which);
  [[nodiscard]] bool take(std::size_t which, std::string_view bytes);
  void end(std::size_t which);

  fanout_book book_;
  std::vector<line> lines_;
  int epoll_ = -1;
  std::atomic<std::uint64_t> pushes_{0};
  std::atomic<std::uint64_t> broken_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace parley::bench
