#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "bench/endpoint.hpp"

#include "parley/http/server.hpp"

namespace parley::bench::testing {

/// A real HTTP server on a port of its own that answers as it is told to.
class answering_server : private http::handler {
public:
  using answer_function = std::function<http::response(http::request&)>;

  explicit answering_server(answer_function answer)
    : answer_(std::move(answer)), server_({.host = "127.0.0.1",
                                           .port = 0,
                                           .lanes = 1,
                                           .connections_max = 1000,
                                           .header_bytes_max = 16 * 1024,
                                           .read_timeout = std::chrono::seconds{10},
                                           .idle_timeout = std::chrono::seconds{30},
                                           .write_timeout = std::chrono::seconds{10},
                                           .websocket_bytes_max = 1024},
                                          *this) {
    server_.start();
  }
  ~answering_server() override { server_.stop(); }

  [[nodiscard]] endpoint at() const { return {.host = "127.0.0.1", .port = server_.port()}; }

private:
  std::size_t body_bytes_max(http::method, std::string_view) override { return 1024 * 1024; }
  void handle(http::request& incoming, http::ticket where) override {
    server_.answer(where, answer_(incoming));
  }
  http::response upgrade(http::request&) override { return status(404); }
  void opened(http::request&, std::shared_ptr<http::websocket>) override {
    // nop: `upgrade` accepts none.
  }
  http::response refuse(int code, std::string_view) override { return status(code); }

  static http::response status(int code) {
    http::response answer;
    answer.status = code;
    return answer;
  }

  answer_function answer_;
  http::server server_;
};

}  // namespace parley::bench::testing
