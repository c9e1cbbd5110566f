#pragma once

#include <cstddef>
#include <string_view>

namespace parley::text {

/// The longest URL that is taken from outside, in bytes.
inline constexpr std::size_t url_bytes_max = 2048;

/// Whether a URL is absolute `http` or `https` with a host and without credentials, printable
/// ASCII, and not too long.
[[nodiscard]] bool is_web_url(std::string_view url) noexcept;

}  // namespace parley::text
