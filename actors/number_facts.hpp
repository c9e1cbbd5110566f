#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "parley/consent/keywords.hpp"
#include "parley/conversation/rules.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"
#include "parley/routing/rules.hpp"

namespace parley::actors {

class link_gate;

/// Where conversations over WhatsApp go that are opened from outside.
struct whatsapp_place {
  model::route route;
  std::optional<conversation::automatic_reply> auto_reply;
};

/// How an organisation's numbers hear who wants messages (mission 5).
struct consent_facts {
  explicit consent_facts(const model::consent_settings& settings)
    : words(settings),
      everywhere(settings.scope == model::consent_scope::organization),
      acts_on_intent(settings.intent == model::intent_policy::opt_out) {}

  consent::keyword_reader words;
  bool everywhere = false;      ///< A wish is about all numbers of the organisation.
  bool acts_on_intent = false;  ///< What most likely means an opt-out is one.
};

/// What the actors of one of our numbers know of it: its NUMBER, its conversations and its SENDERs.
/// Shared and never changed; when the directory changes, new ones are sent around.
struct number_facts {
  std::uint32_t organization = 0;
  std::string identifier;
  model::route route;  ///< For conversations that are opened from outside.
  std::optional<conversation::automatic_reply> auto_reply;  ///< To the first message of one.
  /// The same for those over WhatsApp, where it is not the same: null where it is.
  std::unique_ptr<const whatsapp_place> whatsapp;
  /// What has to be asked about each message that opens a conversation; null: `route` and
  /// `auto_reply` hold for all of them. One for all numbers of the organisation.
  std::shared_ptr<const routing::rule_set> rules;
  /// Null where nobody outside writes. One for all numbers of the organisation.
  std::shared_ptr<const consent_facts> consent;
  double rate_segments_per_s = 1.0;
  std::shared_ptr<const model::link> link;  ///< Which carries it; never null.
  std::shared_ptr<link_gate> gate;  ///< The link's; null where any number may be attempted at once.
  std::shared_ptr<std::atomic<std::int64_t>> queued;  ///< Messages in the number's outbox.
};

/// Where a conversation over `kind` goes that is opened from outside.
[[nodiscard]] inline const model::route& route_of(const number_facts& number,
                                                  model::channel kind) noexcept {
  const bool apart = number.whatsapp != nullptr && kind == model::channel::whatsapp;
  return apart ? number.whatsapp->route : number.route;
}

/// What answers its first message.
[[nodiscard]] inline const std::optional<conversation::automatic_reply>&
auto_reply_of(const number_facts& number, model::channel kind) noexcept {
  const bool apart = number.whatsapp != nullptr && kind == model::channel::whatsapp;
  return apart ? number.whatsapp->auto_reply : number.auto_reply;
}

/// Mission 6: beyond ten hours of the number's rate nothing more is queued (Twilio's 21611).
/// @param validity how long a message may wait.
[[nodiscard]] inline bool queue_is_full(const number_facts& number,
                                        std::chrono::hours validity) noexcept {
  const auto seconds = std::chrono::duration<double>(validity).count();
  return static_cast<double>(number.queued->load(std::memory_order_relaxed))
         >= number.rate_segments_per_s * seconds;
}

}  // namespace parley::actors
