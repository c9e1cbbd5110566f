#pragma once

#include "parley/text/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley::text {

enum class encoding : std::uint8_t { gsm7, ucs2 };

/// How a text travels over SMS.
struct segmentation {
  text::encoding encoding = encoding::gsm7;
  std::uint32_t segments = 1;
  std::size_t units = 0;       ///< Septets or UTF-16 code units.
  std::size_t characters = 0;  ///< Unicode code points: what the 1,600 limit counts.
};

/// GSM-7 when every character is in the default alphabet or its extension (3GPP TS 23.038), else
/// UCS-2; 160/153 and 70/67 units a segment (3GPP TS 23.040); an escape pair or a surrogate pair is
/// never split over two segments. Text must be valid UTF-8. An empty text is one segment.
[[nodiscard]] segmentation segment(std::string_view utf8);

}  // namespace parley::text
