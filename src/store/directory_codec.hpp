#pragma once

#include "parley/model/directory.hpp"

#include <string>
#include <string_view>

namespace parley::store {

/// Appends an organisation as a versioned msgpack array, its index left out: that is the row's key.
void encode(const model::organization& organization, std::string& out);
/// Throws `corruption_error` on bytes that are not an organisation.
[[nodiscard]] model::organization decode_organization(std::string_view bytes);

}  // namespace parley::store
