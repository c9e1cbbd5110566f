#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::http {

enum class method : std::uint8_t { get, post, put, patch, del, head, options, other };

struct response;

/// Takes the body of one request as it arrives, instead of it being held in memory.
///
/// Made by `handler::receive`, and held by the connection until the request is answered or the
/// connection ends: one that ends without the request having been handled was broken off.
class body_consumer {
public:
  using continuation = std::function<void(std::optional<response>)>;

  virtual ~body_consumer() = default;
  /// The next bytes, in order; about 64 KiB, never more than twice that. Called on the connection's
  /// lane and must not block. `next` is called once, from any thread, while the server exists:
  /// empty when more may come, else with the answer that refuses the rest and ends the connection.
  virtual void take(std::string bytes, continuation next) = 0;
};

/// Gives a body that is too large to be held in memory.
class body_source {
public:
  virtual ~body_source() = default;
  /// Called on the connection's lane and must not block. `done` is called once, from any thread,
  /// while the server exists, with the next bytes; with none when there is a fault, which ends the
  /// connection.
  virtual void read(std::function<void(std::string)> done) = 0;
  /// Of a body whose length nobody knows beforehand: whether the bytes that `read` has just given
  /// were the last. Called on the connection's lane.
  [[nodiscard]] virtual bool ended() const { return false; }
};

/// The length of a body that its source knows only in the end: it goes out in chunks.
inline constexpr std::uint64_t unknown_length = std::numeric_limits<std::uint64_t>::max();

/// A request whose body is complete. Views live until the handler returns; `body` may be moved out.
class request {
public:
  http::method method = http::method::other;
  std::string_view target;  ///< As sent: path and query.
  std::string_view path;    ///< Undecoded, without the query.
  std::string_view query;   ///< Undecoded, without the `?`; empty when there is none.
  std::string body;
  std::shared_ptr<body_consumer> consumer;  ///< Has the body, if `handler::receive` gave one.

  /// The first field of that name (case-insensitive), or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;

private:
  friend class session;
  const void* fields_ = nullptr;  // The parser's header fields; Beast stays inside src/http.
};

/// Bytes that go out as they are: status line, header fields and body, made once and shared.
struct prepared_response {
  std::string wire;
};

/// Makes a prepared HTTP/1.1 response with `Content-Type` and `Content-Length`.
[[nodiscard]] prepared_response prepare(int status, std::string_view content_type,
                                        std::string_view body);

/// What a request is answered with.
struct response {
  const prepared_response* prepared = nullptr;  ///< When set, the rest is ignored. Never owned.
  int status = 200;  ///< 0 ends the connection without an answer, as a broken peer would.
  std::string_view content_type = "application/json";  ///< Static storage.
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< `Retry-After`, `Allow`, …
  bool close = false;  ///< End the connection after this answer.
  std::shared_ptr<body_source> source = nullptr;  ///< When set, gives the body in place of `body`.
  std::uint64_t source_bytes = 0;  ///< Exactly how much `source` will give, or `unknown_length`.
};

/// Names one request that waits for its answer. Trivially copyable; a stale one is ignored (its
/// connection has gone), so it can be kept for as long as the work takes.
struct ticket {
  std::uint32_t lane = 0;
  std::uint32_t slot = 0;
  std::uint64_t generation = 0;

  friend bool operator==(const ticket&, const ticket&) = default;
};

/// One end of a WebSocket. Every member is called on the connection's lane only; use `post`.
///
/// Nothing is buffered: `send` takes one message at a time and says when the socket has taken it,
/// so that a slow reader's lag stays where the messages come from.
class websocket {
public:
  virtual ~websocket() = default;
  /// Runs `work` on the connection's lane. Callable from any thread.
  virtual void post(std::function<void()> work) = 0;
  /// Sends one text message; `done(false)` when the connection has ended or took longer than the
  /// server's `write_timeout`. One at a time.
  virtual void send(std::shared_ptr<const std::string> text, std::function<void(bool)> done) = 0;
  /// Sends a close frame and ends the connection. `code` as RFC 6455 section 7.4.
  virtual void close(std::uint16_t code, std::string reason) = 0;
  [[nodiscard]] virtual bool open() const = 0;
  /// Called once, when the connection has ended for whatever reason.
  virtual void on_end(std::function<void()> ended) = 0;
};

