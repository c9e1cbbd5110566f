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
/// customer's and stays. What is masked is for `text()` only: it is nobody's address.
[[nodiscard]] model::address shown_address(const model::address& outside, audience who);

/// The pair as this audience is shown it: our address is never masked.
[[nodiscard]] model::pair shown_pair(const model::pair& between, audience who);

/// The id of a message's author: a contact's is an outside address.
[[nodiscard]] std::string shown_author_id(const model::author& author, audience who);

}  // namespace parley::ingress
