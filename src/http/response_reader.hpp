#pragma once

#include "src/http/net.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parley::http {

/// Reads responses, one per exchange, from the bytes of one connection. Interim responses (1xx) are
/// skipped. Memory is bounded by the limit on the response.
class response_reader {
public:
  enum class progress : std::uint8_t { incomplete, complete, failed };

  explicit response_reader(std::size_t response_bytes_max);

  /// What takes the body of a 2xx response in its place; false ends the reading.
  using body_sink = std::function<bool(std::string_view)>;

  /// Starts over; `head` when the response will have no body whatever its header says. `sink` may
  /// be null; else it is called until the response is complete.
  void begin(bool head, const body_sink* sink);
  /// Where the next bytes go. Never empty.
  [[nodiscard]] net::mutable_buffer space();
  /// `bytes` were read into `space()`.
  [[nodiscard]] progress received(std::size_t bytes);
  /// The peer has ended the connection; that completes a response without a length.
  [[nodiscard]] progress ended();

  // Of the complete response.
  [[nodiscard]] int status() const { return parser_->status; }
  [[nodiscard]] std::string& body() { return parser_->body; }
  [[nodiscard]] std::string& retry_after() { return parser_->retry_after; }
  [[nodiscard]] std::string& location() { return parser_->location; }
  /// Whether the connection can carry another exchange.
  [[nodiscard]] bool reusable() const {
    return parser_->status != 101 && parser_->keep_alive() && begin_ == end_;
  }
  /// After `failed`.
  [[nodiscard]] const std::string& cause() const { return cause_; }
  /// Whether it was the limit on the response that was met.
  [[nodiscard]] bool too_large() const { return too_large_; }

private:
  struct parser final : beast::http::basic_parser<false> {
    using text = beast::string_view;
    void on_request_impl(beast::http::verb known, text name, text target, int number,
                         error_code& ec) override;
    void on_response_impl(int code, text reason, int number, error_code& ec) override;
    void on_field_impl(beast::http::field known, text name, text value, error_code& ec) override;
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
    std::size_t on_body_impl(text bytes, error_code& ec) override;
    void on_chunk_header_impl(std::uint64_t size, text extensions, error_code& ec) override;
    std::size_t on_chunk_body_impl(std::uint64_t remain, text bytes, error_code& ec) override;
    void on_finish_impl(error_code& ec) override;

    void take(text bytes, error_code& ec);

    int status = 0;
    std::string body;
    std::string retry_after;
    std::string location;
    const body_sink* sink = nullptr;
  };

  void restart();

  std::size_t response_bytes_max_;
  bool head_ = false;
  const body_sink* sink_ = nullptr;
  bool too_large_ = false;
  std::size_t header_bytes_ = 0;
  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::optional<parser> parser_;
  std::string cause_;
};

}  // namespace parley::http
