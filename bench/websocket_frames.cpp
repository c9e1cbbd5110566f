#include "bench/websocket_frames.hpp"

#include <algorithm>

namespace parley::bench {

namespace {

constexpr std::uint64_t frame_bytes_max = 16 * 1024 * 1024;
constexpr unsigned char final_bit = 0x80;
constexpr unsigned char mask_bit = 0x80;
constexpr unsigned char continuation = 0;

unsigned char byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const auto byte : bytes)
    value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

bool websocket_frames::feed(std::string_view bytes, const receiver& give) {
  if (pending_.empty()) {
    while (take_frame(bytes, give)) {
      // nop: each call takes one.
    }
    pending_.assign(bytes);
  } else {
    pending_.append(bytes);
    std::string_view rest{pending_};
    while (take_frame(rest, give)) {
      // nop: each call takes one.
    }
    pending_.erase(0, pending_.size() - rest.size());
  }
  return !malformed_;
}

bool websocket_frames::take_frame(std::string_view& rest, const receiver& give) {
  if (malformed_ || rest.size() < 2)
    return false;
  const auto first = byte_at(rest, 0);
  const auto second = byte_at(rest, 1);
  const auto opcode = static_cast<unsigned char>(first & 0x0f);
  const auto size_bytes = second == 126 ? 2U : second == 127 ? 8U : 0U;
  malformed_ = (first & 0x70) != 0 || (second & mask_bit) != 0;  // Extensions, or a client.
  if (malformed_ || rest.size() < 2 + size_bytes)
    return false;
  const auto size = size_bytes == 0 ? second : big_endian(rest.substr(2, size_bytes));
  malformed_ = size > frame_bytes_max || message_.size() + size > frame_bytes_max;
  if (malformed_ || rest.size() - 2 - size_bytes < size)
    return false;
  const auto payload = rest.substr(2 + size_bytes, size);
  rest.remove_prefix(2 + size_bytes + size);
  const auto whole = (first & final_bit) != 0;
  if (opcode == continuation || (opcode == 1 && !whole)) {
    malformed_ = (opcode == continuation) != fragmented_;
    message_.append(payload);
    fragmented_ = !whole;
    if (whole && !malformed_) {
      give(kind::text, message_);
      message_.clear();
    }
  } else if (opcode == 1 || (opcode >= 8 && opcode <= 10 && whole)) {
    malformed_ = opcode == 1 && fragmented_;
    if (!malformed_)
      give(static_cast<kind>(opcode), payload);
  } else {
    malformed_ = true;
  }
  return !malformed_;
}

std::string client_frame(websocket_frames::kind what, std::string_view payload) {
  payload = payload.substr(0, std::min<std::size_t>(payload.size(), 125));
  std::string frame;
  frame.push_back(static_cast<char>(final_bit | static_cast<unsigned char>(what)));
  frame.push_back(static_cast<char>(mask_bit | payload.size()));
  frame.append(4, '\0');  // A mask of zeros: there is nothing to hide from on the loopback.
  return frame.append(payload);
}

}  // namespace parley::bench
