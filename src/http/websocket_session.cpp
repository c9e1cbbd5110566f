#include "src/http/websocket_session.hpp"

#include "src/http/lane.hpp"
#include "src/http/log.hpp"
#include "src/http/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <array>
#include <optional>
#include <utility>

namespace parley::http {

namespace {

namespace ws = beast::websocket;
using handshake_request = beast::http::request<beast::http::empty_body>;

/// The handshake again, as Beast wants to see it.
handshake_request to_handshake(const request& incoming, const header_table& headers) {
  handshake_request result{
    beast::http::verb::get, {incoming.target.data(), incoming.target.size()}, 11};
  for (const auto& field : headers.fields) {
    const auto name = headers.name(field);
    const auto value = headers.value(field);
    result.insert({name.data(), name.size()}, {value.data(), value.size()});
  }
  return result;
}

/// One WebSocket. Held by the lane's slot until it ends, by each pending operation, and by whoever
/// was given it; the last may outlive the server, so it keeps the lane's memory, and the stream,
/// whose timer would keep the lane running, goes as soon as the connection has ended.
class websocket_connection final : public websocket,
                                   public connection,
                                   public std::enable_shared_from_this<websocket_connection> {
public:
  websocket_connection(std::shared_ptr<lane> where, std::uint32_t slot, tcp_socket socket,
                       std::shared_ptr<session> from)
    : lane_(std::move(where)), slot_(slot), from_(std::move(from)) {
    stream_.emplace(std::move(socket));
  }

  void accept();

  // websocket
  void post(std::function<void()> work) override { lane_->enqueue(std::move(work)); }
  void send(std::shared_ptr<const std::string> text, std::function<void(bool)> done) override;
  void close(std::uint16_t code, std::string reason) override;
  [[nodiscard]] bool open() const override { return state_ == state::open; }
  void on_end(std::function<void()> ended) override;

  // connection
  void expire() override { end(); }
  void retire() override {}
  void end() override;
  void complete(response) override {}

private:
  enum class state : std::uint8_t { accepting, open, closing, ended };

  void on_accept(error_code ec);
  void read();
  void on_read(error_code ec);
  void on_sent(error_code ec);
  void operation_ended();
  void arm_write() { lane_->arm(slot_, lane::ticks(lane_->options().write_timeout)); }

  std::shared_ptr<lane> lane_;  // Before the stream: the stream needs its `io_context`.
  std::uint32_t slot_;
  std::shared_ptr<session> from_;  // Keeps the request until `opened` has seen it.
  state state_ = state::accepting;
  int operations_ = 0;
  std::array<char, 1024> discarded_{};
  std::function<void(bool)> sent_;
  std::function<void()> ended_;
  std::optional<ws::stream<tcp_socket, false>> stream_;
};

void websocket_connection::accept() {
  const auto& options = lane_->options();
  stream_->set_option(ws::stream_base::timeout{options.read_timeout, options.idle_timeout, true});
  stream_->read_message_max(options.websocket_bytes_max);
  stream_->auto_fragment(false);
  stream_->text(true);
  arm_write();
  ++operations_;
  const auto handshake = to_handshake(from_->upgraded(), from_->upgraded_headers());
  stream_->async_accept(handshake,
                        [self = shared_from_this()](error_code ec) { self->on_accept(ec); });
}

void websocket_connection::on_accept(error_code ec) {
  if (state_ == state::ended || ec) {
    end();
    operation_ended();
    return;
  }
  lane_->disarm(slot_);
  state_ = state::open;
  try {
    lane_->owner().opened(from_->upgraded(), shared_from_this());
  } catch (const std::exception& failure) {
    log().error("the handler failed, cause=\"{}\"", failure.what());
    end();
  }
  from_.reset();
  if (state_ != state::ended)
    read();
  operation_ended();
}

/// What clients send is of no interest, but reading is how pings, closes and ends are noticed.
void websocket_connection::read() {
  ++operations_;
  stream_->async_read_some(
    net::buffer(discarded_),
    [self = shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); });
}

void websocket_connection::on_read(error_code ec) {
  if (ec)
    end();
  else if (state_ != state::ended)
    read();
  operation_ended();
}

void websocket_connection::send(std::shared_ptr<const std::string> text,
                                std::function<void(bool)> done) {
  if (state_ != state::open || sent_) {
    net::post(lane_->executor(), [done = std::move(done)] { done(false); });
    return;
  }
  sent_ = std::move(done);
  arm_write();
  ++operations_;
  const auto bytes = net::buffer(*text);
  stream_->async_write(bytes, [self = shared_from_this(), kept = std::move(text)](
                                error_code ec, std::size_t) { self->on_sent(ec); });
}

void websocket_connection::on_sent(error_code ec) {
  if (ec) {
    end();
  } else if (state_ != state::ended) {
    if (state_ == state::open)
      lane_->disarm(slot_);
    if (const auto done = std::exchange(sent_, nullptr))
      done(true);
  }
  operation_ended();
}

void websocket_connection::close(std::uint16_t code, std::string reason) {
  if (state_ != state::open)
    return;
  state_ = state::closing;
  constexpr std::size_t reason_bytes_max = 123;  // RFC 6455 section 5.5.
  const ws::close_reason why{static_cast<ws::close_code>(code), reason.substr(0, reason_bytes_max)};
  arm_write();
  ++operations_;
  stream_->async_close(why, [self = shared_from_this()](error_code) {
    self->end();
    self->operation_ended();
  });
}

void websocket_connection::on_end(std::function<void()> ended) {
  ended_ = std::move(ended);
  if (state_ == state::ended)
    if (const auto call = std::exchange(ended_, nullptr))
      call();
}

void websocket_connection::end() {
  if (state_ == state::ended)
    return;
  state_ = state::ended;
  const auto self = shared_from_this();  // The slot may hold the last reference.
  error_code ignored;
  stream_->next_layer().close(ignored);
  lane_->release(slot_);
  if (const auto done = std::exchange(sent_, nullptr))
    done(false);
  if (const auto call = std::exchange(ended_, nullptr))
    call();
}

/// The stream may go once nothing is pending on it, and after the operation that called this.
void websocket_connection::operation_ended() {
  if (--operations_ > 0 || state_ != state::ended)
    return;
  net::post(lane_->executor(), [self = shared_from_this()] { self->stream_.reset(); });
}

}  // namespace

void websocket_session::begin(lane& where, std::uint32_t slot, tcp_socket socket,
                              std::shared_ptr<session> from) {
  auto opened = std::make_shared<websocket_connection>(where.shared_from_this(), slot,
                                                       std::move(socket), std::move(from));
  where.replace(slot, opened);
  opened->accept();
}

}  // namespace parley::http
