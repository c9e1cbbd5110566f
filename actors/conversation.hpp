#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/number_facts.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "parley/conversation/rules.hpp"
#include "parley/actions/question.hpp"
#include "parley/model/conversation.hpp"

namespace parley::actors {

/// What a conversation says once an append is durable. It is the journal's listener itself, so that
/// speaking costs one allocation; appends that nobody waits for have none.
struct speech final : store::commit_listener, std::enable_shared_from_this<speech> {
  conversation_actor speaker;
  bool opened = false;
  bool closed = false;
  bool outbox = false;                       ///< The sender has something new.
  bool media = false;                        ///< The fetcher has something new.
  std::vector<std::string> first_unread;     ///< Users for whom this is the first unread message.
  std::vector<std::string> joined;           ///< Users who take part from now on …
  std::vector<std::string> left;             ///< … and not any more.
  std::optional<attempt_decision> decision;  ///< For the sender.
  std::vector<attempt_key> called_off;       ///< What the sender need not keep for another try.
  std::string waits_in;  ///< The inbox in whose queue it waits from now on.
  std::string frees_in;  ///< The inbox one of whose users has one less.
  std::string given_by;  ///< The inbox that gave it to somebody, and …
  assignment_outcome assignment;  ///< … what came of that.
  std::optional<actions::question> question;  ///< For a data action.
  /// Changes of consent, with their places in the journal.
  std::vector<std::pair<model::consent_changed, std::uint64_t>> consents;
  line_teller line_of;         ///< The bulk job whose line has become a message, and …
  line_outcome line;           ///< … which one.
  std::optional<std::uint64_t> leaving;      ///< Commands handled when it was asked to go.

  void committed(std::uint64_t token) noexcept override;
};

/// State of a CONVERSATION actor: moves data between mailbox, rules and journal; the rules decide.
struct conversation_actor_state {
  static inline const char* name = "conversation";

  const services* shared = nullptr;
  number_actor parent;
  number_facts_ptr facts;
  model::conversation_state state;
  std::string pair_key;
  std::size_t events_after_snapshot = 0;
  std::uint64_t handled = 0;       ///< Commands from the NUMBER; the stop handshake compares them.
  std::size_t unsaid = 0;          ///< Speeches that wait for the journal.
  bool loaded = false;
};

/// Spawns a CONVERSATION. It loads its state (snapshot, then its tail of the journal) with its
/// first command; the journal must have everything of an earlier incarnation by then.
conversation_actor::behavior_type
conversation(conversation_actor::stateful_pointer<conversation_actor_state> self,
             const services* shared, number_actor parent, number_facts_ptr facts, model::pair pair);

}  // namespace parley::actors
