#include "bench/stream_readers.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "bench/connection.hpp"

namespace parley::bench {

namespace {

constexpr std::size_t head_bytes_max = 16 * 1024;
constexpr std::size_t read_bytes = 256 * 1024;
constexpr int wake_ms = 50;
// Of a handshake; reading waits for nothing.
constexpr timeval patience{.tv_sec = 30, .tv_usec = 0};

std::string handshake(const stream_options& options, std::size_t which) {
  auto path = fmt::format("/v1/stream?after={}", options.after);
  if (!options.types.empty())
    path += "&types=" + options.types;
  if (options.as_users)
    path += fmt::format("&user=agent{}", which + 1);
  // The key proves only that the server speaks the protocol; this one is the RFC's example.
  return fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\nAuthorization: Bearer {}\r\n"
                     "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Version: 13\r\n\r\n",
                     path, options.target.host, options.target.port, options.api_key);
}

/// The answer's head, and in `rest` what came after it.
std::string read_head(int fd, std::string& rest) {
  std::string head;
  std::array<char, 4096> buffer;
  while (head.size() < head_bytes_max) {
    const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0)
      break;
    head.append(buffer.data(), static_cast<std::size_t>(got));
    if (const auto end = head.find("\r\n\r\n"); end != std::string::npos) {
      rest = head.substr(end + 4);
      head.resize(end);
      return head;
    }
  }
  throw std::runtime_error("the broker did not answer the handshake of a stream");
}

}  // namespace

stream_readers::stream_readers(const stream_options& options)
  : book_(options.readers), lines_(options.readers) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0)
    throw std::system_error(errno, std::generic_category(), "epoll_create1");
  try {
    for (std::size_t i = 0; i < lines_.size(); ++i)
      open(options, i);
  } catch (...) {
    stop();
    throw;
  }
  thread_ = std::thread{[this] { run(); }};
}

stream_readers::~stream_readers() {
  stop();
}

void stream_readers::open(const stream_options& options, std::size_t which) {
  connection socket;
  socket.open(options.target);
  // A copy of the descriptor: the stream goes on when the request's connection object has gone.
  const auto fd = ::fcntl(socket.fd(), F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    throw std::system_error(errno, std::generic_category(), "fcntl");
  lines_[which].fd = fd;
  const auto flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (!socket.send(handshake(options, which)))
    throw std::runtime_error("a stream's handshake could not be sent");
  std::string rest;
  const auto head = read_head(fd, rest);
  if (!head.starts_with("HTTP/1.1 101"))
    throw std::runtime_error("a stream was refused: " + head.substr(0, head.find('\r')) + " "
                             + rest.substr(0, 200));
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  if (!take(which, rest))
    throw std::runtime_error("a stream began with bytes that are no frames");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = which;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void stream_readers::stop() {
  stopping_ = true;
  if (thread_.joinable())
    thread_.join();
  for (auto& each : lines_)
    if (each.fd >= 0)
      ::close(std::exchange(each.fd, -1));
  if (epoll_ >= 0)
    ::close(std::exchange(epoll_, -1));
}

void stream_readers::run() {
  std::array<epoll_event, 128> events;
  while (!stopping_) {
    const auto ready
      = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wake_ms);
    for (int i = 0; i < ready; ++i)
      read(events[static_cast<std::size_t>(i)].data.u64);
  }
}

void stream_readers::read(std::size_t which) {
  // One read for each turn, so that no stream starves the others; the rest is still there then.
  thread_local std::vector<char> buffer(read_bytes);
  const auto got = ::recv(lines_[which].fd, buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (got <= 0 || !take(which, {buffer.data(), static_cast<std::size_t>(got)}))
    end(which);
}

bool stream_readers::take(std::size_t which, std::string_view bytes) {
  const auto now = std::chrono::steady_clock::now();
  auto open = true;
  const auto proper
    = lines_[which].frames.feed(bytes, [&](websocket_frames::kind what, std::string_view payload) {
        if (what == websocket_frames::kind::text) {
          book_.take(which, payload, now);
          pushes_.fetch_add(1, std::memory_order_relaxed);
        } else if (what == websocket_frames::kind::ping) {
          const auto pong = client_frame(websocket_frames::kind::pong, payload);
          open = ::send(lines_[which].fd, pong.data(), pong.size(), MSG_NOSIGNAL) > 0;
        } else if (what == websocket_frames::kind::close) {
          open = false;
        }
      });
  return proper && open;
}

void stream_readers::end(std::size_t which) {
  ++broken_;
  ::close(std::exchange(lines_[which].fd, -1));
}

}  // namespace parley::bench
