#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <caf/actor_clock.hpp>

#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "parley/model/conversation.hpp"

namespace parley::actors {

/// What a PARTICIPANT says once a word on the user's presence is durable. It is the journal's
/// listener itself.
struct availability final : store::commit_listener, std::enable_shared_from_this<availability> {
  participant_actor speaker;
  model::presence presence = model::presence::offline;
  model::settlement answer;  ///< For the application that asked; may be nobody.

  void committed(std::uint64_t token) noexcept override;
};

/// State of a PARTICIPANT actor: one user's alerts and presence.
///
/// Alerts: fan-out is by change of view, not by message: a conversation tells it of joining, of the
/// first unread message and of closing.
///
/// Presence (mission 1): journalled in the user's thread with himself or herself, which the actor
/// owns as a conversation owns its pair, and loads when it is needed. What an application sets
/// stays until it sets something else; else the user is available while a stream is open, and
/// offline a grace after the last one has ended.
struct participant_state {
  static inline const char* name = "participant";

  const services* shared = nullptr;
  std::uint32_t organization = 0;
  std::string user;
  std::string pair_key;
  std::unique_ptr<model::conversation_state> thread;  ///< Null until it is needed.
  std::size_t events_after_snapshot = 0;
  std::size_t streams = 0;  ///< Open ones.
  std::optional<caf::actor_clock::time_point> left_at;  ///< When the last stream of this process
                                                        ///< has ended, while there is none.
  bool tick_pending = false;
};

/// Spawns a PARTICIPANT. One a user of the directory; it lives as long as the broker.
participant_actor::behavior_type
participant(participant_actor::stateful_pointer<participant_state> self, const services* shared,
            std::uint32_t organization, std::string user);

}  // namespace parley::actors
