#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"
#include "parley/store/rows.hpp"

namespace parley::store {

// What is kept of an organisation's webhooks (mission 10), each by the webhook's id: its place in
// the journal, what was tried, what could not be delivered, and what is to be posted again. All are
// rows of the journal's batches.

/// What came of one try to post an event.
enum class webhook_outcome : std::uint8_t { delivered = 1, retrying, dead };

/// One line of a webhook's delivery log.
struct webhook_try {
  std::uint64_t number = 0;   ///< Of the webhook, from 1: the line's place.
  model::event_id event;
  std::uint64_t seq = 0;      ///< Of the event's record.
  std::string type;           ///< External name.
  std::uint32_t attempt = 1;  ///< Of this event, since it was read.
  model::timestamp at{};
  webhook_outcome outcome = webhook_outcome::delivered;
  std::int32_t status = 0;    ///< HTTP; 0: there was no answer.
  std::string error;          ///< What went wrong; empty: nothing.
  std::uint64_t duration_ms = 0;

  friend bool operator==(const webhook_try&, const webhook_try&) = default;
};

/// An event that was given up.
struct dead_letter {
  model::event_id event;
  std::uint64_t seq = 0;
  std::string type;
  model::timestamp failed_at{};
  std::uint32_t attempts = 0;
  std::int32_t status = 0;  ///< Of the last try; 0: there was no answer.
  std::string error;

  friend bool operator==(const dead_letter&, const dead_letter&) = default;
};

/// Everything up to `seq` is delivered, dead or not wanted.
[[nodiscard]] row webhook_cursor_row(std::uint32_t organization, std::string_view webhook,
                                     std::uint64_t seq);
[[nodiscard]] row webhook_cursor_gone_row(std::uint32_t organization, std::string_view webhook);

[[nodiscard]] row webhook_try_row(std::uint32_t organization, std::string_view webhook,
                                  const webhook_try& what);
[[nodiscard]] row webhook_try_gone_row(std::uint32_t organization, std::string_view webhook,
                                       std::uint64_t number);

[[nodiscard]] row dead_letter_row(std::uint32_t organization, std::string_view webhook,
                                  const dead_letter& what);
[[nodiscard]] row dead_letter_gone_row(std::uint32_t organization, std::string_view webhook,
                                       const model::event_id& event);

/// The event is to be posted again, whatever the cursor says.
[[nodiscard]] row webhook_replay_row(std::uint32_t organization, std::string_view webhook,
                                     const model::event_id& event);
[[nodiscard]] row webhook_replay_gone_row(std::uint32_t organization, std::string_view webhook,
                                          const model::event_id& event);

}  // namespace parley::store
