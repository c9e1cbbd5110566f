#pragma once

#include "parley/http/server.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace parley::http {

/// A response as a test reads it from a socket.
struct wire_response {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;
};

/// One end of a real TCP connection on loopback, blocking, with a generous time limit on reads so
/// that a test that would hang fails instead.
class tcp_peer {
public:
  explicit tcp_peer(int descriptor) : descriptor_(descriptor) {}
  /// Connects to loopback. `receive_bytes` makes the receive buffer small.
  static tcp_peer connect(std::uint16_t port, int receive_bytes = 0);
  ~tcp_peer();
  tcp_peer(tcp_peer&& other) noexcept;
  tcp_peer& operator=(tcp_peer&&) = delete;

  /// False when the other side has gone.
  bool send(std::string_view bytes) const;
  void shutdown_send() const;
  /// Closes so that the other side gets a reset.
  void reset();
  void close();

  /// Exactly that many bytes, or what came before the end.
  std::string read(std::size_t bytes);
  /// Up to and including `mark`, or what came before the end.
  std::string read_until(std::string_view mark);
  /// A whole response; nothing when the connection ended first.
  std::optional<wire_response> read_response(bool head = false);
  /// A whole request, as its bytes.
  std::string read_request();
  /// Whether the other side ends the connection without sending anything more.
  bool at_end();

private:
  bool fill();

  int descriptor_;
  std::string buffer_;
};

/// Listens on loopback.
class tcp_listener {
public:
  tcp_listener();
  ~tcp_listener();
  tcp_listener(const tcp_listener&) = delete;
  tcp_listener& operator=(const tcp_listener&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] tcp_peer accept() const;

private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

/// A handler made of functions. The default answers at once with the body it got.
class scripted_handler final : public handler {
public:
  std::size_t body_bytes_max(http::method verb, std::string_view path) override;
  reception receive(request& head) override;
  void handle(request& incoming, ticket where) override;
  response upgrade(request& incoming) override;
  void opened(request& incoming, std::shared_ptr<websocket> socket) override;
  response refuse(int status, std::string_view why) override;

  server* target = nullptr;
  std::size_t body_bytes = 1024 * 1024;
  std::function<void(request&, ticket)> on_handle;
  std::function<reception(request&)> on_receive;
  std::function<response(request&)> on_upgrade;
  std::function<void(request&, std::shared_ptr<websocket>)> on_opened;
};

/// Generous limits; a test tightens the one it is about.
[[nodiscard]] server_options options_for_tests();

/// A started server with its handler.
struct running_server {
  explicit running_server(server_options options = options_for_tests());

  [[nodiscard]] tcp_peer connect(int receive_bytes = 0) const;

  scripted_handler owner;
  server subject;
};

[[nodiscard]] std::string get(std::string_view target, std::string_view more_headers = "");
[[nodiscard]] std::string post(std::string_view target, std::string_view body,
                               std::string_view more_headers = "");

}  // namespace parley::http
