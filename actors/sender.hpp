#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "actors/number_facts.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "parley/carrier/rate.hpp"
#include "parley/model/message.hpp"

namespace parley::actors {

/// A message of the outbox on its way to one recipient, which the sender holds in memory.
struct pending_send {
  store::outbox_entry entry;
  model::pair pair;
  std::string to{};  ///< The recipient, of a group; empty: the pair's other end.
  model::content_ptr what;
  std::uint32_t segments = 1;
  model::timestamp expires_at{};  ///< What could not be sent by then is not sent (mission 6).
  std::uint32_t attempts = 0;
  std::chrono::steady_clock::time_point not_before{};  ///< Of a retry.
};

struct attempt_hash {
  std::size_t operator()(const attempt_key& key) const noexcept {
    return model::id_hash{}(key.message) * 31 + std::hash<std::string_view>{}(key.to);
  }
};

/// State of a SENDER actor. The durable queue is the outbox table, read in pages: what is in memory
/// is bounded by `outbox_page_max`, and a restart resumes from the table.
///
/// An attempt goes: conversation journals `sending` → that is durable → carrier → the conversation
/// journals the outcome. A crash in between leaves `sending`, which the next start takes for an
/// unknown outcome and treats by the link's policy. One attempt at a time of a pair, of a group for
/// each recipient, keeps a conversation's order.
struct sender_state {
  static inline const char* name = "sender";

  const services* shared = nullptr;
  number_facts_ptr facts;
  model::channel kind = model::channel::sms;
  std::string prefix;                    ///< Of the outbox rows of the number's channel.
  std::uint64_t read_up_to = 0;          ///< Outbox rows after this are not in memory yet.
  std::uint64_t bulk_read_up_to = 0;     ///< The same of what bulk jobs send.
  std::deque<pending_send> ready;        ///< In order of acceptance.
  std::deque<pending_send> retries;      ///< Their pairs stay busy, so order holds.
  std::unordered_map<attempt_key, pending_send, attempt_hash> attempts;
  std::unordered_set<std::string> busy;  ///< Threads with an attempt or a retry.
  std::optional<carrier::rate_limit> rate;
  std::chrono::steady_clock::time_point paused_until{};
  std::uint32_t throttled_in_a_row = 0;
  std::optional<std::chrono::steady_clock::time_point> tick_at;
};

/// Spawns a SENDER. One for each channel of a number of the directory, so that a carrier's limit on
/// one holds up nobody on the other; it lives as long as the broker.
sender_actor::behavior_type sender(sender_actor::stateful_pointer<sender_state> self,
                                   const services* shared, number_facts_ptr facts,
                                   model::channel kind);

}  // namespace parley::actors