/// Limits of the server. No defaults: the configuration states each.
struct server_options {
  std::string host;
  std::uint16_t port = 0;  ///< 0 picks one; see `server::port()`.
  std::size_t lanes = 1;   ///< I/O threads, each with an `io_context` and an acceptor of its own.
  std::size_t connections_max = 0;   ///< Over all lanes; beyond it new connections are closed.
  std::size_t header_bytes_max = 0;  ///< Beyond: 431.
  /// From the first byte to the end of a request; of a streamed body, for each 64 KiB.
  std::chrono::milliseconds read_timeout{};
  std::chrono::milliseconds idle_timeout{};   ///< Between requests.
  /// For one answer, 64 KiB of a streamed one, or one WebSocket message.
  std::chrono::milliseconds write_timeout{};
  std::size_t websocket_bytes_max = 0;        ///< Of a message that a client sends.
};

/// Says, in place of a limit, that `handler::receive` decides about the body.
inline constexpr std::size_t streamed_body = std::numeric_limits<std::size_t>::max();

/// Where the body of a request goes, or why it is not wanted.
struct reception {
  std::shared_ptr<body_consumer> consumer;  ///< None refuses the request.
  response refusal;
};

/// What the server asks of whoever uses it. Called on I/O threads, concurrently for several lanes.
class handler {
public:
  virtual ~handler() = default;
  /// The most bytes a body on this path may have; beyond it the server calls `refuse` with 413. Or
  /// `streamed_body`: then `receive` is asked, and whoever takes the body has to count.
  [[nodiscard]] virtual std::size_t body_bytes_max(http::method verb, std::string_view path) = 0;
  /// A request without its body, which has not been read and is not asked for (`100 Continue`)
  /// before this has returned. Only where `body_bytes_max` said so; the default refuses with 413.
  [[nodiscard]] virtual reception receive(request& head);
  /// A complete request. Answer it once, now or later, from any thread, through the server.
  virtual void handle(request& incoming, ticket where) = 0;
  /// The requests that had arrived together on a lane have been handled: what they gave rise to can
  /// be passed on in one go. Called on the lane's thread, soon after any `handle`.
  virtual void end_of_turn(std::uint32_t /*lane*/) {}
  /// A request for a WebSocket. Returns the response that refuses it, or `status == 101` to accept,
  /// in which case `opened` follows.
  [[nodiscard]] virtual response upgrade(request& incoming) = 0;
  /// A WebSocket that `upgrade` accepted; `incoming` is the same request.
  virtual void opened(request& incoming, std::shared_ptr<websocket> socket) = 0;
  /// The body of the answer to a request that HTTP itself refuses: 400, 408, 413, 431.
  [[nodiscard]] virtual response refuse(int status, std::string_view why) = 0;
};

/// Counts for the metrics page. Read from any thread.
struct server_counts {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t requests_total = 0;
  std::uint64_t timeouts_total = 0;
};

/// HTTP/1.1 and WebSocket server: one thread a lane, `SO_REUSEPORT` acceptors, one request at a
/// time on a connection. A single sweep timer a lane enforces the timeouts, so a request costs no
/// timer.
class server {
public:
  server(server_options options, handler& owner);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Binds and starts the lanes. Throws `std::system_error` when the address cannot be bound.
  void start();
  /// The bound port.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Answers one request, from any thread.
  void answer(ticket where, response what);
  /// Answers many: one post a lane. `answers` is left in a moved-from state.
  void answer(std::span<std::pair<ticket, response>> answers);

  /// Runs `work` on a lane's thread.
  void post(std::uint32_t lane, std::function<void()> work);

  /// Closes the acceptors and connections that wait for a request; requests in flight go on.
  void stop_accepting();
  /// Ends every connection, lets the lanes run out and joins them. Idempotent.
  void stop();

  [[nodiscard]] server_counts counts() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace parley::http
