#pragma once

#include "parley/http/server.hpp"
#include "src/http/connection.hpp"
#include "src/http/net.hpp"

#include <cstdint>
#include <memory>

namespace parley::http {

class lane;
class session;

/// Makes WebSockets of HTTP connections. The class behind it stays in its own source file: Beast's
/// WebSocket stream is compiled there and nowhere else.
struct websocket_session {
  /// Takes over the slot and the socket of `from`, whose request asked for it, answers 101, and
  /// calls `handler::opened` once the handshake is out.
  static void begin(lane& where, std::uint32_t slot, tcp_socket socket,
                    std::shared_ptr<session> from);
};

}  // namespace parley::http
