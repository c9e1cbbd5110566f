#include "src/http/client_connection.hpp"

#include "src/http/log.hpp"
#include "src/http/resolver.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <utility>

#include <sys/socket.h>

namespace parley::http {

void settle(exchange what, client_result result) {
  if (!what.done)
    return;
  try {
    what.done(std::move(result));
  } catch (const std::exception& failure) {
    log().error("a result's receiver failed, cause=\"{}\"", failure.what());
  }
}

client_connection::client_connection(io_executor executor, net::ssl::context& tls,
                                     const destination& where, const client_options& options,
                                     connection_pool& pool)
  : where_(where), options_(options), pool_(pool), context_(tls),
    reader_(options.response_bytes_max), socket_(executor) {}

// -- connecting -----------------------------------------------------------------------------------

void client_connection::open(resolver& names, exchange first) {
  current_ = std::move(first);
  deadline_ = deadline_within(options_.connect_timeout);
  if (const auto literal = literal_address(where_.host)) {
    // Not at once: the pool does not expect a connection to end while it opens it.
    net::post(socket_.get_executor(),
              [self = shared_from_this(), address = *literal] { self->connect({}, {address}); });
    return;
  }
  names.resolve(where_.host,
                [weak = weak_from_this()](const std::string& cause,
                                          const std::vector<net::ip::address>& addresses) {
                  if (const auto self = weak.lock())
                    self->connect(cause, addresses);
                });
}

/// Connects to addresses that were looked at, never to a name: what a second look-up would say is
/// not known.
void client_connection::connect(const std::string& cause,
                                const std::vector<net::ip::address>& addresses) {
  if (state_ != state::connecting)
    return;
  std::vector<tcp::endpoint> endpoints;
  for (const auto& address : addresses)
    if (options_.allow_private_destinations || is_public(address))
      endpoints.emplace_back(address, where_.port);
  if (endpoints.empty()) {
    fail(addresses.empty() ? "the host name was not found: " + cause
                           : "the destination is not a public address");
    return;
  }
  auto connected = [self = shared_from_this()](error_code ec, const tcp::endpoint&) {
    if (self->state_ != state::connecting)
      return;
    error_code failed = ec;
    if (!failed)
      self->socket_.non_blocking(true, failed);
    if (!failed)
      self->socket_.set_option(tcp::no_delay{true}, failed);
    if (failed)
      self->fail("no connection: " + failed.message());
    else if (self->where_.tls)
      self->handshake();
    else
      self->begin();
  };
  net::async_connect(socket_, endpoints, std::move(connected));
}

void client_connection::handshake() {
  tls_.emplace(socket_, context_);
  // SSL_set_tlsext_host_name, without the cast that its macro contains.
  auto* name = const_cast<char*>(where_.host.c_str());
  if (!literal_address(where_.host)
      && SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  name)
           != 1) {
    fail("the host name does not fit into a TLS handshake");
    return;
  }
  error_code ec;
  tls_->set_verify_mode(net::ssl::verify_peer, ec);
  if (!ec)
    tls_->set_verify_callback(net::ssl::host_name_verification{where_.host}, ec);
  if (ec) {
    fail("TLS cannot be set up: " + ec.message());
    return;
  }
  tls_->async_handshake(net::ssl::stream_base::client,
                        [self = shared_from_this()](error_code failed) {
                          if (self->state_ != state::connecting)
                            return;
                          if (failed)
                            self->fail("TLS handshake: " + failed.message());
                          else
                            self->begin();
                        });
}

// -- an exchange ----------------------------------------------------------------------------------

bool client_connection::carry(exchange& next) {
  if (state_ != state::idle || peer_has_closed())
    return false;
  kept_ = true;
  current_ = std::move(next);
  begin();
  return true;
}

/// The exchange's own deadline, when that comes before the limit.
client_connection::clock::time_point
client_connection::deadline_within(std::chrono::milliseconds limit) const {
  const auto by_limit = clock::now() + limit;
  return current_.deadline ? std::min(*current_.deadline, by_limit) : by_limit;
}

