#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace parley::bench {

/// One delivery report of a send, and what the broker made of it.
struct report_record {
  std::string status;  ///< `sent`, `delivered`, …
  int answer = 0;      ///< The last HTTP status; 0: none came.
  std::uint32_t attempts = 0;
  bool dropped = false;  ///< Never sent, on purpose.
};

/// One request to send, as the simulator got it.
struct send_record {
  std::string sid;  ///< Empty when it was not accepted.
  std::string account_sid;
  std::string to;
  std::string from;
  std::string body;
  std::string status_callback;
  /// What the sender was told: an HTTP status, or `cut` when the connection was ended instead.
  std::string outcome;
  bool accepted = false;         ///< Whether the carrier sends it: a cut request may be.
  std::int64_t received_ms = 0;  ///< Unix time.
  std::chrono::steady_clock::time_point received;  ///< The same moment, for measuring.
  std::vector<report_record> reports;
};

/// Every request to send, for those who check a broker afterwards. Thread-safe.
class send_book {
public:
  /// @param log_file gets a line for each request, written before the sender is answered, so that
  /// it is complete whenever the simulator is killed; empty: none. Throws `std::system_error`.
  /// @param kept_max how many are kept in memory; older ones are forgotten, the log keeps them.
  send_book(const std::string& log_file, std::size_t kept_max);
  ~send_book();
  send_book(const send_book&) = delete;
  send_book& operator=(const send_book&) = delete;

  /// Returns the number of the request, from 0.
  std::size_t add(send_record request);
  void report(std::size_t number, report_record what);

  /// How many were accepted.
  [[nodiscard]] std::size_t accepted() const;
  /// One JSON object a line, of at most `limit` requests whose number is `first` or greater.
  [[nodiscard]] std::string lines(std::size_t first, std::size_t limit) const;
  /// Copies of the accepted ones that are kept.
  [[nodiscard]] std::vector<send_record> accepted_sends() const;

private:
  mutable std::mutex mutex_;
  std::deque<send_record> kept_;
  std::size_t forgotten_ = 0;
  std::size_t accepted_ = 0;
  std::size_t kept_max_;
  int log_ = -1;
};

}  // namespace parley::bench
