#include "parley/files/mp4.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace parley::files {

namespace {

/// More than any camera writes, and few enough to be read while somebody waits.
constexpr std::size_t boxes_max = 1'024;
constexpr std::size_t short_head_bytes = 8;
constexpr std::size_t long_head_bytes = 16;
/// What of a sample's description and of its decoder's is looked at.
constexpr std::size_t fields_bytes_max = 64;

/// Its boxes cannot be followed any further.
struct unreadable {};

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  if (at + count > bytes.size())
    throw unreadable{};
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i)
    value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// A box's content: from behind its head to its end.
struct box {
  std::string type;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class boxes {
public:
  explicit boxes(const content_reader& read) : read_(read) {}

  /// Calls `each` with every box between two places.
  template <class Each>
  void walk(std::uint64_t begin, std::uint64_t end, Each&& each) {
    for (auto at = begin; at + short_head_bytes <= end;) {
      const auto next = head_at(at, end);
      each(next);
      at = next.end;
    }
  }

  /// The first box of a type between two places.
  [[nodiscard]] std::optional<box> find(std::uint64_t begin, std::uint64_t end,
                                        std::string_view type) {
    for (auto at = begin; at + short_head_bytes <= end;) {
      auto next = head_at(at, end);
      if (next.type == type)
        return next;
      at = next.end;
    }
    return std::nullopt;
  }

  /// The first fields of a box, from `at` on.
  [[nodiscard]] std::string fields(std::uint64_t at, std::uint64_t end) const {
    return at >= end
             ? std::string{}
             : read_(at,
                     static_cast<std::size_t>(std::min<std::uint64_t>(end - at, fields_bytes_max)));
  }

private:
  [[nodiscard]] box head_at(std::uint64_t at, std::uint64_t end) {
    if (++followed_ > boxes_max)
      throw unreadable{};
    const auto head = read_(at, long_head_bytes);
    auto size = number_at(head, 0, 4);
    auto head_bytes = short_head_bytes;
    if (size == 1) {
      size = number_at(head, short_head_bytes, 8);
      head_bytes = long_head_bytes;
    } else if (size == 0) {
      size = end - at;  // Up to the end of what it is in.
    }
    if (size < head_bytes || size > end - at)
      throw unreadable{};
    return {head.substr(4, 4), at + head_bytes, at + size};
  }

  const content_reader& read_;
  std::size_t followed_ = 0;
};

/// Steps over a descriptor's tag and length (ISO 14496-1); the tag must be this one.
std::size_t enter_descriptor(std::string_view bytes, std::size_t at, std::uint64_t tag) {
  if (number_at(bytes, at, 1) != tag)
    throw unreadable{};
  constexpr std::size_t length_bytes_max = 4;
  for (std::size_t i = 1; i <= length_bytes_max; ++i)
    if ((number_at(bytes, at + i, 1) & 0x80U) == 0)
      return at + i + 1;
  throw unreadable{};
}

/// Whether a decoder's description (the content of `esds`) says AAC.
bool decodes_aac(std::string_view bytes) {
  constexpr std::uint64_t elementary_stream = 0x03;
  constexpr std::uint64_t decoder = 0x04;
  auto at = enter_descriptor(bytes, 4, elementary_stream) + 2;
  const auto flags = number_at(bytes, at++, 1);
  at += (flags & 0x80U) != 0 ? 2U : 0U;
  if ((flags & 0x40U) != 0)
    at += 1 + static_cast<std::size_t>(number_at(bytes, at, 1));
  at += (flags & 0x20U) != 0 ? 2U : 0U;
  const auto object = number_at(bytes, enter_descriptor(bytes, at, decoder), 1);
  return object == 0x40 || (object >= 0x66 && object <= 0x68);  // MPEG-4 audio, MPEG-2 AAC.
}

bool is_aac(boxes& in, const box& sample) {
  if (sample.type != "mp4a")
    return false;
  constexpr std::uint64_t fixed_bytes = 28;
  const auto version = number_at(in.fields(sample.begin, sample.end), 8, 2);
  // QuickTime's longer descriptions, which some writers put into MP4.
  const auto more = version == 1 ? 16U : version == 2 ? 36U : 0U;
  const auto decoder = in.find(sample.begin + fixed_bytes + more, sample.end, "esds");
  return decoder && decodes_aac(in.fields(decoder->begin, decoder->end));
}

bool is_h264(const box& sample) {
  return sample.type == "avc1" || sample.type == "avc3";
}

/// What has been seen of a file's tracks.
struct tracks {
  bool any = false;
  bool all_fit = true;
};

void look_at_track(boxes& in, const box& track, tracks& seen) {
  const auto required = [&](const box& parent, std::string_view type) {
    auto found = in.find(parent.begin, parent.end, type);
    if (!found)
      throw unreadable{};
    return std::move(*found);
  };
  const auto media = required(track, "mdia");
  const auto handler = required(media, "hdlr");
  const auto kind = in.fields(handler.begin, handler.end);
  if (kind.size() < 12)
    throw unreadable{};
  const bool picture = kind.compare(8, 4, "vide") == 0;
  if (!picture && kind.compare(8, 4, "soun") != 0)
    return;  // Subtitles, hints: nobody plays them.
  const auto samples = required(required(required(media, "minf"), "stbl"), "stsd");
  constexpr std::uint64_t fields_before = 8;
  in.walk(std::min(samples.begin + fields_before, samples.end), samples.end,
          [&](const box& sample) {
            seen.any = true;
            seen.all_fit = seen.all_fit && (picture ? is_h264(sample) : is_aac(in, sample));
          });
}

}  // namespace

mp4_content judge_mp4(const content_reader& read, std::uint64_t file_bytes) {
  boxes in{read};
  tracks seen;
  try {
    if (const auto film = in.find(0, file_bytes, "moov"))
      in.walk(film->begin, film->end, [&](const box& one) {
        if (one.type == "trak")
          look_at_track(in, one, seen);
      });
  } catch (const unreadable&) {
    return mp4_content::unreadable;
  }
  return seen.any && seen.all_fit ? mp4_content::h264_and_aac : mp4_content::other;
}

}  // namespace parley::files
