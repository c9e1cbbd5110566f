#include "src/http/session.hpp"

#include "src/http/lane.hpp"
#include "src/http/log.hpp"
#include "src/http/websocket_session.hpp"
#include "src/http/wire.hpp"

#include <boost/asio/buffer.hpp>

namespace parley::http {

namespace {

constexpr std::chrono::milliseconds linger_timeout{2000};
constexpr std::size_t out_kept_bytes_max = 16 * 1024;
constexpr std::size_t piece_bytes = 64 * 1024;  // Of a streamed body.
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

/// What the handler says, or 500 when it throws.
template <class Call>
response guarded(Call call) {
  try {
    return call();
  } catch (const std::exception& failure) {
    log().error("the handler failed, cause=\"{}\"", failure.what());
    response what;
    what.status = 500;
    what.close = true;
    return what;
  }
}

}  // namespace

session::session(lane& where, std::uint32_t slot, tcp_socket socket)
  : lane_(where), slot_(slot), socket_(std::move(socket)),
    reader_(where.options().header_bytes_max, where.owner()) {}

void session::start() {
  lane_.arm(slot_, lane::ticks(lane_.options().idle_timeout));
  read();
}

// -- reading --------------------------------------------------------------------------------------

void session::read() {
  const auto space = reader_.space();
  if (space.size() == 0 && phase_ == phase::lingering) {
    end();
    return;
  }
  if (space.size() == 0) {
    refuse(400, "a chunk header or trailer is too large");
    return;
  }
  read_pending_ = true;
  socket_.async_read_some(space, [self = shared_from_this()](error_code ec, std::size_t bytes) {
    self->on_read(ec, bytes);
  });
}

void session::on_read(error_code ec, std::size_t bytes) {
  read_pending_ = false;
  if (phase_ == phase::ended)
    return;
  if (ec) {
    end();  // Whatever was begun is nobody's: there is no one left to answer.
  } else if (phase_ == phase::lingering) {
    read();  // What comes after the last answer is dropped.
  } else if (phase_ == phase::idle || phase_ == phase::reading) {
    reader_.received(bytes);
    proceed();
  }
}

/// Serves what has been received: as many requests as are complete and answered at once.
void session::proceed() {
  for (;;) {
    const auto read = reader_.advance();
    if (read == request_reader::progress::failed) {
      refuse(reader_.refusal(), reader_.refusal_cause());
      return;
    }
    const bool complete = read == request_reader::progress::complete;
    if (reader_.streams() && !pass_on(complete))
      return;
    if (!complete) {
      wait_for_bytes();
      return;
    }
    if (!answer_now() || !write_answer())
      return;
  }
}

/// Gives a body that is not kept to its consumer, a piece at a time. False while the consumer has
/// it, and when the request is refused.
bool session::pass_on(bool complete) {
  if (incoming_.consumer == nullptr) {
    present_head();
    response fault;
    try {
      auto decided = lane_.owner().receive(incoming_);
      incoming_.consumer = std::move(decided.consumer);
      fault = std::move(decided.refusal);
    } catch (const std::exception& failure) {
      log().error("the handler failed, cause=\"{}\"", failure.what());
      fault.status = 500;
    }
    if (incoming_.consumer == nullptr) {
      refuse_with(std::move(fault));
      return false;
    }
  }
  auto& body = reader_.body();
  if (body.empty() || (!complete && body.size() < piece_bytes))
    return true;
  phase_ = phase::passing_on;
  lane_.disarm(slot_);
  incoming_.consumer->take(std::exchange(body, {}),
                           [self = shared_from_this()](std::optional<response> refusal) {
                             self->lane_.enqueue([self, what = std::move(refusal)]() mutable {
                               self->passed_on(std::move(what));
                             });
                           });
  return false;
}

void session::passed_on(std::optional<response> refusal) {
  if (phase_ != phase::passing_on)
    return;
  if (refusal) {
    refuse_with(std::move(*refusal));
    return;
  }
  phase_ = phase::idle;  // So that the next piece gets a deadline of its own.
  proceed();
}

void session::wait_for_bytes() {
  if (!reader_.begun()) {
    if (lane_.retiring()) {
      end();
      return;
    }
    phase_ = phase::idle;
    lane_.arm(slot_, lane::ticks(lane_.options().idle_timeout));
  } else if (phase_ != phase::reading) {
    // Once per request: a peer that sends byte by byte does not move its deadline.
    phase_ = phase::reading;
    lane_.arm(slot_, lane::ticks(lane_.options().read_timeout));
  }
  if (reader_.take_expectation() && !invite_body()) {
    end();
    return;
  }
  read();
}

/// Tells a client that waits for it to send the body. A few bytes into a socket buffer that is
/// empty unless the peer pipelines and does not read; such a peer is not waited for.
bool session::invite_body() {
  error_code ec;
  const auto bytes = socket_.write_some(net::buffer(continue_line), ec);
  return !ec && bytes == continue_line.size();
}

// -- answering ------------------------------------------------------------------------------------

void session::present_head() {
  incoming_.method = reader_.verb();
  incoming_.target = reader_.target();
  const auto parts = split(incoming_.target);
  incoming_.path = parts.path;
  incoming_.query = parts.query;
  incoming_.fields_ = &reader_.headers();
}

/// Hands the complete request over; false when the answer comes later or the session is done.
bool session::answer_now() {
  phase_ = phase::answering;
  lane_.disarm(slot_);
  how_ = {reader_.verb() == method::head, reader_.http_1_0(), !reader_.keep_alive()};
  present_head();
  incoming_.body.swap(reader_.body());
  if (reader_.wants_websocket())
    return upgrade();
  return lane_.dispatch(slot_, incoming_, answer_);
}

bool session::upgrade() {
  if (reader_.has_more() || !incoming_.body.empty()) {
    refuse(400, "bytes follow the request for a WebSocket");
    return false;
  }
  answer_ = guarded([this] { return lane_.owner().upgrade(incoming_); });
  if (answer_.prepared != nullptr || answer_.status != 101)
    return true;
  phase_ = phase::ended;  // The slot and the socket belong to the WebSocket from here.
  websocket_session::begin(lane_, slot_, std::move(socket_), shared_from_this());
  return false;
}

void session::complete(response what) {
  if (phase_ != phase::answering)
    return;
  answer_ = std::move(what);
  if (write_answer())
    proceed();
}

/// Refuses what HTTP itself refuses, and closes: where the next request begins is not known.
void session::refuse(int status, std::string_view why) {
  refuse_with(guarded([&] { return lane_.owner().refuse(status, why); }));
}

void session::refuse_with(response what) {
  lane_.disarm(slot_);
  phase_ = phase::answering;
  answer_ = std::move(what);
  how_ = {false, false, true};
  if (write_answer())
    end();
}

// -- writing --------------------------------------------------------------------------------------

/// True when the answer is out and the next request may be read.
bool session::write_answer() {
  phase_ = phase::writing;
  if (answer_.prepared == nullptr && answer_.status == 0) {
    end();
    return false;
  }
  how_.close_after |= lane_.retiring();
  if (answer_.prepared != nullptr) {
    pending_ = answer_.prepared->wire;
    if (how_.head)
      pending_ = without_body(pending_);
    // A 1.0 client cannot see in these bytes that the connection would stay.
    how_.close_after |= how_.http_1_0;
  } else {
    how_.close_after |= answer_.close;
    chunked_ = answer_.source != nullptr && answer_.source_bytes == unknown_length;
    // A 1.0 client knows no chunks: the end of the connection is the body's.
    how_.close_after |= chunked_ && how_.http_1_0;
    serialise(answer_, how_, out_);
    pending_ = out_;
    source_left_bytes_ = answer_.source != nullptr && !how_.head ? answer_.source_bytes : 0;
  }
  return flush();
}

/// Tries the socket first: an answer nearly always fits into its buffer, and then the write costs
/// one call and no completion.
bool session::flush() {
  error_code ec;
  const auto bytes = socket_.write_some(net::buffer(pending_), ec);
  if (ec && ec != net::error::would_block && ec != net::error::try_again) {
    end();
    return false;
  }
  pending_.remove_prefix(ec ? 0 : bytes);
  if (pending_.empty())
    return written();
  lane_.arm(slot_, lane::ticks(lane_.options().write_timeout));
  socket_.async_write_some(net::buffer(pending_),
                           [self = shared_from_this()](error_code failed, std::size_t more) {
                             self->on_write(failed, more);
                           });
  return false;
}

void session::on_write(error_code ec, std::size_t bytes) {
  if (phase_ == phase::ended)
    return;
  if (ec) {
    end();
    return;
  }
  pending_.remove_prefix(bytes);
  if (pending_.empty() ? written() : flush())
    proceed();
}

bool session::written() {
  pending_ = {};
  if (source_left_bytes_ > 0) {
    fetch_more();
    return false;
  }
  if (out_.capacity() > out_kept_bytes_max)
    std::string{}.swap(out_);
  answer_ = response{};
  incoming_.consumer.reset();
  if (how_.close_after) {
    linger();
    return false;
  }
  incoming_.body.swap(reader_.body());  // Its capacity is worth keeping if nobody took it.
  reader_.next();
  phase_ = phase::idle;
  return true;
}

/// Asks for the next piece of an answer that is not held in memory. How long that takes is not the
/// peer's fault, so it has no deadline.
void session::fetch_more() {
  lane_.disarm(slot_);
  answer_.source->read([self = shared_from_this()](std::string bytes) {
    self->lane_.enqueue(
      [self, piece = std::move(bytes)]() mutable { self->fetched(std::move(piece)); });
  });
}

void session::fetched(std::string bytes) {
  if (phase_ != phase::writing)
    return;
  const bool last = chunked_ && answer_.source->ended();
  if ((bytes.empty() && !last) || bytes.size() > source_left_bytes_) {
    end();  // The length was promised: only a broken connection says that it is not kept.
    return;
  }
  if (!chunked_)
    source_left_bytes_ -= bytes.size();
  else if (last)
    source_left_bytes_ = 0;
  if (chunked_ && !how_.http_1_0)
    write_chunk(bytes, source_left_bytes_ == 0, out_);
  else
    out_ = std::move(bytes);
  pending_ = out_;
  if (flush())
    proceed();
}

/// Ends in order: a close with unread bytes would reset the connection, and the peer might lose the
/// answer. So says goodbye, and reads on until the peer does too, for a short while.
void session::linger() {
  error_code ec;
  socket_.shutdown(tcp::socket::shutdown_send, ec);
  if (ec) {
    end();
    return;
  }
  phase_ = phase::lingering;
  lane_.arm(slot_, lane::ticks(linger_timeout));
  if (!read_pending_)
    read();
}

// -- ending ---------------------------------------------------------------------------------------

void session::expire() {
  if (phase_ == phase::reading)
    refuse(408, "the request took too long");
  else
    end();
}

void session::retire() {
  if (phase_ == phase::idle && !reader_.begun())
    end();
}

void session::end() {
  if (phase_ == phase::ended)
    return;
  phase_ = phase::ended;
  error_code ignored;
  socket_.close(ignored);
  incoming_.consumer.reset();
  answer_.source.reset();
  lane_.release(slot_);
}

}  // namespace parley::http
