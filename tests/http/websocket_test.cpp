#include "tests/http/websocket_peer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace parley::http {

namespace {

/// Sends numbered messages, each when the socket has taken the one before, and then closes.
class counting_sender : public std::enable_shared_from_this<counting_sender> {
public:
  counting_sender(std::shared_ptr<websocket> socket, int count, std::size_t bytes)
    : socket_(std::move(socket)), count_(count), bytes_(bytes) {}

  void next() {
    if (sent_ == count_) {
      socket_->close(1000, "done");
      return;
    }
    auto text = std::make_shared<std::string>(std::to_string(sent_++));
    text->resize(std::max(bytes_, text->size()), ' ');
    auto done = [self = shared_from_this()](bool taken) {
      if (taken)
        self->next();
    };
    socket_->send(std::move(text), std::move(done));
  }

private:
  std::shared_ptr<websocket> socket_;
  int count_;
  std::size_t bytes_;
  int sent_ = 0;
};

response accept_all(request&) {
  response what;
  what.status = 101;
  return what;
}

/// A server whose sockets are handed to the test.
struct websocket_server {
  explicit websocket_server(server_options options = options_for_tests()) : server(options) {
    server.owner.on_upgrade = accept_all;
    server.owner.on_opened = [this](request&, std::shared_ptr<websocket> socket) {
      socket->on_end([this] { ++ended; });
      opened.set_value(std::move(socket));
    };
  }

