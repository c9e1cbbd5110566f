#pragma once

#include "parley/http/server.hpp"
#include "src/http/net.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::http {

/// The header fields of one request, as places in the bytes that were read.
struct header_table {
  struct field {
    std::uint32_t name_at = 0;
    std::uint32_t name_bytes = 0;
    std::uint32_t value_at = 0;
    std::uint32_t value_bytes = 0;
  };

  const char* base = nullptr;  ///< Where the request begins in memory.
  std::vector<field> fields;

  [[nodiscard]] std::string_view name(const field& which) const {
    return {base + which.name_at, which.name_bytes};
  }
  [[nodiscard]] std::string_view value(const field& which) const {
    return {base + which.value_at, which.value_bytes};
  }
};

/// Reads requests, one after another, from the bytes of one connection.
///
/// Works on a buffer of its own: the header fields stay where they were received and are views, so
/// that a request costs no allocation per field. Memory is bounded by the header limit, one window
/// for the body, and the handler's limit for the body of the path.
class request_reader {
public:
  enum class progress : std::uint8_t { incomplete, complete, failed };

  request_reader(std::size_t header_bytes_max, handler& owner);

  /// Where the next bytes go; empty when the buffer's limit is reached.
  [[nodiscard]] net::mutable_buffer space();
  /// `bytes` were read into `space()`.
  void received(std::size_t bytes) { end_ += bytes; }

  /// Reads on in what was received. What is complete stays so until `next`.
  [[nodiscard]] progress advance();
  /// Forgets the complete request; the bytes after it are the beginning of the next.
  void next();

  /// Whether any byte of the current request has arrived.
  [[nodiscard]] bool begun() const { return end_ > begin_; }
  /// Whether bytes follow the complete request.
  [[nodiscard]] bool has_more() const { return end_ > parsed_; }
  /// True once per request that waits for `100 Continue` before it sends its body.
  [[nodiscard]] bool take_expectation();

  /// Whether the header has been read and the handler takes the body piece by piece: `body()` is
  /// what has arrived since it was last emptied.
  [[nodiscard]] bool streams() const { return parser_ && parser_->header_read && parser_->streams; }

  /// After `failed`: 400, 413 or 431, and what for.
  [[nodiscard]] int refusal() const { return refusal_; }
  [[nodiscard]] const std::string& refusal_cause() const { return refusal_cause_; }

  // Of the complete request.
  [[nodiscard]] http::method verb() const { return parser_->verb; }
  [[nodiscard]] bool keep_alive() const { return parser_->keep_alive(); }
  [[nodiscard]] bool http_1_0() const { return parser_->version == 10; }
  [[nodiscard]] bool wants_websocket() const;
  [[nodiscard]] std::string_view target() const;
  [[nodiscard]] const header_table& headers();
  [[nodiscard]] std::string& body() { return body_; }

private:
  /// Beast's parser, told to note places instead of copying.
  struct parser final : beast::http::basic_parser<true> {
    explicit parser(request_reader& owner) : reader{owner} {}

    using text = beast::string_view;
    void on_request_impl(beast::http::verb known, text name, text target, int number,
                         error_code& ec) override;
    void on_response_impl(int status, text reason, int number, error_code& ec) override;
    void on_field_impl(beast::http::field known, text name, text value, error_code& ec) override;
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
    std::size_t on_body_impl(text bytes, error_code& ec) override;
    void on_chunk_header_impl(std::uint64_t size, text extensions, error_code& ec) override;
    std::size_t on_chunk_body_impl(std::uint64_t remain, text bytes, error_code& ec) override;
    void on_finish_impl(error_code& ec) override;

    request_reader& reader;
    http::method verb = http::method::other;
    int version = 11;
    std::uint32_t target_at = 0;
    std::uint32_t target_bytes = 0;
    bool header_read = false;
    bool streams = false;
    bool has_host = false;
    bool has_transfer_encoding = false;
    bool expects_continue = false;
  };

  [[nodiscard]] progress fail(int status, std::string cause);
  [[nodiscard]] bool offset_of(std::string_view view, std::uint32_t& at) const;
  void make_room();
  void grow(std::size_t capacity);

  std::size_t header_bytes_max_;
  handler& owner_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;     // The current request begins here.
  std::size_t head_end_ = 0;  // Its header ends here, once it has been read.
  std::size_t parsed_ = 0;    // Up to here the parser has seen.
  std::size_t end_ = 0;       // Up to here bytes have been received.
  std::optional<parser> parser_;
  header_table headers_;
  std::string body_;
  int refusal_ = 0;
  std::string refusal_cause_;
};

/// Splits a target into path and query; of an absolute target only what follows the authority.
struct split_target {
  std::string_view path;
  std::string_view query;
};
[[nodiscard]] split_target split(std::string_view target);

}  // namespace parley::http
