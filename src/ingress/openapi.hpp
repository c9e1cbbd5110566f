#pragma once

#include <string_view>

namespace parley::ingress {

/// The API's description, `config/openapi.json` at the time of the build.
[[nodiscard]] std::string_view openapi_document() noexcept;

}  // namespace parley::ingress
