#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::http {

/// One request to another server.
struct client_request {
  std::string verb = "POST";
  std::string url;  ///< Absolute, `http` or `https`.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// Requests of one pool share its connections to an origin; those of another have others.
  std::string pool{};
  std::size_t connections_max = 0;  ///< Of the pool to the origin; 0: the client's own limit.
  /// From `send` to the last byte of the answer, waiting for a connection and connecting included;
  /// zero: only the client's own limits count.
  std::chrono::milliseconds timeout{};
  /// Takes the body of a 2xx answer, a piece at a time, in place of `client_result::body`, which
  /// stays empty; false ends the exchange as `lost`. On the client's thread, which waits meanwhile.
  std::function<bool(std::string_view)> sink{};
};

/// How far a request got. What happens next depends on it: only `not_written` is safe to repeat.
enum class exchange_outcome : std::uint8_t {
  answered,     ///< A complete response was read.
  not_written,  ///< Nothing of the request left this machine: refused, unresolved, no connection.
  lost,         ///< The connection ended or timed out after writing began; the peer may have acted.
};

struct client_result {
  exchange_outcome outcome = exchange_outcome::not_written;
  int status = 0;
  std::string body;
  std::string retry_after;  ///< The field's value, when there is one.
  std::string location;     ///< As `retry_after`.
  std::string cause;        ///< For people, when not `answered`.
  bool timed_out = false;   ///< Not `answered`, because a time limit has passed.
  bool too_large = false;   ///< Not `answered`, because the body is over `response_bytes_max`.
};

/// Limits of the client. No defaults: the configuration states each.
struct client_options {
  std::size_t connections_per_origin_max = 0;  ///< Where the request does not say.
  /// Requests that wait for a connection, per pool and origin: one slow origin takes no other's
  /// places. Beyond it: `not_written`.
  std::size_t waiting_max = 0;
  std::chrono::milliseconds connect_timeout{};
  std::chrono::milliseconds exchange_timeout{};  ///< From the first byte written to the last read.
  std::chrono::milliseconds idle_timeout{};      ///< An unused connection is closed after this.
  std::size_t response_bytes_max = 0;
  /// Whether resolved addresses may be loopback, private, link-local or otherwise not public.
  bool allow_private_destinations = false;
};

/// Pools of keep-alive connections, per origin, on one thread of its own. TLS verifies the peer
/// against the system's store. Redirects are not followed. A request on a kept connection that the
/// peer had already closed before a byte was written is repeated once on a fresh one.
class client {
public:
  explicit client(client_options options);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Sends; `done` is called exactly once, on the client's thread, or at once when the client has
  /// stopped. Callable from any thread.
  void send(client_request what, std::function<void(client_result)> done);

  /// Ends every exchange (`lost` or `not_written`) and joins the thread. Idempotent.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace parley::http
