#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "parley/store/reader.hpp"

namespace parley::actors {

/// How many open conversations of team inboxes each user has: the durable ones, which the store
/// counts, and those that an inbox has just given and that are not durable yet.
///
/// All inboxes reserve here before they give, so that two that share a user do not exceed the
/// user's maximum together. A conversation that has become durable and whose reservation has not
/// ended yet counts twice: for that moment the user seems to have more, never less. Thread-safe; a
/// caller may wait for another's count, which reads mapped pages. Holds one entry for each user
/// with reservations, which the inboxes bound.
class seats {
public:
  explicit seats(const store::reader& reader) : reader_(reader) {}

  /// Counts no further than `limit`. Throws `store::store_error`.
  [[nodiscard]] std::size_t taken(std::uint32_t organization, const std::string& user,
                                  std::size_t limit) const;

  /// Reserves one more, unless the user has `max` already; 0 is no maximum. Throws
  /// `store::store_error`, and has reserved nothing then.
  [[nodiscard]] bool try_reserve(std::uint32_t organization, const std::string& user,
                                 std::size_t max);

  /// The reservation ends: what it was for is durable, or came to nothing.
  void end(std::uint32_t organization, const std::string& user);

private:
  using name = std::pair<std::uint32_t, std::string>;

  [[nodiscard]] std::size_t count(const name& who, std::size_t limit) const;

  const store::reader& reader_;
  mutable std::mutex mutex_;
  std::map<name, std::size_t> reserved_;
};

}  // namespace parley::actors
