#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "parley/conversation/rules.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"

namespace parley::actors {

/// What the actors of one of our numbers know of it: its NUMBER, its conversations and its SENDERs.
/// Shared and never changed; when the directory changes, new ones are sent around.
struct number_facts {
  std::uint32_t organization = 0;
  std::string identifier;
  model::route route;  ///< For conversations that are opened from outside.
  std::optional<conversation::automatic_reply> auto_reply;  ///< To the first message of one.
  double rate_segments_per_s = 1.0;
  std::shared_ptr<const model::link> link;  ///< Which carries it; never null.
  std::shared_ptr<std::atomic<std::int64_t>> queued;  ///< Messages in the number's outbox.
};

}  // namespace parley::actors