  std::promise<std::shared_ptr<websocket>> opened;
  std::atomic<int> ended{0};
  running_server server;
};

TEST(http_websocket, completes_the_handshake_and_sends_in_order) {
  std::string mark;
  running_server server;
  server.owner.on_upgrade = accept_all;
  server.owner.on_opened = [&](request& incoming, std::shared_ptr<websocket> socket) {
    mark = std::string{incoming.path} + '?' + std::string{incoming.query} + ' '
           + std::string{incoming.header("upgrade")};
    std::make_shared<counting_sender>(std::move(socket), 5000, 0)->next();
  };
  websocket_peer peer{server.connect(), "/stream?after=7"};
  EXPECT_EQ(peer.answer().status, 101);
  EXPECT_EQ(peer.answer().headers.at("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  for (int i = 0; i < 5000; ++i) {
    const auto got = peer.read();
    ASSERT_EQ(got.opcode, opcode_text);
    ASSERT_EQ(got.payload, std::to_string(i));
  }
  const auto close = peer.read();
  EXPECT_EQ(close.opcode, opcode_close);
  EXPECT_EQ(websocket_peer::close_code(close), 1000);
  EXPECT_EQ(close.payload.substr(2), "done");
  EXPECT_EQ(mark, "/stream?after=7 websocket");
}

TEST(http_websocket, waits_for_a_slow_reader) {
  running_server server;
  server.owner.on_upgrade = accept_all;
  server.owner.on_opened = [](request&, std::shared_ptr<websocket> socket) {
    std::make_shared<counting_sender>(std::move(socket), 200, 100'000)->next();
  };
  websocket_peer peer{server.connect(4096), "/"};
  for (int i = 0; i < 200; ++i) {
    const auto got = peer.read();
    ASSERT_EQ(got.payload.size(), 100'000u);
    ASSERT_EQ(std::stoi(got.payload), i);
  }
  EXPECT_EQ(peer.read().opcode, opcode_close);
}

TEST(http_websocket, ends_a_reader_that_does_not_read) {
  auto options = options_for_tests();
  options.write_timeout = std::chrono::milliseconds{100};
  websocket_server server{options};
  websocket_peer peer{server.server.connect(4096), "/"};
  const auto socket = server.opened.get_future().get();
  std::promise<bool> taken;
  socket->post([&] {
    socket->send(std::make_shared<std::string>(32'000'000, 'x'),
                 [&](bool ok) { taken.set_value(ok || socket->open()); });
  });
  EXPECT_FALSE(taken.get_future().get());
  while (server.ended == 0)
    std::this_thread::yield();
}

TEST(http_websocket, reads_and_discards_what_clients_send) {
  websocket_server server;
  websocket_peer peer{server.server.connect(), "/"};
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(peer.send(opcode_text, std::string(4096, 'x')));
  ASSERT_TRUE(peer.send(opcode_ping, "still there"));
  const auto pong = peer.read();
  EXPECT_EQ(pong.opcode, opcode_pong);
  EXPECT_EQ(pong.payload, "still there");
  ASSERT_TRUE(peer.send(opcode_text, std::string(4097, 'x')));
  const auto close = peer.read();
  EXPECT_EQ(close.opcode, opcode_close);
  EXPECT_EQ(websocket_peer::close_code(close), 1009);
}

TEST(http_websocket, says_once_when_the_peer_has_gone) {
  websocket_server server;
  {
    websocket_peer peer{server.server.connect(), "/"};
    ASSERT_TRUE(peer.send(opcode_close, "\x03\xe8"));
    EXPECT_EQ(peer.read().opcode, opcode_close);
  }
  const auto socket = server.opened.get_future().get();
  while (server.ended == 0)
    std::this_thread::yield();
  std::promise<bool> taken;
  std::promise<void> told_again;
  socket->post([&] {
    EXPECT_FALSE(socket->open());
    socket->close(1000, "");
    socket->send(std::make_shared<std::string>("x"), [&](bool ok) { taken.set_value(ok); });
    socket->on_end([&] { told_again.set_value(); });
  });
  EXPECT_FALSE(taken.get_future().get());
  told_again.get_future().get();
  EXPECT_EQ(server.ended, 1);
  EXPECT_EQ(server.server.subject.counts().connections_open, 0u);
}

TEST(http_websocket, pings_a_silent_peer_and_ends_a_dead_one) {
  auto options = options_for_tests();
  options.idle_timeout = std::chrono::milliseconds{200};
  websocket_server server{options};
  websocket_peer peer{server.server.connect(), "/"};
  EXPECT_EQ(peer.read().opcode, opcode_ping);  // And nobody answers.
  while (server.ended == 0)
    std::this_thread::yield();
}

TEST(http_websocket, can_be_refused) {
  running_server server;
  server.owner.on_upgrade = [](request&) {
    response what;
    what.status = 401;
    what.body = "{}";
    return what;
  };
  websocket_peer peer{server.connect(), "/"};
  EXPECT_EQ(peer.answer().status, 401);
  ASSERT_TRUE(peer.socket().send(post("/", "the connection goes on")));
  EXPECT_EQ(peer.socket().read_response()->body, "the connection goes on");
}

TEST(http_websocket, refuses_a_broken_handshake) {
  websocket_server server;
  auto no_key = server.server.connect();
  ASSERT_TRUE(no_key.send(get("/", "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                   "Sec-WebSocket-Version: 13\r\n")));
  EXPECT_EQ(no_key.read_response()->status, 400);
  auto early = server.server.connect();
  ASSERT_TRUE(early.send(get("/", "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
                         + "early"));
  EXPECT_EQ(early.read_response()->status, 400);
}

TEST(http_websocket, serves_other_upgrades_as_plain_requests) {
  running_server server;
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/", "Upgrade: h2c\r\nConnection: Upgrade\r\n")));
  EXPECT_EQ(peer.read_response()->status, 200);
}

/// Streams under way, one of them stuck, when the server stops; and handles that outlive it.
TEST(http_websocket, ends_with_the_server) {
  std::shared_ptr<websocket> kept;
  std::promise<bool> taken;
  {
    websocket_server server;
    websocket_peer peer{server.server.connect(4096), "/"};
    kept = server.opened.get_future().get();
    kept->post([&] {
      kept->send(std::make_shared<std::string>(32'000'000, 'x'),
                 [&](bool ok) { taken.set_value(ok); });
    });
    EXPECT_EQ(peer.socket().read(2).size(), 2u);
    server.server.subject.stop();
    EXPECT_EQ(server.ended, 1);
    EXPECT_FALSE(taken.get_future().get());
  }
  EXPECT_FALSE(kept->open());
  kept->post([] { FAIL() << "nobody is there to run this"; });
}

}  // namespace

}  // namespace parley::http
