#pragma once

#include <string_view>

#include "parley/model/directory.hpp"
#include "src/ingress/problem.hpp"

namespace parley::ingress {

[[nodiscard]] model::sha256_digest sha256(std::string_view bytes);

/// Whose request it is, by `Authorization: Bearer <api key>`. Throws `refusal` (unauthenticated).
/// Keys are found by their digest: there is nothing to compare whose time would tell of it.
[[nodiscard]] model::directory::key_entry authenticate(const model::directory& directory,
                                                       std::string_view authorization);

/// Whether the key has the scope, or `*`.
[[nodiscard]] bool has_scope(const model::api_key& key, std::string_view scope) noexcept;
/// Throws `refusal` (forbidden) naming the scope that is missing.
void require_scope(const model::api_key& key, std::string_view scope);

}  // namespace parley::ingress
