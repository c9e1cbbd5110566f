#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// How a record of the journal is laid out: a fixed little-endian header, the pair's key, and the
/// event as `codec.hpp` writes it. The header alone is enough to find the chains again at start.
///
///     0  u64  XXH3 of everything behind it, seeded with the sequence number
///     8  u64  the pair's event before; 0 is none
///    16  u32  organisation
///    20  u8   format, 1
///    21  u8   0
///    22  u16  bytes of the pair's key
namespace parley::store {

inline constexpr std::size_t record_header_bytes = 24;
inline constexpr std::size_t record_prev_offset = 8;
inline constexpr std::uint8_t record_format_version = 1;

/// A record's parts, as views into the bytes it was read from.
struct record_view {
  std::uint64_t prev = 0;
  std::uint32_t organization = 0;
  std::string_view pair_key;
  std::string_view body;
};

/// Appends a header, with room for the checksum, and the key.
void append_record_head(std::string& out, std::uint64_t prev, std::uint32_t organization,
                        std::string_view pair_key);

/// Puts the checksum in its place, once everything else stands.
void seal_record(char* record, std::size_t record_bytes, std::uint64_t seq) noexcept;

/// Checks the checksum, the format and the sizes. Throws `corruption_error`, which names `seq`.
[[nodiscard]] record_view open_record(std::uint64_t seq, std::string_view bytes);

}  // namespace parley::store
