#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/address.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/message.hpp"
#include "parley/model/time.hpp"

namespace parley::actions {

/// What an organisation's endpoint is asked about (mission 4.8).
enum class question_type : std::uint8_t {
  conversation_opened = 1,  ///< A message from outside has opened a conversation.
  message_received,         ///< Another one has come.
  conversation_outbound,    ///< Somebody inside wants to open one.
};

/// The word for it in the question: `conversation.opened`.
[[nodiscard]] std::string_view to_string(question_type value) noexcept;

/// The outside party, as far as the organisation knows it.
struct known_contact {
  model::contact_id id;
  std::string name;
  std::string language;
  std::vector<model::attribute> attributes;
};

/// One question to a data action: everything that its endpoint is told, and until when the answer
/// counts. Plain data; made once and then shared.
struct question {
  question_type type = question_type::conversation_opened;
  std::string action;                  ///< The data action's directory id.
  model::pair between;
  model::conversation_id conversation; ///< None for one that is not opened yet.

  // The message that it is about.
  model::message_id message;
  std::uint64_t index = 0;             ///< In its conversation; 0 while that is not opened.
  model::direction direction = model::direction::inbound;
  model::author author;
  model::content_ptr what;             ///< Never null; without text and files nothing is said yet.
  model::timestamp created_at{};

  std::optional<known_contact> contact;
  std::vector<std::string> default_users;  ///< Who takes part without an answer …
  std::string default_team;                ///< … for this team inbox, or none.
  model::timestamp until{};            ///< Without an answer by then the default route is used.
};

/// The body of the request: JSON, the protocol's version 1 (docs/data-actions.md). Text that is not
/// UTF-8 is replaced, so that it is JSON whatever came in. Pure.
[[nodiscard]] std::string encode(const question& what);

/// The value of `Parley-Signature`: `t=<Unix ms>,v1=<hex HMAC-SHA256 of "<ms>.<body>">`, as
/// webhooks are signed. Throws `std::runtime_error` when the cryptography library fails.
[[nodiscard]] std::string signature(std::string_view secret, model::timestamp at,
                                    std::string_view body);

}  // namespace parley::actions
