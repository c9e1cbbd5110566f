#pragma once

#include <cstdint>
#include <string>

#include "parley/model/address.hpp"
#include "parley/model/message.hpp"

namespace parley::ingress {

/// Whether somebody is shown customers' numbers (mission 9: `hide_contact_numbers`).
enum class audience : std::uint8_t { clear, masked };

/// An outside address as this audience is shown it. Masked, every character of the identifier but a
/// leading `+` and the last two is `*`: `sms:+15551230001` is shown as
/// `sms:+*********01`. Masking twice is masking once. A colleague's address (`chat:…`) is no
/// customer's and stays; of a group each member is shown for itself. What is masked is for `text()`
/// only: it is nobody's address.
[[nodiscard]] model::address shown_address(const model::address& outside, audience who);

/// The same for an address as text.
[[nodiscard]] std::string shown_recipient(const std::string& address, audience who);

/// The id of a message's author: a contact's is an outside address.
[[nodiscard]] std::string shown_author_id(const model::author& author, audience who);

}  // namespace parley::ingress
