#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "bench/delayed_calls.hpp"
#include "bench/endpoint.hpp"
#include "bench/random.hpp"
#include "bench/rough_front.hpp"
#include "bench/send_book.hpp"
#include "bench/twilio_answers.hpp"

#include "parley/http/client.hpp"
#include "parley/http/server.hpp"

namespace parley::bench {

/// How far the reports of a send go.
enum class report_reach : std::uint8_t { sent, delivered, read };

/// What happens in the bad half of a carrier's time.
enum class flap_kind : std::uint8_t {
  unavailable,  ///< Every send is answered 503.
  refused,      ///< Nobody listens, and connections that were open are cut.
};

/// How the simulated carrier behaves. Rates are probabilities from 0 to 1.
struct carrier_options {
  endpoint listen{.host = "127.0.0.1", .port = 8090};
  std::string auth_token = "demo-token";  ///< Checks senders, signs status callbacks.
  std::chrono::milliseconds latency{};    ///< Before the answer to a send.
  double error_rate = 0;                  ///< Answered 500, not accepted.
  double opt_out_rate = 0;  ///< Answered 400, 21610: the recipient has opted out at the carrier.
  std::uint32_t throttle_per_s = 0;  ///< Accepted in any second; more is 429. 0: no limit.
  /// As `throttle_per_s`, for the sends from each number by itself.
  std::uint32_t number_throttle_per_s = 0;
  std::chrono::milliseconds flap{};  ///< So long it is well, and so long not, in turn. 0: well.
  flap_kind flap_as = flap_kind::unavailable;
  std::chrono::milliseconds trickle{};  ///< Before each byte of an answer.
  double cut_rate = 0;  ///< The connection ends without an answer; half of these are accepted.
  bool reports = true;  ///< Whether status callbacks are posted at all.
  report_reach reach = report_reach::delivered;
  double report_fail_rate = 0;  ///< `undelivered` with code 30003 in place of `delivered`.
  std::chrono::milliseconds report_delay{};  ///< Before each report, after the one before it.
  double report_duplicate_rate = 0;          ///< A report is posted twice.
  double report_reorder_rate = 0;            ///< `delivered` comes before `sent`.
  double report_early_rate = 0;              ///< The first report comes before the answer.
  double report_drop_rate = 0;               ///< A report is never posted.
  std::chrono::seconds report_retry{30};  ///< How long a report is tried until it is answered 2xx.
  std::string log_file;                   ///< See `send_book`.
  /// Of the misbehaviour and of the sids; 0: a fresh one, because sids that repeat after a restart
  /// would name other messages.
  std::uint64_t seed = 0;
  /// Called for each accepted send before it is answered, on the one server thread; must
  /// not block.
  std::function<void(const send_record&)> observer;
  std::size_t kept_max = 5'000'000;  ///< Requests in memory; see `send_book`.
};

/// At most so many in any second. Not thread-safe.
class second_limit {
public:
  using clock = std::chrono::steady_clock;

  /// Counts one more, unless that were more than `per_s` in the second that ends now.
  [[nodiscard]] bool take(std::uint32_t per_s, clock::time_point now);

private:
  std::deque<clock::time_point> taken_at_;  // Of the last second.
};

/// A carrier with Twilio's REST API on a port of its own: takes sends, remembers them, and posts
/// signed status callbacks. `GET /sends` tells what it got, one JSON object a line.
///
/// One server thread, one client thread for the callbacks, one for what is delayed.
class carrier_simulator : private http::handler {
public:
  /// Throws `std::system_error` when the log cannot be opened.
  explicit carrier_simulator(carrier_options options);
  ~carrier_simulator() override;

  /// Binds and serves. Throws `std::system_error`.
  void start();
  void stop();
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] const send_book& sends() const noexcept { return book_; }

private:
  struct verdict;
  struct report_chain;

  // -- http::handler ------------------------------------------------------------------------------
  std::size_t body_bytes_max(http::method verb, std::string_view path) override;
  void handle(http::request& incoming, http::ticket where) override;
  http::response upgrade(http::request& incoming) override;
  void opened(http::request& incoming, std::shared_ptr<http::websocket> socket) override;
  http::response refuse(int status, std::string_view why) override;

  void handle_send(http::request& incoming, const std::string& account, http::ticket where);
  /// A send as gateways with a query string have it, for the comparison with Kannel: never refused.
  [[nodiscard]] http::response take_query(std::string_view query);
  [[nodiscard]] http::response list_sends(std::string_view query) const;
  [[nodiscard]] verdict judge(const send_record& request, bool has_other_content);
  [[nodiscard]] std::optional<twilio_error> misbehave(const send_record& request);
  [[nodiscard]] bool unwell() const;
  [[nodiscard]] bool over_throttle(const std::string& from);
  [[nodiscard]] std::shared_ptr<report_chain> plan_reports(std::size_t number,
                                                           const send_record& request);
  void next_report(std::shared_ptr<report_chain> chain);
  void post_report(std::shared_ptr<report_chain> chain);
  void report_answered(const std::shared_ptr<report_chain>& chain,
                       const http::client_result& result);
  void answer_after_latency(http::ticket where, http::response what);
  [[nodiscard]] bool chance(double probability);

  carrier_options options_;
  send_book book_;
  std::mutex random_mutex_;
  random_source random_;
  std::chrono::steady_clock::time_point started_;
  second_limit all_;
  std::unordered_map<std::string, second_limit> by_number_;
  std::atomic<std::uint64_t> sids_{0};
  delayed_calls later_;
  http::client client_;
  http::server server_;
  std::optional<rough_front> front_;  // What listens in its place, when it is to be rough.
};

/// `parley-bench carrier`: runs until SIGINT or SIGTERM. Returns the exit code.
[[nodiscard]] int run_carrier(const carrier_options& options);

}  // namespace parley::bench
