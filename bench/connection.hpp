#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/endpoint.hpp"

namespace parley::bench {

/// What reading from a connection came to.
enum class read_outcome : std::uint8_t {
  incomplete,  ///< The answer is not complete yet.
  answered,    ///< A whole answer; see `connection::status()`.
  broken,      ///< The peer closed or reset the connection, or what it sent is not HTTP/1.1.
};

/// Skips a body in the chunked transfer coding (RFC 9112 section 7.1).
class chunk_skipper {
public:
  enum class state : std::uint8_t { size_line, data, data_end, trailer, complete, malformed };

  void skip(std::string_view bytes);
  [[nodiscard]] state now() const noexcept { return state_; }

private:
  void end_of_line();

  state state_ = state::size_line;
  std::size_t left_ = 0;  // Of the chunk's data.
  std::string line_;
};

/// One non-blocking HTTP/1.1 client socket with at most one request in flight. Reads as much of an
/// answer as the generator needs: the status, how long the body is and whether the peer closes; the
/// body is skipped unless `keep_body` was called.
class connection {
public:
  connection() = default;
  ~connection() { close(); }
  connection(connection&& other) noexcept;
  connection& operator=(connection&& other) noexcept;

  /// Connects, waiting up to two seconds. Throws `std::system_error`.
  void open(const endpoint& target);
  void close() noexcept;

  /// Begins a request whose bytes outlive it. False when the connection is broken.
  [[nodiscard]] bool send(std::string_view request);
  /// Sends what the socket did not take before. False when the connection is broken.
  [[nodiscard]] bool send_rest();
  /// True while bytes of the request wait for room in the socket.
  [[nodiscard]] bool sending() const noexcept { return !unsent_.empty(); }

  /// Reads what there is.
  [[nodiscard]] read_outcome receive();

  /// From now on keeps the body of the last answer, as far as it goes up to this; a chunked one is
  /// skipped all the same.
  void keep_body(std::size_t bytes_max) noexcept { body_bytes_max_ = bytes_max; }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  /// Of the last answer.
  [[nodiscard]] int status() const noexcept { return status_; }
  /// Whether the peer said that it closes after the last answer.
  [[nodiscard]] bool closes() const noexcept { return closes_; }

private:
  [[nodiscard]] bool read_head();
  [[nodiscard]] read_outcome skip_body(std::string_view bytes);

  int fd_ = -1;
  int status_ = 0;
  bool head_done_ = false;
  bool closes_ = false;
  bool chunked_ = false;
  std::size_t body_left_ = 0;
  std::size_t body_bytes_max_ = 0;
  std::string body_;
  chunk_skipper chunks_;
  std::string_view unsent_;
  std::string head_;  // Bytes of an answer whose header fields are not complete.
};

}  // namespace parley::bench
