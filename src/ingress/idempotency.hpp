#pragma once

#include <string_view>

#include "parley/model/command.hpp"
#include "parley/model/ids.hpp"

namespace parley::ingress {

/// An idempotency key belongs to the API key it came with, in its organisation: the digest of all
/// three.
[[nodiscard]] model::id128 idempotency_digest(std::string_view organization,
                                              std::string_view api_key_name,
                                              std::string_view idempotency_key);

/// What a send asks for, whatever its JSON looked like: conversation, author, text and files,
/// or template and variables before the text is made of them.
[[nodiscard]] model::id128 request_digest(const model::send_message& what);
/// The same for a send whose conversation is not known yet: `place` says where it goes.
[[nodiscard]] model::id128 request_digest(const model::send_message& what, std::string_view place);

}  // namespace parley::ingress
