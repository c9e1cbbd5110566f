#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// LMDB 0.9 has no page checksums, so every value outside the journal is sealed: an XXH3 of the
/// value, seeded with the XXH3 of its key, stands in front of it. A value that was damaged or that
/// ended up under another key is found when it is read.
namespace parley::store {

inline constexpr std::size_t seal_bytes = 8;

/// Writes seal and value to `to`, which has room for `seal_bytes + value.size()`.
void seal_into(char* to, std::string_view key, std::string_view value) noexcept;

/// The value behind its seal. Throws `corruption_error`, which names `table` and the key.
[[nodiscard]] std::string_view unseal(std::string_view table, std::string_view key,
                                      std::string_view sealed);

/// A key as a person can read it: printable characters as they are, the rest as hex.
[[nodiscard]] std::string printable(std::string_view key);

}  // namespace parley::store
