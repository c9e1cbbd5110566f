#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace parley::files {

/// Reads `count` bytes of a file from `offset` on; fewer at its end, and none behind it. May throw.
using content_reader = std::function<std::string(std::uint64_t offset, std::size_t count)>;

/// What an MP4 holds, as far as WhatsApp cares (mission 2).
enum class mp4_content : std::uint8_t {
  h264_and_aac,  ///< Every picture track is H.264, every sound track AAC, and there is one of them.
  other,         ///< A track is of something else, or encrypted; or there is none.
  unreadable,    ///< Its boxes lead nowhere, or are too many to be followed.
};

/// Follows the boxes (ISO 14496-12) to the descriptions of the tracks. Reads only headers and a few
/// fields, and follows a bounded number of boxes, whatever they claim. Pure but for `read`.
[[nodiscard]] mp4_content judge_mp4(const content_reader& read, std::uint64_t file_bytes);

}  // namespace parley::files