/// Looks once more, because the end of the connection may have arrived and not been handled yet.
/// Anything unasked for counts as an end too.
bool client_connection::peer_has_closed() {
  char byte = 0;
  const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void client_connection::begin() {
  established_ = true;
  state_ = state::busy;
  deadline_ = deadline_within(options_.exchange_timeout);
  written_any_ = write_broken_ = false;
  unwritten_ = current_.wire;
  reader_.begin(current_.head, current_.sink ? &current_.sink : nullptr);
  write();
  if (state_ == state::busy && !read_pending_)
    read();
}

void client_connection::write() {
  if (tls_) {
    written_any_ = write_pending_ = true;
    net::async_write(
      *tls_, net::buffer(std::exchange(unwritten_, {})),
      [self = shared_from_this()](error_code ec, std::size_t bytes) { self->on_write(ec, bytes); });
    return;
  }
  error_code ec;
  const auto bytes = socket_.write_some(net::buffer(unwritten_), ec);
  if (ec == net::error::would_block || ec == net::error::try_again) {
    write_pending_ = true;
    socket_.async_write_some(net::buffer(unwritten_),
                             [self = shared_from_this()](error_code failed, std::size_t more) {
                               self->on_write(failed, more);
                             });
    return;
  }
  on_write(ec, bytes);
}

void client_connection::on_write(error_code ec, std::size_t bytes) {
  write_pending_ = false;
  if (state_ != state::busy)
    return;
  written_any_ |= bytes > 0;
  if (ec) {
    write_failed(ec);
    return;
  }
  unwritten_.remove_prefix(std::min(bytes, unwritten_.size()));
  if (!unwritten_.empty())
    write();
}

/// A server may answer, refuse and close before it has read everything: then its answer is waiting.
void client_connection::write_failed(error_code ec) {
  if (written_any_ && read_pending_) {
    write_broken_ = true;
    return;
  }
  fail("writing failed: " + ec.message());
}

void client_connection::read() {
  read_pending_ = true;
  auto done
    = [self = shared_from_this()](error_code ec, std::size_t bytes) { self->on_read(ec, bytes); };
  if (tls_)
    tls_->async_read_some(reader_.space(), std::move(done));
  else
    socket_.async_read_some(reader_.space(), std::move(done));
}

void client_connection::on_read(error_code ec, std::size_t bytes) {
  read_pending_ = false;
  if (state_ == state::closed)
    return;
  if (state_ == state::idle) {
    drop();  // Ended by the peer, or it talks out of turn.
  } else if (!ec) {
    advance(reader_.received(bytes));
  } else if (ec == net::error::eof) {
    advance(reader_.ended());
  } else {
    fail("reading failed: " + ec.message());
  }
}

void client_connection::advance(response_reader::progress how) {
  switch (how) {
    case response_reader::progress::incomplete:
      read();
      break;
    case response_reader::progress::complete:
      answered(reader_.reusable() && !write_pending_ && unwritten_.empty() && !write_broken_);
      break;
    case response_reader::progress::failed:
      fail(reader_.cause());
      break;
  }
}

void client_connection::answered(bool reusable) {
  client_result result;
  result.outcome = exchange_outcome::answered;
  result.status = reader_.status();
  result.body = std::move(reader_.body());
  result.retry_after = std::move(reader_.retry_after());
  result.location = std::move(reader_.location());
  auto finished = std::exchange(current_, {});
  const auto self = shared_from_this();
  if (reusable) {
    state_ = state::idle;
    deadline_ = clock::now() + options_.idle_timeout;
    pool_.available(*this);  // It may carry the next one already.
    if (state_ == state::idle && !read_pending_)
      read();
  } else {
    drop();
  }
  settle(std::move(finished), std::move(result));
}

// -- ending ---------------------------------------------------------------------------------------

void client_connection::fail(std::string cause, bool timed_out) {
  const auto self = shared_from_this();
  auto finished = std::exchange(current_, {});
  const bool repeat = state_ == state::busy && kept_ && !written_any_ && !finished.repeated;
  client_result result;
  result.outcome = written_any_ ? exchange_outcome::lost : exchange_outcome::not_written;
  result.cause = std::move(cause);
  result.timed_out = timed_out;
  result.too_large = state_ == state::busy && reader_.too_large();
  close();
  if (repeat) {
    finished.repeated = true;
    pool_.ended(*this, std::move(finished));
    return;
  }
  pool_.ended(*this, std::nullopt);
  settle(std::move(finished), std::move(result));
}

void client_connection::sweep(clock::time_point now) {
  if (state_ == state::closed || now < deadline_)
    return;
  if (state_ == state::idle) {
    drop();
  } else {
    kept_ = false;  // What is ended on purpose is not repeated.
    fail(state_ == state::connecting ? "no connection in time" : "no response in time", true);
  }
}

void client_connection::abort(std::string_view cause) {
  if (state_ == state::closed)
    return;
  kept_ = false;  // What is ended on purpose is not repeated.
  fail(std::string{cause});
}

void client_connection::drop() {
  if (state_ == state::closed)
    return;
  const auto self = shared_from_this();
  close();
  pool_.ended(*this, std::nullopt);
}

void client_connection::close() {
  state_ = state::closed;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace parley::http
