#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace parley::text {

/// How many bytes at the start are ASCII without NUL, counted in whole words of eight.
[[nodiscard]] inline std::size_t clean_ascii_words(std::string_view bytes) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t tops = 0x8080808080808080U;
  std::size_t at = 0;
  for (; bytes.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    // Subtracting borrows into the top bit of a byte that is zero; the others are below 0x80.
    if (((word | (word - ones)) & tops) != 0)
      break;
  }
  return at;
}

/// The length in bytes of the UTF-8 sequence at the start of `bytes`, which is not empty; 0 when
/// there is none: NUL, a stray continuation, an overlong form, a surrogate, beyond U+10FFFF, cut
/// short.
[[nodiscard]] inline std::size_t clean_sequence_bytes(std::string_view bytes) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned lead = at(0);
  if (lead < 0x80)
    return lead == 0 ? 0 : 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes.size() < length)
    return 0;
  // The second byte's range is narrower after four leads (Unicode 15, table 3-7).
  const unsigned second_min = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned second_max = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at(1) < second_min || at(1) > second_max)
    return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((at(i) & 0xc0U) != 0x80U)
      return 0;
  return length;
}

/// Whether the bytes are valid UTF-8 (no overlong forms, no surrogates) without NUL.
[[nodiscard]] inline bool is_clean_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    std::size_t clean = clean_ascii_words(bytes);
    if (clean == 0)
      clean = clean_sequence_bytes(bytes);
    if (clean == 0)
      return false;
    bytes.remove_prefix(clean);
  }
  return true;
}

/// How many characters valid UTF-8 has: every byte that continues none.
[[nodiscard]] inline std::size_t character_count(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
    utf8, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; }));
}

}  // namespace parley::text
