#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <caf/all.hpp>

#include "parley/model/address.hpp"
#include "parley/model/answer.hpp"
#include "parley/model/command.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/error.hpp"
#include "parley/model/event.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"

namespace parley::actors {

struct envelope;

/// What became of a bulk job's line: it is a message, and durable, or it was refused.
struct line_outcome {
  std::uint64_t position = 0;
  std::optional<model::errc> refusal;
};

/// Whoever is told of that: a BULK_JOB.
using line_teller = caf::typed_actor<caf::reacts_to<line_outcome>>;

/// What became of a command, for the function that puts it into an answer's words. Views live for
/// the call only.
struct outcome {
  const envelope& asked;
  const model::conversation_state& state;  ///< After the events.
  std::span<const model::event> events;    ///< Empty for a duplicate or a refusal.
  const model::used_key* first
    = nullptr;  ///< A send's duplicate: what the first answer was made of.
  std::optional<model::errc> refusal;
};

/// Makes the answer to a command. Pure; runs on a worker thread.
using renderer = model::answer (*)(const outcome&);

/// A command on its way from the door (or from a sender or the timekeeper) to a pair's
/// conversation. Made once on the heap and passed on by pointer: a hop copies nothing.
struct envelope {
  model::pair pair;
  model::command what;
  model::timestamp received_at{};
  model::message_id fresh_message;            ///< For the message that this command may add.
  model::conversation_id fresh_conversation;  ///< For the conversation that it may open.
  model::reply_to answer_to;                  ///< Nobody for commands from inside.
  renderer render = nullptr;                  ///< Null: a carrier's plain acknowledgement.
  line_teller told;                           ///< Of a bulk job's line; null for all else.
};
using envelope_ptr = std::shared_ptr<const envelope>;

/// Which line of a bulk job a command is about that whoever it is `told` waits for.
[[nodiscard]] std::uint64_t line_position(const envelope& asked) noexcept;
/// Tells that nothing has come of it, if somebody waits.
void tell_refused_line(const envelope& asked, model::errc why);

}  // namespace parley::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::envelope_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::line_outcome)
