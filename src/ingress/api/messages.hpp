#pragma once

#include "parley/model/conversation.hpp"
#include "parley/model/event.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/history.hpp"

namespace parley::ingress {

/// A message, and the conversation that it is in.
struct found_message {
  store::record record;
  model::conversation_state state;

  [[nodiscard]] const model::message_added& added() const {
    return std::get<model::message_added>(record.event.body);
  }
};

/// A message by the id in a path, of those that the request may see. Throws `refusal` (not_found)
/// for every other, so that nobody learns what exists elsewhere (I11).
[[nodiscard]] found_message require_message(const api_context& context, const api_call& call);

/// The message with what became of it. Throws `refusal` (not_found).
[[nodiscard]] history_item require_item(const api_context& context, const found_message& found);

}  // namespace parley::ingress
