#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "parley/model/conversation.hpp"
#include "parley/model/message.hpp"

namespace parley::model {

/// A message from outside.
struct receive_message {
  content_ptr what;
  id128 dedupe;  ///< Digest of the carrier's message id; the same twice is one message (I5).
  std::uint32_t segments = 1;
};

/// A reply from inside.
struct send_message {
  model::message_id message;  ///< Made by whoever took the request.
  conversation_id conversation;
  model::author author;
  content_ptr what;
  std::uint32_t segments = 1;
  id128 idempotency_key;  ///< None when the request had none.
  id128 request_digest;
};

/// A carrier's word on a message it was given.
struct report_delivery {
  std::string provider_id;
  delivery_state state = delivery_state::sent;
  std::int32_t error_code = 0;
};

/// The sender is about to hand a message to the carrier. Must be durable before it does (I2).
struct begin_attempt {
  model::message_id message;
};

/// What came of the attempt: `sent` with the carrier's id, `failed` with its code, `queued` for
/// another try, or `unknown`.
struct end_attempt {
  model::message_id message;
  delivery_state state = delivery_state::sent;
  std::int32_t error_code = 0;
  std::string provider_id;
};

/// Close by a user, or by the application when `user` is empty.
struct close_conversation {
  conversation_id conversation;
  std::string user;
};

/// A user has read up to `index`; 0 means everything there is.
struct mark_read {
  conversation_id conversation;
  std::string user;
  std::uint64_t index = 0;
};

/// The timer row of this due time has come up.
struct fire_timer {
  timestamp due{};
};

/// The hot one first.
using command = std::variant<receive_message, report_delivery, send_message, begin_attempt,
                             end_attempt, close_conversation, mark_read, fire_timer>;

}  // namespace parley::model
