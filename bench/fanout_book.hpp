#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace parley::bench {

/// One event, pushed to every reader.
struct pushed_event {
  std::uint64_t seq = 0;
  std::string provider_id;                     ///< Of the message; empty when it has none.
  std::size_t readers = 0;                     ///< Who have it.
  std::chrono::steady_clock::time_point last;  ///< When the last of them got it.
};

/// What was wrong with the pushes of a run; a broker that keeps its word has all at 0.
struct fanout_findings {
  std::uint64_t out_of_place = 0;  ///< Another event than the first reader's at the same place, or
                                   ///< one whose position is not after the one before.
  std::uint64_t missing = 0;       ///< Readers × events that did not come.
  std::uint64_t lost = 0;          ///< Acknowledged messages that no reader got.
  std::uint64_t twice = 0;         ///< Messages with two events.
  std::uint64_t broken = 0;        ///< Streams that ended.

  [[nodiscard]] bool passed() const noexcept {
    return out_of_place + missing + lost + twice + broken == 0;
  }
};

[[nodiscard]] boost::json::object to_json(const fanout_findings& findings);

/// Holds every reader's view against the others': the same events in the same order. The i-th event
/// of the reader that is first to have i is the model for the others. Not thread-safe.
class fanout_book {
public:
  explicit fanout_book(std::size_t readers) : places_(readers) {}

  /// A reader got this event, as JSON text, next.
  void take(std::size_t reader, std::string_view event, std::chrono::steady_clock::time_point now);
  [[nodiscard]] const std::vector<pushed_event>& events() const noexcept { return events_; }
  /// @param acknowledged the provider ids that must have been pushed.
  [[nodiscard]] fanout_findings result(const std::vector<std::string>& acknowledged) const;

private:
  std::vector<std::size_t> places_;  // How many events each reader has.
  std::vector<pushed_event> events_;
  std::uint64_t out_of_place_ = 0;
};

}  // namespace parley::bench
