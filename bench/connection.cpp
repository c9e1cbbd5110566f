#include "bench/connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

namespace parley::bench {

namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t line_bytes_max = 1024;

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(a) == lower(b);
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

template <class Number>
bool read_number(std::string_view text, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

void chunk_skipper::skip(std::string_view bytes) {
  while (!bytes.empty() && state_ != state::complete && state_ != state::malformed) {
    if (state_ == state::data) {
      const auto skipped = std::min(left_, bytes.size());
      bytes.remove_prefix(skipped);
      left_ -= skipped;
      if (left_ == 0)
        state_ = state::data_end;
      continue;
    }
    const auto next = bytes.front();
    bytes.remove_prefix(1);
    if (next == '\n')
      end_of_line();
    else if (line_.size() >= line_bytes_max)
      state_ = state::malformed;
    else
      line_.push_back(next);
  }
}

void chunk_skipper::end_of_line() {
  if (line_.ends_with('\r'))
    line_.pop_back();
  if (state_ == state::size_line) {
    const auto digits = std::string_view{line_}.substr(0, line_.find_first_of("; "));
    const auto [end, error]
      = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (error != std::errc{} || end != digits.data() + digits.size())
      state_ = state::malformed;
    else
      state_ = left_ == 0 ? state::trailer : state::data;
  } else if (state_ == state::data_end) {
    state_ = line_.empty() ? state::size_line : state::malformed;
  } else if (line_.empty()) {
    state_ = state::complete;
  }
  line_.clear();
}

connection::connection(connection&& other) noexcept {
  *this = std::move(other);
}

connection& connection::operator=(connection&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    status_ = other.status_;
    head_done_ = other.head_done_;
    closes_ = other.closes_;
    chunked_ = other.chunked_;
    body_left_ = other.body_left_;
    body_bytes_max_ = other.body_bytes_max_;
    body_ = std::move(other.body_);
    chunks_ = std::move(other.chunks_);
    unsent_ = other.unsent_;
    head_ = std::move(other.head_);
  }
  return *this;
}

void connection::open(const endpoint& target) {
  close();
  const auto fail = [this](const char* what) {
    const auto code = errno;
    close();
    throw std::system_error(code, std::generic_category(), what);
  };
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0)
    fail("socket");
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(target.port);
  if (::inet_pton(AF_INET, target.host.c_str(), &address.sin_addr) != 1) {
    errno = EINVAL;
    fail("address");
  }
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("connect");
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::fcntl(fd_, F_SETFL, O_NONBLOCK) != 0)
    fail("fcntl");
}

void connection::close() noexcept {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
  head_done_ = false;
  closes_ = false;
  body_left_ = 0;
  unsent_ = {};
  head_.clear();
}

bool connection::send(std::string_view request) {
  unsent_ = request;
  return send_rest();
}

bool connection::send_rest() {
  while (!unsent_.empty()) {
    const auto taken = ::send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (taken < 0)
      return errno == EAGAIN || errno == EINTR;
    unsent_.remove_prefix(static_cast<std::size_t>(taken));
  }
  return true;
}

read_outcome connection::receive() {
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0 && errno == EAGAIN)
      return read_outcome::incomplete;
    if (got <= 0)
      return read_outcome::broken;
    std::string_view bytes{buffer.data(), static_cast<std::size_t>(got)};
    if (!head_done_) {
      const auto before = head_.size();
      head_.append(bytes);
      const auto from = before < 3 ? 0 : before - 3;
      const auto end = head_.find("\r\n\r\n", from);
      if (end == std::string::npos) {
        if (head_.size() > head_bytes_max)
          return read_outcome::broken;
        continue;
      }
      bytes.remove_prefix(end + 4 - before);
      head_.resize(end + 2);
      if (!read_head())
        return read_outcome::broken;
    }
    if (const auto outcome = skip_body(bytes); outcome != read_outcome::incomplete)
      return outcome;
  }
}

read_outcome connection::skip_body(std::string_view bytes) {
  if (chunked_) {
    chunks_.skip(bytes);
    if (chunks_.now() == chunk_skipper::state::malformed)
      return read_outcome::broken;
    if (chunks_.now() != chunk_skipper::state::complete)
      return read_outcome::incomplete;
  } else {
    if (bytes.size() > body_left_)
      return read_outcome::broken;  // Nothing else was asked for.
    body_left_ -= bytes.size();
    if (body_.size() < body_bytes_max_)
      body_.append(bytes.substr(0, body_bytes_max_ - body_.size()));
    if (body_left_ > 0)
      return read_outcome::incomplete;
  }
  head_.clear();
  head_done_ = false;
  return read_outcome::answered;
}

bool connection::read_head() {
  // "HTTP/1.1 200 OK" and fields, each with its CRLF.
  std::string_view rest{head_};
  if (!rest.starts_with("HTTP/1.") || rest.size() < 12 || !read_number(rest.substr(9, 3), status_))
    return false;
  rest.remove_prefix(rest.find("\r\n") + 2);
  body_left_ = 0;
  body_.clear();
  closes_ = false;
  chunked_ = false;
  bool length_known = status_ == 204 || status_ == 304;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
      return false;
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (equals_ignoring_case(name, "content-length"))
      length_known = read_number(value, body_left_);
    else if (equals_ignoring_case(name, "connection"))
      closes_ = equals_ignoring_case(value, "close");
    else if (equals_ignoring_case(name, "transfer-encoding"))
      chunked_ = equals_ignoring_case(value, "chunked");
  }
  head_done_ = true;
  chunks_ = {};
  return length_known || chunked_;
}

}  // namespace parley::bench
