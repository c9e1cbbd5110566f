#pragma once

#include <span>
#include <string>
#include <string_view>

#include "parley/model/conversation.hpp"

namespace parley::text {

/// What is known of a contact when a text is filled in; refers to somebody else's texts.
struct contact_fields {
  std::string_view name;
  std::span<const model::attribute> attributes;
};

/// The text with `{{contact.name}}` and `{{contact.<attribute>}}` replaced by the contact's, with
/// nothing where the contact has no such attribute (mission 4.9). Blanks within the braces do not
/// count. All else stays as it is, `{{` without an end too; what was filled in is not looked at
/// again. Cut after 1,600 characters. Any thread.
[[nodiscard]] std::string fill_in(std::string_view text, const contact_fields& contact);

}  // namespace parley::text
