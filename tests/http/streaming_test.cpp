#include "tests/http/loopback.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace parley::http {

namespace {

using ::testing::Each;
using ::testing::Le;
using ::testing::SizeIs;

/// Keeps what it is given, and says when it was let go of.
class recorder final : public body_consumer {
public:
  struct notes {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> pieces;
    std::vector<continuation> held;
    bool hold = false;
    bool gone = false;

    void wait_until(const std::function<bool()>& holds) {
      std::unique_lock lock{mutex};
      ASSERT_TRUE(changed.wait_for(lock, std::chrono::minutes{1}, holds));
    }
    std::string all() {
      std::string joined;
      for (const auto& piece : pieces)
        joined += piece;
      return joined;
    }
  };

  explicit recorder(std::shared_ptr<notes> where) : notes_(std::move(where)) {}
  ~recorder() override {
    const std::lock_guard lock{notes_->mutex};
    notes_->gone = true;
    notes_->changed.notify_all();
  }

  void take(std::string bytes, continuation next) override {
    const std::lock_guard lock{notes_->mutex};
    notes_->pieces.push_back(std::move(bytes));
    if (notes_->hold)
      notes_->held.push_back(std::move(next));
    else
      next({});
    notes_->changed.notify_all();
  }

private:
  std::shared_ptr<notes> notes_;
};

class http_streamed_body : public ::testing::Test {
protected:
  http_streamed_body() {
    server.owner.body_bytes = streamed_body;
    server.owner.on_receive = [this](request&) {
      return reception{std::make_shared<recorder>(seen), {}};
    };
    server.owner.on_handle = [this](request& incoming, ticket where) {
      response what;
      what.body = std::to_string(incoming.body.size()) + (incoming.consumer ? " taken" : " kept");
      server.subject.answer(where, std::move(what));
    };
  }

  static std::string large() {
    std::string bytes(5'000'000, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<char>(i * 31 / 7);
    return bytes;
  }

  std::shared_ptr<recorder::notes> seen = std::make_shared<recorder::notes>();
  running_server server;
};

TEST_F(http_streamed_body, arrives_in_order_in_bounded_pieces_and_is_not_kept) {
  auto peer = server.connect();
  const auto body = large();
  std::thread writer{[&] { EXPECT_TRUE(peer.send(post("/", body))); }};
  EXPECT_EQ(peer.read_response()->body, "0 taken");
  writer.join();
  EXPECT_TRUE(seen->all() == body);
  EXPECT_THAT(seen->pieces, Each(SizeIs(Le(128U * 1024U))));
}

TEST_F(http_streamed_body, may_be_chunked_small_empty_and_followed_by_another_request) {
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
                        + post("/", "fg") + post("/", "") + post("/", "h")));
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(peer.read_response()->body, "0 taken");
  EXPECT_EQ(seen->all(), "abcdefgh");
}

TEST_F(http_streamed_body, is_read_no_faster_than_it_is_consumed) {
  seen->hold = true;
  auto peer = server.connect();
  const auto body = large();
  std::thread writer{[&] { peer.send(post("/", body)); }};
  seen->wait_until([&] { return seen->held.size() == 1; });
  std::size_t given = 0;
  while (given < body.size()) {
    body_consumer::continuation next;
    {
      const std::lock_guard lock{seen->mutex};
      EXPECT_EQ(seen->held.size(), 1U);
      given += seen->pieces.back().size();
      next = std::move(seen->held.back());
      seen->held.clear();
    }
    next({});
    if (given < body.size())
      seen->wait_until([&] { return seen->held.size() == 1; });
  }
  EXPECT_EQ(peer.read_response()->body, "0 taken");
  writer.join();
  EXPECT_TRUE(seen->all() == body);
}

TEST_F(http_streamed_body, is_not_asked_for_when_the_request_is_refused) {
  server.owner.on_receive = [](request& head) {
    response no;
    no.status = 403;
    no.body = head.header("Content-Length");
    return reception{nullptr, no};
  };
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n"
                        "Expect: 100-continue\r\n\r\n"));
  const auto answer = peer.read_response();
  EXPECT_EQ(answer->status, 403);
  EXPECT_EQ(answer->body, "9999999");
  EXPECT_TRUE(peer.at_end());
}

TEST_F(http_streamed_body, is_cut_off_by_a_refusal_in_its_middle) {
  seen->hold = true;
  auto peer = server.connect();
  const auto body = large();
  std::thread writer{[&] { peer.send(post("/", body)); }};
  seen->wait_until([&] { return seen->held.size() == 1; });
  response no;
  no.status = 413;
  seen->held.back()(no);
  const auto answer = peer.read_response();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  writer.join();
  EXPECT_EQ(seen->pieces.size(), 1U);
  seen->wait_until([&] { return seen->gone; });
}

