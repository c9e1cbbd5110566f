#pragma once

#include <string>
#include <string_view>

#include "parley/model/contact.hpp"

namespace parley::store {

/// Appends the contact as a versioned msgpack array. Its id is the key's and not repeated.
void encode(const model::contact& who, std::string& out);
/// The contact under `key` of the table `contacts`. Throws `corruption_error` naming table and key.
[[nodiscard]] model::contact decode_contact(std::string_view key, std::string_view value);

}  // namespace parley::store
