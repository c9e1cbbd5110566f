#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parley/model/address.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/message.hpp"
#include "parley/model/time.hpp"

namespace parley::model {

/// The life of a bulk job (mission 8).
enum class bulk_state : std::uint8_t {
  receiving = 1,  ///< Its lines are coming in; nothing is sent before the last one is durable.
  scheduled,      ///< Complete, and its time has not come.
  running,
  paused,
  completed,      ///< Every line has left, or has been given up.
  canceled,
};

[[nodiscard]] std::string_view to_string(bulk_state value) noexcept;
/// Whether nothing more is sent unless somebody asks for it.
[[nodiscard]] bool is_over(bulk_state value) noexcept;

/// What has become of an accepted line. The values of `delivery_state` are its message's.
enum class bulk_line_state : std::uint8_t {
  waiting = 0,  ///< It is no message yet.
  queued = 1,
  sending,
  unknown,
  sent,
  delivered,
  read,
  undelivered,
  failed,
  canceled,
  expired,
  scheduled,
  refused,  ///< It became no message: the recipient has opted out, for example.
};

inline constexpr std::size_t bulk_line_states = 13;

[[nodiscard]] std::string_view to_string(bulk_line_state value) noexcept;
[[nodiscard]] std::optional<bulk_line_state> bulk_line_state_of(std::string_view text) noexcept;
/// A delivery's state as its line's.
[[nodiscard]] bulk_line_state line_state_of(delivery_state value) noexcept;
/// Whether `retry_failed` sends the line again.
[[nodiscard]] bool may_be_retried(bulk_line_state value) noexcept;

/// How many of a job's lines are in each state.
struct bulk_counts {
  std::array<std::uint64_t, bulk_line_states> by_state{};

  [[nodiscard]] std::uint64_t& of(bulk_line_state state) noexcept {
    return by_state[static_cast<std::size_t>(state)];
  }
  [[nodiscard]] std::uint64_t of(bulk_line_state state) const noexcept {
    return by_state[static_cast<std::size_t>(state)];
  }
  friend bool operator==(const bulk_counts&, const bulk_counts&) = default;
};

/// What a job was asked for; frozen when it begins to be received (mission 8).
struct bulk_parameters {
  address from;
  model::author author;         ///< The user or team on whose behalf it is sent.
  std::string body;             ///< With `{{name}}` for variables; empty: the lines have texts.
  std::optional<sent_template> made_from{};  ///< Of a message template; `body` is its text.
  timestamp start_at{};         ///< Zero: when the last line is durable.
  std::int64_t spread_ms = 0;   ///< The lines are spread evenly over this time.
  bool quiet_hours = false;     ///< Nothing between 21:00 and 08:00 of the recipient's clock.
  std::string key_name;         ///< Of the API key that asked.

  friend bool operator==(const bulk_parameters&, const bulk_parameters&) = default;
};

/// A job, but for what has become of its lines.
struct bulk_job {
  bulk_id id;
  std::uint32_t organization = 0;
  bulk_state state = bulk_state::receiving;
  bulk_parameters what;
  id128 request_digest;          ///< Of the parameters and the kind of body.
  std::uint64_t lines = 0;       ///< Durable ones, refused ones included.
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t segments = 0;    ///< Of the accepted ones together.
  timestamp created_at{};
  timestamp started_at{};        ///< Zero: not yet.
  timestamp ended_at{};          ///< Zero: not yet.

  friend bool operator==(const bulk_job&, const bulk_job&) = default;
};

/// The pair whose chain a job's events are: its own, as a presence's is the user's.
[[nodiscard]] pair bulk_pair(std::uint32_t organization, const bulk_id& job);

}  // namespace parley::model