TEST_F(http_streamed_body, that_breaks_off_lets_go_of_its_consumer_and_is_not_handled) {
  server.owner.on_handle = [](request&, ticket) { FAIL() << "the handler saw it"; };
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n"
                        + std::string(150'000, 'x')));
  seen->wait_until([&] { return !seen->pieces.empty(); });
  peer.close();
  seen->wait_until([&] { return seen->gone; });
}

/// Gives a text in pieces from a thread of its own, as a disk would.
class slices final : public body_source {
public:
  slices(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  ~slices() override {
    for (auto& thread : threads_)
      thread.join();
  }
  [[nodiscard]] bool ended() const override { return at_ >= text_.size(); }

  void read(std::function<void(std::string)> done) override {
    auto piece = text_.substr(at_, piece_);
    at_ += piece.size();
    threads_.emplace_back([piece = std::move(piece), done = std::move(done)] { done(piece); });
  }

private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
  std::vector<std::thread> threads_;
};

TEST(http_streamed_answer, is_the_whole_body_and_the_connection_goes_on) {
  running_server server;
  const std::string text(1'000'000, 'x');
  server.owner.on_handle = [&](request&, ticket where) {
    response what;
    what.source = std::make_shared<slices>(text, 60'000);
    what.source_bytes = text.size();
    server.subject.answer(where, std::move(what));
  };
  auto peer = server.connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(peer.send(get("/")));
    const auto answer = peer.read_response();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->body == text);
  }
  ASSERT_TRUE(peer.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + get("/")));
  EXPECT_EQ(peer.read_response(true)->headers.at("content-length"), "1000000");
  EXPECT_TRUE(peer.read_response()->body == text);
}

TEST(http_streamed_answer, that_ends_too_early_breaks_the_connection) {
  running_server server;
  server.owner.on_handle = [&](request&, ticket where) {
    response what;
    what.source = std::make_shared<slices>("too short", 100);
    what.source_bytes = 1000;
    server.subject.answer(where, std::move(what));
  };
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/")));
  const auto answer = peer.read_response();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->headers.at("content-length"), "1000");
  EXPECT_EQ(answer->body, "too short");
  EXPECT_TRUE(peer.at_end());
}

/// A server whose answers have this body, of a length that it does not know.
void answer_in_chunks(running_server& server, const std::string& text, std::size_t piece) {
  server.owner.on_handle = [&server, text, piece](request&, ticket where) {
    response what;
    what.source = std::make_shared<slices>(text, piece);
    what.source_bytes = unknown_length;
    server.subject.answer(where, std::move(what));
  };
}

/// What the chunks of a body say, up to the last one (RFC 9112, section 7.1).
std::string read_chunks(tcp_peer& peer) {
  std::string body;
  for (;;) {
    const auto size = std::stoul(peer.read_until("\r\n"), nullptr, 16);
    const auto chunk = peer.read(size + 2);
    EXPECT_TRUE(chunk.ends_with("\r\n"));
    if (size == 0)
      return body;
    body += chunk.substr(0, size);
  }
}

TEST(http_streamed_answer, of_unknown_length_comes_in_chunks_and_the_connection_goes_on) {
  running_server server;
  const std::string text(300'000, 'x');
  answer_in_chunks(server, text, 70'000);
  auto peer = server.connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(peer.send(get("/")));
    const auto answer = peer.read_response();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->headers.at("transfer-encoding"), "chunked");
    EXPECT_FALSE(answer->headers.contains("content-length"));
    EXPECT_TRUE(read_chunks(peer) == text);
  }
}

TEST(http_streamed_answer, of_unknown_length_may_be_empty) {
  running_server server;
  answer_in_chunks(server, "", 10);
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/") + get("/")));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(peer.read_response());
    EXPECT_EQ(read_chunks(peer), "");
  }
}

TEST(http_streamed_answer, of_unknown_length_ends_with_the_connection_of_an_old_client) {
  running_server server;
  answer_in_chunks(server, "abcdef", 4);
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("GET / HTTP/1.0\r\n\r\n"));
  const auto answer = peer.read_response();
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->headers.contains("transfer-encoding"));
  EXPECT_EQ(peer.read(6), "abcdef");
  EXPECT_TRUE(peer.at_end());
}

}  // namespace

}  // namespace parley::http
