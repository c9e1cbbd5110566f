#include "parley/text/segments.hpp"

#include <algorithm>
#include <array>

namespace parley::text {

namespace {

/// The default alphabet beyond ASCII, and the extension's one (3GPP TS 23.038, 6.2.1). A table and
/// not ICU's converter, which drops what it calls ignorable (zero-width joiners, variation
/// selectors) and would find a text GSM-7 that cannot travel so; the tests hold the two against
/// each other.
constexpr std::u32string_view basic_beyond_ascii
  = U"¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ";
constexpr char32_t euro = U'€';
static_assert(std::ranges::is_sorted(basic_beyond_ascii));

constexpr std::string_view extension_ascii = "\f[\\]^{|}~";

/// Septets of each ASCII character; 0 for those the alphabet does not have.
constexpr std::array<std::uint8_t, 128> ascii_septets = [] {
  std::array<std::uint8_t, 128> table{};
  for (std::size_t c = ' '; c <= '~'; ++c)
    table[c] = 1;
  table['\n'] = table['\r'] = 1;
  table['`'] = 0;
  for (const char c : extension_ascii)
    table[static_cast<unsigned char>(c)] = 2;
  return table;
}();

std::size_t septets_of(char32_t character) noexcept {
  if (character < ascii_septets.size())
    return ascii_septets[character];
  if (character == euro)
    return 2;
  return std::ranges::binary_search(basic_beyond_ascii, character) ? 1 : 0;
}

/// The character at the start of `bytes`, which is not empty, and its length. Bytes that are no
/// UTF-8 count as one character each, so that a caller's mistake stays a wrong count.
struct decoded {
  char32_t character;
  std::size_t bytes;
};

decoded decode_front(std::string_view bytes) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const std::size_t length = clean_sequence_bytes(bytes);
  if (length <= 1)
    return {at(0), 1};
  // The lead keeps 5, 4 or 3 bits, each other byte six.
  char32_t character = at(0) & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i)
    character = character << 6U | (at(i) & 0x3fU);
  return {character, length};
}

/// Fills segments one after the other with characters that cannot be split.
class packer {
public:
  packer(std::size_t alone_max, std::size_t segment_max) noexcept
    : alone_max_(alone_max), segment_max_(segment_max) {
  }

  void add(std::size_t units) noexcept {
    units_ += units;
    if (filled_ + units > segment_max_) {
      ++segments_;
      filled_ = 0;
    }
    filled_ += units;
  }

  [[nodiscard]] std::size_t units() const noexcept { return units_; }

  /// A text that fits alone needs no header and has its room.
  [[nodiscard]] std::uint32_t segments() const noexcept {
    return units_ <= alone_max_ ? 1 : segments_;
  }

private:
  std::size_t alone_max_;
  std::size_t segment_max_;
  std::size_t units_ = 0;
  std::size_t filled_ = 0;
  std::uint32_t segments_ = 1;
};

}  // namespace

segmentation segment(std::string_view utf8) {
  packer gsm7{160, 153};
  packer ucs2{70, 67};
  bool fits_gsm7 = true;
  std::size_t characters = 0;
  for (; !utf8.empty(); ++characters) {
    const auto [character, bytes] = decode_front(utf8);
    utf8.remove_prefix(bytes);
    const auto septets = septets_of(character);
    fits_gsm7 = fits_gsm7 && septets != 0;
    gsm7.add(septets);
    ucs2.add(character > 0xffff ? 2 : 1);
  }
  const auto& chosen = fits_gsm7 ? gsm7 : ucs2;
  return {
    .encoding = fits_gsm7 ? encoding::gsm7 : encoding::ucs2,
    .segments = chosen.segments(),
    .units = chosen.units(),
    .characters = characters,
  };
}

}  // namespace parley::text
