#pragma once

#include <string>
#include <vector>

#include "parley/model/address.hpp"
#include "parley/model/directory.hpp"

namespace parley::ingress {

/// The pair of a chat among these users, who are in order and each once: the same users have one
/// thread (mission 3), whoever of them begins it. Our end is `chat:internal`, theirs a digest.
[[nodiscard]] model::pair chat_among(const model::organization& owner,
                                     const std::vector<std::string>& users);

}  // namespace parley::ingress
