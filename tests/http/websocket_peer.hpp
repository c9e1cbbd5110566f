#pragma once

#include "tests/http/loopback.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::http {

/// A frame as RFC 6455 section 5.2 has it.
struct frame {
  int opcode = -1;  ///< -1: the connection ended.
  std::string payload;
};

inline constexpr int opcode_text = 1;
inline constexpr int opcode_close = 8;
inline constexpr int opcode_ping = 9;
inline constexpr int opcode_pong = 10;

/// A WebSocket client made of bytes, so that it can misbehave.
class websocket_peer {
public:
  /// Sends the handshake; `answer` is what the server said.
  websocket_peer(tcp_peer socket, std::string_view target, std::string_view more_headers = "");

  [[nodiscard]] const wire_response& answer() const { return answer_; }
  bool send(int opcode, std::string_view payload) const;
  frame read();
  tcp_peer& socket() { return socket_; }

  /// The code of a close frame.
  [[nodiscard]] static int close_code(const frame& close);

private:
  tcp_peer socket_;
  wire_response answer_;
};

}  // namespace parley::http
