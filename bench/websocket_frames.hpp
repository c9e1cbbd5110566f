#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace parley::bench {

/// Takes apart what a WebSocket server sends (RFC 6455 section 5.2): unmasked frames, whole
/// messages out. As much of the protocol as a reader of live streams needs.
class websocket_frames {
public:
  enum class kind : std::uint8_t { text = 1, close = 8, ping = 9, pong = 10 };
  using receiver = std::function<void(kind, std::string_view)>;

  /// Takes bytes as they come and gives each message that is complete; the view lives until the
  /// call returns. False when the bytes are no such frames: the connection is of no use any more.
  [[nodiscard]] bool feed(std::string_view bytes, const receiver& give);

private:
  [[nodiscard]] bool take_frame(std::string_view& rest, const receiver& give);

  std::string pending_;  // A frame that is not complete.
  std::string message_;  // The fragments of a message so far.
  bool fragmented_ = false;
  bool malformed_ = false;
};

/// A masked frame from a client; at most 125 bytes of payload.
[[nodiscard]] std::string client_frame(websocket_frames::kind what, std::string_view payload);

}  // namespace parley::bench
