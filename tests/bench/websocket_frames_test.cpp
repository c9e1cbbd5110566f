#include "bench/websocket_frames.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using parley::bench::client_frame;
using parley::bench::websocket_frames;
using kind = websocket_frames::kind;
using messages = std::vector<std::pair<kind, std::string>>;
using namespace std::string_literals;

/// A frame as a server sends it.
std::string frame(unsigned char first, const std::string& payload) {
  std::string bytes{static_cast<char>(first)};
  if (payload.size() < 126) {
    bytes.push_back(static_cast<char>(payload.size()));
  } else {
    const auto wide = payload.size() > 0xffff;
    bytes.push_back(static_cast<char>(wide ? 127 : 126));
    for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<char>(payload.size() >> shift & 0xff));
  }
  return bytes + payload;
}

/// Feeds in pieces of that size; false when a piece was refused.
bool feed(websocket_frames& frames, std::string_view bytes, std::size_t piece, messages& into) {
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    if (!frames.feed(bytes.substr(at, piece), [&](kind what, std::string_view text) {
          into.emplace_back(what, std::string{text});
        }))
      return false;
  return true;
}

TEST(websocket_frames, gives_whole_messages_however_the_bytes_come) {
  const auto longer = std::string(300, 'l');
  const auto longest = std::string(70'000, 'L');
  const auto bytes = frame(0x81, "one") + frame(0x81, longer) + frame(0x89, "are you there")
                     + frame(0x01, "in ") + frame(0x8a, "") + frame(0x00, "three ")
                     + frame(0x80, "parts") + frame(0x81, longest) + frame(0x88, "\x03\xe8");
  const messages expected{
    {kind::text, "one"},      {kind::text, longer},           {kind::ping, "are you there"},
    {kind::pong, ""},         {kind::text, "in three parts"}, {kind::text, longest},
    {kind::close, "\x03\xe8"}};
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    websocket_frames frames;
    messages seen;
    EXPECT_TRUE(feed(frames, bytes, piece, seen));
    EXPECT_EQ(seen, expected) << "in pieces of " << piece;
  }
}

TEST(websocket_frames, refuses_what_no_server_sends) {
  const std::vector<std::pair<const char*, std::string>> examples{
    {"a masked frame", "\x81\x83....abc"s},
    {"an extension", frame(0xc1, "x")},
    {"an unknown opcode", frame(0x83, "x")},
    {"binary", frame(0x82, "x")},
    {"a continuation of nothing", frame(0x80, "x")},
    {"a message within another", frame(0x01, "x") + frame(0x81, "y")},
    {"a fragmented ping", frame(0x09, "x")},
    {"more than anybody sends", "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"s},
  };
  for (const auto& [what, bytes] : examples) {
    websocket_frames frames;
    messages seen;
    EXPECT_FALSE(feed(frames, bytes, bytes.size(), seen)) << what;
    EXPECT_TRUE(seen.empty()) << what;
    EXPECT_FALSE(feed(frames, frame(0x81, "good"), 100, seen)) << what << ", and then";
  }
}

TEST(websocket_frames, a_client_masks) {
  EXPECT_EQ(client_frame(kind::pong, "hi"), "\x8a\x82\0\0\0\0hi"s);
}

}  // namespace
