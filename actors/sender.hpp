#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "actors/link_gate.hpp"
#include "actors/number_facts.hpp"
#include "actors/protocol.hpp"
#include "actors/send_queue.hpp"
#include "actors/services.hpp"
#include "actors/ticking.hpp"
#include "parley/carrier/rate.hpp"
#include "parley/model/message.hpp"

namespace parley::actors {

struct attempt_hash {
  std::size_t operator()(const attempt_key& key) const noexcept {
    return model::id_hash{}(key.message) * 31 + std::hash<std::string_view>{}(key.to);
  }
};

/// An attempt that was begun.
struct send_attempt {
  pending_send what;
  link_gate_ptr gate;   ///< Where it has a place; null: nowhere.
  bool probe = false;   ///< Of the link.
  std::chrono::steady_clock::time_point asked_at{};
  /// When the carrier was handed it; not yet: it is asked for, or durable and waits for the rate.
  std::optional<std::chrono::steady_clock::time_point> handed_at{};
};

/// One lane of the outbox, as far as it was read.
struct outbox_lane {
  std::uint64_t read_up_to = 0;  ///< Rows after this are not in memory yet.
  bool more = true;              ///< There may be some.
  std::deque<attempt_key> durable;  ///< Attempts that wait for the rate, the first first.
  /// Rows that are not read yet and have gone before, because a reply had to wait for them.
  std::set<std::uint64_t> ahead;
};

/// State of a SENDER actor. The durable queue is the outbox table, whose lanes are read in pages:
/// of each at most `outbox_page_max` rows are in memory, and a restart resumes from the table.
///
/// An attempt goes: conversation journals `sending` → that is durable → rate allows it → carrier
/// → the conversation journals the outcome. A crash in between leaves `sending`, which the next
/// start takes for an unknown outcome and treats by the link's policy. One attempt at a time of a
/// pair, of a group for each recipient, keeps a conversation's order; replies overtake what bulk
/// jobs send to others (mission 6).
///
/// The rate is charged when the carrier is handed the message. As many attempts are begun before as
/// it will allow once they are durable, so that a slow disk bunches nothing at the carrier (I8).
struct sender_state {
  static inline const char* name = "sender";

  const services* shared = nullptr;
  number_facts_ptr facts;
  link_gate_ptr left_gate;   ///< Of the link before; it may still call.
  model::channel kind = model::channel::sms;
  std::string prefix;        ///< Of the outbox rows of the number's channel.
  outbox_lane replies;
  outbox_lane bulk;
  send_queue queue;
  std::unordered_map<attempt_key, send_attempt, attempt_hash> attempts;
  std::size_t bulk_attempts = 0;       ///< Of them.
  std::size_t bulk_not_handed = 0;     ///< Of those, what the carrier was not handed yet.
  std::uint64_t uncharged_units = 0;   ///< Of attempts that the carrier was not handed yet.
  std::chrono::nanoseconds durable_after{};  ///< What it takes from asking to durable, lately.
  std::optional<carrier::rate_limit> rate;
  std::optional<carrier::pair_limits> pairs;  ///< On WhatsApp.
  std::chrono::steady_clock::time_point paused_until{};
  bool paused = false;                 ///< Counted as such.
  std::uint32_t throttled_in_a_row = 0;
  asked_ticks ticks;
};

/// Spawns a SENDER. One for each channel of a number of the directory, so that a carrier's limit on
/// one holds up nobody on the other; it lives as long as the broker.
sender_actor::behavior_type sender(sender_actor::stateful_pointer<sender_state> self,
                                   const services* shared, number_facts_ptr facts,
                                   model::channel kind);

}  // namespace parley::actors
