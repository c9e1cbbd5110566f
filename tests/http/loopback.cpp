#include "tests/http/loopback.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace parley::http {

namespace {

int checked(int result) {
  if (result < 0)
    throw std::system_error{errno, std::generic_category()};
  return result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::map<std::string, std::string> read_fields(std::string_view head) {
  std::map<std::string, std::string> fields;
  for (auto at = head.find("\r\n"); at != std::string_view::npos && at + 2 < head.size();) {
    const auto end = head.find("\r\n", at + 2);
    const auto line = head.substr(at + 2, end - at - 2);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
      auto value = line.substr(colon + 1);
      value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
      fields[lower(std::string{line.substr(0, colon)})] = value;
    }
    at = end;
  }
  return fields;
}

}  // namespace

tcp_peer tcp_peer::connect(std::uint16_t port, int receive_bytes) {
  tcp_peer peer{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
  const timeval limit{20, 0};
  checked(::setsockopt(peer.descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  if (receive_bytes > 0)
    checked(
      ::setsockopt(peer.descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes));
  const auto address = loopback(port);
  checked(::connect(peer.descriptor_, generic(address), sizeof address));
  return peer;
}

tcp_peer::~tcp_peer() {
  close();
}

tcp_peer::tcp_peer(tcp_peer&& other) noexcept
  : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

bool tcp_peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void tcp_peer::shutdown_send() const {
  ::shutdown(descriptor_, SHUT_WR);
}

void tcp_peer::reset() {
  const linger abrupt{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
  close();
}

void tcp_peer::close() {
  if (descriptor_ >= 0)
    ::close(std::exchange(descriptor_, -1));
}

bool tcp_peer::fill() {
  char bytes[16 * 1024];
  const auto got = ::recv(descriptor_, bytes, sizeof bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    throw std::runtime_error{"nothing came"};
  if (got <= 0)
    return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::string tcp_peer::read(std::size_t bytes) {
  while (buffer_.size() < bytes && fill()) {
  }
  const auto size = std::min(bytes, buffer_.size());
  auto result = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return result;
}

std::string tcp_peer::read_until(std::string_view mark) {
  while (buffer_.find(mark) == std::string::npos && fill()) {
  }
  const auto found = buffer_.find(mark);
  return read(found == std::string::npos ? buffer_.size() : found + mark.size());
}

std::optional<wire_response> tcp_peer::read_response(bool head) {
  const auto text = read_until("\r\n\r\n");
  if (!text.ends_with("\r\n\r\n"))
    return std::nullopt;
  wire_response result;
  result.status = std::stoi(text.substr(9, 3));
  result.headers = read_fields(text);
  if (!head && result.headers.contains("content-length"))
    result.body = read(std::stoul(result.headers.at("content-length")));
  return result;
}

std::string tcp_peer::read_request() {
  auto text = read_until("\r\n\r\n");
  const auto fields = read_fields(text);
  if (fields.contains("content-length"))
    text += read(std::stoul(fields.at("content-length")));
  return text;
}

bool tcp_peer::at_end() {
  return buffer_.empty() && !fill();
}

tcp_listener::tcp_listener()
  : descriptor_(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  checked(::bind(descriptor_, generic(address), size));
  checked(::listen(descriptor_, 64));
  checked(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size));
  port_ = ntohs(address.sin_port);
}

tcp_listener::~tcp_listener() {
  ::close(descriptor_);
}

tcp_peer tcp_listener::accept() const {
  tcp_peer peer{checked(::accept(descriptor_, nullptr, nullptr))};
  return peer;
}

std::size_t scripted_handler::body_bytes_max(http::method, std::string_view path) {
  return path == "/small" ? 16 : body_bytes;
}

reception scripted_handler::receive(request& head) {
  return on_receive ? on_receive(head) : handler::receive(head);
}

void scripted_handler::handle(request& incoming, ticket where) {
  if (on_handle) {
    on_handle(incoming, where);
    return;
  }
  response what;
  what.content_type = "text/plain";
  what.body = std::move(incoming.body);
  target->answer(where, std::move(what));
}

response scripted_handler::upgrade(request& incoming) {
  if (on_upgrade)
    return on_upgrade(incoming);
  response what;
  what.status = 404;
  return what;
}

void scripted_handler::opened(request& incoming, std::shared_ptr<websocket> socket) {
  if (on_opened)
    on_opened(incoming, std::move(socket));
}

response scripted_handler::refuse(int status, std::string_view why) {
  response what;
  what.status = status;
  what.content_type = "text/plain";
  what.body = why;
  return what;
}

server_options options_for_tests() {
  server_options options;
  options.host = "127.0.0.1";
  options.lanes = 2;
  options.connections_max = 1000;
  options.header_bytes_max = 8 * 1024;
  options.read_timeout = std::chrono::seconds{60};
  options.idle_timeout = std::chrono::seconds{60};
  options.write_timeout = std::chrono::seconds{60};
  options.websocket_bytes_max = 4096;
  return options;
}

running_server::running_server(server_options options) : subject(std::move(options), owner) {
  owner.target = &subject;
  subject.start();
}

tcp_peer running_server::connect(int receive_bytes) const {
  return tcp_peer::connect(subject.port(), receive_bytes);
}

std::string get(std::string_view target, std::string_view more_headers) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: test\r\n" + std::string{more_headers}
         + "\r\n";
}

std::string post(std::string_view target, std::string_view body, std::string_view more_headers) {
  return "POST " + std::string{target}
         + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"
         + std::string{more_headers} + "\r\n" + std::string{body};
}

}  // namespace parley::http
