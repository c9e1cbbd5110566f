#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace parley::ingress {

/// The longest API key.
inline constexpr std::size_t secret_bytes_max = 512;

/// A new API key: 256 bits of the system's randomness in hex, behind `pk_` by which people and
/// scanners of repositories tell what it is. Throws `std::runtime_error` when there is none.
[[nodiscard]] std::string make_secret();

/// Whether somebody's own key will do: at least 16 characters, printable ASCII without spaces. Keys
/// are kept as a plain SHA-256, which is enough for what cannot be guessed.
[[nodiscard]] bool is_strong_enough(std::string_view secret) noexcept;

}  // namespace parley::ingress
