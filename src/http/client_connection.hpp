#pragma once

#include "parley/http/client.hpp"
#include "src/http/destination.hpp"
#include "src/http/net.hpp"
#include "src/http/response_reader.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::http {

class client_connection;
class resolver;

/// One request on its way, in the bytes that go out.
struct exchange {
  std::string wire;
  bool head = false;      ///< The response will have no body.
  bool repeated = false;  ///< It already found one connection closed.
  std::optional<std::chrono::steady_clock::time_point> deadline;  ///< Its own, besides the limits.
  std::function<bool(std::string_view)> sink;  ///< Of the body; may be empty.
  std::function<void(client_result)> done;
};

/// Calls `done`, and keeps what it throws away from the connection.
void settle(exchange what, client_result result);

/// What a connection tells its pool. On the client's thread.
class connection_pool {
public:
  virtual ~connection_pool() = default;
  /// The exchange is over and the connection can carry another.
  virtual void available(client_connection& which) = 0;
  /// The connection is over. `repeat` is an exchange of which nothing was written.
  virtual void ended(client_connection& which, std::optional<exchange> repeat) = 0;
};

/// One connection to one origin. On the client's thread.
///
/// Once connected, a read is always pending: an idle connection that the peer closes is noticed and
/// never used again.
class client_connection : public std::enable_shared_from_this<client_connection> {
public:
  using clock = std::chrono::steady_clock;

  client_connection(io_executor executor, net::ssl::context& tls, const destination& where,
                    const client_options& options, connection_pool& pool);

  /// Connects and carries its first exchange.
  void open(resolver& names, exchange first);
  /// Carries another; false, and `next` untouched, when the peer has closed the connection.
  [[nodiscard]] bool carry(exchange& next);
  /// Ends what takes longer than it may.
  void sweep(clock::time_point now);
  /// Ends a connection that carries nothing.
  void drop();
  /// Ends now, and with it the exchange.
  void abort(std::string_view cause);

  [[nodiscard]] const destination& where() const { return where_; }
  /// Whether it ever was connected.
  [[nodiscard]] bool established() const { return established_; }

private:
  enum class state : std::uint8_t { connecting, idle, busy, closed };

  void connect(const std::string& cause, const std::vector<net::ip::address>& addresses);
  void handshake();
  void begin();
  [[nodiscard]] bool peer_has_closed();
  void write();
  void on_write(error_code ec, std::size_t bytes);
  void write_failed(error_code ec);
  void read();
  void on_read(error_code ec, std::size_t bytes);
  void advance(response_reader::progress how);
  void answered(bool reusable);
  void fail(std::string cause, bool timed_out = false);
  [[nodiscard]] clock::time_point deadline_within(std::chrono::milliseconds limit) const;
  void close();

  const destination where_;
  const client_options& options_;
  connection_pool& pool_;
  net::ssl::context& context_;
  state state_ = state::connecting;
  bool established_ = false;
  bool kept_ = false;         // It has carried an exchange before the current one.
  bool written_any_ = false;  // The peer may have seen some of the current request.
  bool write_pending_ = false;
  bool write_broken_ = false;  // Writing failed; what the peer said may still be read.
  bool read_pending_ = false;
  clock::time_point deadline_;
  exchange current_;
  std::string_view unwritten_;
  response_reader reader_;
  tcp_socket socket_;
  std::optional<net::ssl::stream<tcp_socket&>> tls_;
};

}  // namespace parley::http
