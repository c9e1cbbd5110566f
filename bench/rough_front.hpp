#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "bench/endpoint.hpp"

namespace parley::bench {

/// How a rough front treats those who connect.
struct rough_options {
  endpoint listen;                      ///< Port 0 picks one.
  std::uint16_t inner_port = 0;         ///< Of 127.0.0.1: who really answers.
  std::chrono::milliseconds trickle{};  ///< Before each byte of an answer; 0: at once.
  /// Connections are taken for so long and then refused for so long, in turn; those that are open
  /// are cut. 0: always taken.
  std::chrono::milliseconds flap{};
};

/// Stands in front of a server and makes it worse, byte by byte: answers that trickle, and a port
/// that is refused every other while. One thread.
class rough_front {
public:
  explicit rough_front(rough_options options);
  ~rough_front();
  rough_front(const rough_front&) = delete;
  rough_front& operator=(const rough_front&) = delete;

  /// Binds and serves. Throws `std::system_error`.
  void start();
  /// Ends every connection and joins the thread. Idempotent.
  void stop();
  [[nodiscard]] std::uint16_t port() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace parley::bench
