#pragma once

#include <string_view>

namespace parley::ingress {

/// Whether a `Content-Type` names this type (lower case), with or without parameters.
[[nodiscard]] bool is_media_type(std::string_view field, std::string_view type) noexcept;

}  // namespace parley::ingress
