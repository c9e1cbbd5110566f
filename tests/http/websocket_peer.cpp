#include "tests/http/websocket_peer.hpp"

namespace parley::http {

namespace {

char to_byte(std::size_t value) {
  return static_cast<char>(static_cast<unsigned char>(value & 0xff));
}

std::size_t from_bytes(std::string_view bytes) {
  std::size_t value = 0;
  for (const char byte : bytes)
    value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

websocket_peer::websocket_peer(tcp_peer socket, std::string_view target,
                               std::string_view more_headers)
  : socket_(std::move(socket)) {
  socket_.send(get(target, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                             + std::string{more_headers}));
  if (auto answer = socket_.read_response())
    answer_ = std::move(*answer);
}

bool websocket_peer::send(int opcode, std::string_view payload) const {
  constexpr std::string_view mask = "\x12\x34\x56\x78";
  std::string bytes;
  bytes.push_back(to_byte(0x80u | static_cast<unsigned int>(opcode)));
  if (payload.size() < 126) {
    bytes.push_back(to_byte(0x80u | payload.size()));
  } else {
    bytes.push_back(to_byte(0x80u | 126u));
    bytes.push_back(to_byte(payload.size() >> 8));
    bytes.push_back(to_byte(payload.size()));
  }
  bytes += mask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    bytes.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return socket_.send(bytes);
}

frame websocket_peer::read() {
  const auto start = socket_.read(2);
  if (start.size() < 2)
    return {};
  frame result;
  result.opcode = start[0] & 0x0f;
  auto size = static_cast<std::size_t>(start[1] & 0x7f);
  if (size == 126)
    size = from_bytes(socket_.read(2));
  else if (size == 127)
    size = from_bytes(socket_.read(8));
  result.payload = socket_.read(size);
  return result;
}

int websocket_peer::close_code(const frame& close) {
  return static_cast<int>(from_bytes(std::string_view{close.payload}.substr(0, 2)));
}

}  // namespace parley::http
