#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/endpoint.hpp"
#include "bench/histogram.hpp"
#include "bench/timeline.hpp"

namespace parley::bench {

/// Requests made and signed before a run, in one block of memory: sending one then costs the
/// generator a system call and nothing else, whatever the target.
class request_block {
public:
  void reserve(std::size_t requests, std::size_t bytes_each) {
    bytes_.reserve(requests * bytes_each);
    ends_.reserve(requests);
  }
  void add(std::string_view request) {
    bytes_.append(request);
    ends_.push_back(bytes_.size());
  }
  /// Adds every request of `other`, after those that are here.
  void append(const request_block& other) {
    const auto before = bytes_.size();
    bytes_.append(other.bytes_);
    for (const auto end : other.ends_)
      ends_.push_back(before + end);
  }
  [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
    const auto begin = index == 0 ? 0 : ends_[index - 1];
    return {bytes_.data() + begin, ends_[index] - begin};
  }
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size(); }

private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

/// How to send a run of requests.
struct load_plan {
  const request_block* requests = nullptr;
  std::size_t first = 0;
  std::size_t count = 0;
  /// Arrivals per second, at fixed distances; 0 is a closed loop with one request per connection.
  double rate_per_s = 0;
  /// Ends the sending although requests are left; in an open loop with the last that is due
  /// before, however late it is sent. 0: no limit.
  std::chrono::nanoseconds duration{};
  /// Ends the sending at the first connection that breaks: the target was killed on purpose.
  bool stop_on_loss = false;
  /// When set: one byte a request of the block, set to 1 for each answer 2xx.
  std::vector<std::uint8_t>* acknowledged = nullptr;
  /// When set: a place for each request of the block, which gets the intended time of sending
  /// (closed loop: the time of sending), for those who measure to somewhere else than the answer.
  std::vector<std::chrono::steady_clock::time_point>* intended = nullptr;
};

/// What came of a run.
struct load_result {
  histogram latency_ns;  ///< Of answers 2xx. Open loop: from the *intended* time of sending.
  timeline answered;     ///< Answers 2xx, by the second.
  std::uint64_t sent = 0;
  std::uint64_t succeeded = 0;             ///< Answered 2xx.
  std::map<int, std::uint64_t> by_status;  ///< Every answer.
  std::uint64_t lost = 0;                  ///< The connection broke before the answer.
  std::uint64_t unanswered = 0;            ///< Given up: no answer within the patience.
  std::uint64_t unsent = 0;                ///< Left over when the target was given up.
  std::uint64_t reconnects = 0;
  std::chrono::nanoseconds elapsed{};       ///< From the start to the last answer.
  std::chrono::nanoseconds lateness_max{};  ///< Open loop: the latest sending after its time.

  [[nodiscard]] double throughput_per_s() const noexcept;
  /// Everything sent and not answered 2xx.
  [[nodiscard]] std::uint64_t failed() const noexcept { return sent - succeeded; }
  void merge(const load_result& other);
};

/// Limits of the generator.
struct load_options {
  endpoint target;
  std::size_t connections = 256;  ///< Over all threads.
  std::size_t threads = 1;
  /// Ends a run when requests are in flight and nothing is sent or answered for this long.
  std::chrono::milliseconds patience{30'000};
  std::chrono::milliseconds give_up{10'000};  ///< Ends a run when nothing can be connected.
};

/// Keep-alive connections to one target, and loops that send prepared requests over them: open loop
/// at a fixed arrival rate, or closed loop. Non-blocking sockets on epoll, at most one request in
/// flight on a connection. In an open loop a request whose connections are all busy waits in the
/// generator, and its latency counts from when it should have left.
class load_generator {
public:
  /// Opens the connections. Throws `std::system_error` when the target does not accept them.
  explicit load_generator(load_options options);
  ~load_generator();
  load_generator(const load_generator&) = delete;
  load_generator& operator=(const load_generator&) = delete;

  /// Sends as planned and waits for the answers. Connections stay open between runs. Blocks.
  [[nodiscard]] load_result run(const load_plan& plan);

private:
  class worker;
  std::vector<std::unique_ptr<worker>> workers_;
};

}  // namespace parley::bench
