#include "bench/stream_readers.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "tests/bench/answering_server.hpp"

namespace {

namespace bench = parley::bench;
namespace http = parley::http;
namespace net = boost::asio;
using tcp = net::ip::tcp;
using namespace std::chrono_literals;

/// A frame with a short text, as a server sends it.
std::string text_frame(const std::string& text) {
  return std::string{"\x81"} + static_cast<char>(text.size()) + text;
}

/// One stream's server: takes the handshake, sends these bytes with it, asks whether the reader is
/// there, and ends the connection when it has said so.
class one_stream {
public:
  explicit one_stream(std::string first)
    : thread_([this, first = std::move(first)] { serve(first); }) {}
  ~one_stream() {
    if (thread_.joinable())
      thread_.join();
  }

  [[nodiscard]] bench::endpoint at() const {
    return {.host = "127.0.0.1", .port = acceptor_.local_endpoint().port()};
  }
  /// What the client asked for and how it answered; after the connection has ended.
  void finish() { thread_.join(); }
  std::string request;
  std::string pong;

private:
  void serve(const std::string& first) {
    auto socket = acceptor_.accept();
    net::streambuf received;
    const auto head = net::read_until(socket, received, "\r\n\r\n");
    request.assign(net::buffers_begin(received.data()),
                   net::buffers_begin(received.data()) + static_cast<std::ptrdiff_t>(head));
    net::write(socket,
               net::buffer("HTTP/1.1 101 Switching Protocols\r\n\r\n" + first
                           + text_frame(R"({"seq":9,"provider_id":"SM2"})") + "\x89\x02hi"));
    pong.resize(8);  // A head of two bytes, the mask, and what was asked.
    net::read(socket, net::buffer(pong));
  }

  net::io_context io_;
  tcp::acceptor acceptor_{io_, {net::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

void await(const std::function<bool()>& what) {
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!what()) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << "what was waited for did not come";
    std::this_thread::sleep_for(1ms);
  }
}

TEST(stream_readers, ask_read_and_answer_pings) {
  one_stream server{text_frame(R"({"seq":4,"provider_id":"SM1"})")};
  bench::stream_readers streams{
    {.target = server.at(), .api_key = "secret", .readers = 1, .after = 3, .as_users = true}};
  await([&] { return streams.pushes() == 2; });
  server.finish();
  EXPECT_TRUE(server.request.starts_with(
    "GET /v1/stream?after=3&types=conversation.message.created&user=agent1 HTTP/1.1\r\n"));
  EXPECT_NE(server.request.find("Authorization: Bearer secret\r\n"), std::string::npos);
  EXPECT_EQ(server.pong, (std::string{"\x8a\x82\0\0\0\0hi", 8}));
  await([&] { return streams.broken() == 1; });  // The server has gone.
  streams.stop();
  ASSERT_EQ(streams.book().events().size(), 2U);
  EXPECT_TRUE(streams.book().result({"SM1", "SM2"}).passed());
}

TEST(stream_readers, say_when_they_are_refused) {
  bench::testing::answering_server server{[](http::request&) { return http::response{}; }};
  EXPECT_THROW((bench::stream_readers{{.target = server.at(), .api_key = "x", .readers = 2}}),
               std::runtime_error);
}

}  // namespace
