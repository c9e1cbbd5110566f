#include "parley/files/mp4.hpp"

#include "parley/files/acceptance.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <tuple>

namespace parley::files {
namespace {

std::string big(std::uint64_t value, std::size_t count) {
  std::string bytes;
  for (std::size_t i = count; i-- > 0;)
    bytes += static_cast<char>(value >> (8 * i) & 0xffU);
  return bytes;
}

std::string box(const std::string& type, const std::string& content) {
  return big(content.size() + 8, 4) + type + content;
}

std::string long_box(const std::string& type, const std::string& content) {
  return big(1, 4) + type + big(content.size() + 16, 8) + content;
}

std::string zeros(std::size_t count) {
  return std::string(count, '\0');
}

std::string track(const std::string& handler, const std::string& samples) {
  const auto table = box("stsd", zeros(4) + big(1, 4) + samples);
  return box("trak",
             box("tkhd", zeros(84))
               + box("mdia", box("mdhd", zeros(24)) + box("hdlr", zeros(8) + handler + zeros(12))
                               + box("minf", box("stbl", table))));
}

std::string video(const std::string& codec) {
  return track("vide", box(codec, zeros(78) + box("avcC", zeros(10))));
}

std::string esds(std::uint64_t object, const std::string& length = "\x19", char flags = 0,
                 const std::string& optional = {}) {
  return box("esds", zeros(4) + '\3' + length + big(1, 2) + flags + optional + '\4' + "\x11"
                       + big(object, 1) + zeros(12));
}

std::string audio(const std::string& decoder, std::uint64_t version = 0) {
  const auto more = version == 1 ? 16U : version == 2 ? 36U : 0U;
  return track("soun", box("mp4a", zeros(8) + big(version, 2) + zeros(18 + more) + decoder));
}

std::string film(const std::string& tracks) {
  return box("ftyp", "isom") + box("free", zeros(100))
         + box("moov", box("mvhd", zeros(100)) + tracks) + box("mdat", zeros(1'000));
}

/// Counts the reads, so that a test can bound them.
struct counted_file {
  std::string bytes;
  mutable std::size_t reads = 0;

  [[nodiscard]] content_reader reader() const {
    return [this](std::uint64_t offset, std::size_t count) {
      ++reads;
      return offset >= bytes.size() ? std::string{} : bytes.substr(offset, count);
    };
  }
};

mp4_content judged(const std::string& bytes) {
  const counted_file file{bytes};
  return judge_mp4(file.reader(), bytes.size());
}

struct mp4_case {
  const char* title;
  std::string bytes;
  mp4_content what;
};

class mp4 : public ::testing::TestWithParam<mp4_case> {};

TEST_P(mp4, is_told_by_its_tracks) {
  EXPECT_EQ(judged(GetParam().bytes), GetParam().what);
}

constexpr auto fits = mp4_content::h264_and_aac;
constexpr auto other = mp4_content::other;
constexpr auto unreadable = mp4_content::unreadable;

INSTANTIATE_TEST_SUITE_P(
  films, mp4,
  ::testing::Values(
    mp4_case{"h264_and_aac", film(video("avc1") + audio(esds(0x40))), fits},
    mp4_case{"avc3", film(video("avc3") + audio(esds(0x40))), fits},
    mp4_case{"mpeg_2_aac", film(video("avc1") + audio(esds(0x67))), fits},
    mp4_case{"sound_only", film(audio(esds(0x40))), fits},
    mp4_case{"pictures_only", film(video("avc1")), fits},
    mp4_case{"subtitles_do_not_count", film(video("avc1") + track("text", box("tx3g", zeros(8)))),
             fits},
    mp4_case{"long_length", film(audio(esds(0x40, "\x80\x80\x80\x22"))), fits},
    mp4_case{"stream_dependence", film(audio(esds(0x40, "\x1b", '\x80', zeros(2)))), fits},
    mp4_case{"stream_url", film(audio(esds(0x40, "\x1b", '\x40', "\1x"))), fits},
    mp4_case{"quicktime_1", film(audio(esds(0x40), 1)), fits},
    mp4_case{"quicktime_2", film(audio(esds(0x40), 2)), fits},
    mp4_case{"tracks_at_the_end",
             box("ftyp", "isom") + long_box("mdat", zeros(10))
               + box("moov", video("avc1") + audio(esds(0x40))),
             fits},
    mp4_case{"open_end", box("moov", video("avc1")) + big(0, 4) + "mdat" + zeros(100), fits},
    mp4_case{"h265", film(video("hvc1") + audio(esds(0x40))), other},
    mp4_case{"av1", film(video("av01") + audio(esds(0x40))), other},
    mp4_case{"mp3", film(video("avc1") + audio(esds(0x6b))), other},
    mp4_case{"opus", film(video("avc1") + track("soun", box("Opus", zeros(28)))), other},
    mp4_case{"without_a_decoder", film(video("avc1") + audio("")), other},
    mp4_case{"encrypted", film(video("encv") + audio(esds(0x40))), other},
    mp4_case{"one_track_of_many", film(video("avc1") + video("avc1") + video("vp09")), other},
    mp4_case{"no_tracks", film(""), other},
    mp4_case{"only_subtitles", film(track("text", box("tx3g", zeros(8)))), other},
    mp4_case{"nothing", "", other},
    mp4_case{"cut_off", film(video("avc1")).substr(0, 300), unreadable},
    mp4_case{"too_small_a_box", big(7, 4) + "moov" + zeros(20), unreadable},
    mp4_case{"too_large_a_box", big(1, 4) + "moov" + big(~std::uint64_t{0}, 8), unreadable},
    mp4_case{"a_box_over_its_parents_end", box("moov", big(100, 4) + "trak"), unreadable},
    mp4_case{"a_track_of_nothing", film(box("trak", "")), unreadable},
    mp4_case{"no_descriptor", film(audio(box("esds", zeros(20)))), unreadable},
    mp4_case{"endless_length", film(audio(esds(0x40, "\x80\x80\x80\x80\x80"))), unreadable}),
  [](const auto& one) { return std::string{one.param.title}; });

TEST(judge_mp4, follows_so_many_boxes_and_no_more) {
  std::string many;
  for (int i = 0; i < 5'000; ++i)
    many += box("free", "");
  const counted_file file{many + film(video("avc1"))};
  EXPECT_EQ(judge_mp4(file.reader(), file.bytes.size()), unreadable);
  EXPECT_LE(file.reads, 1'100U);
}

TEST(judge_mp4, ends_whatever_the_bytes_say) {
  const auto whole = film(video("avc1") + audio(esds(0x40)));
  std::minstd_rand noise{7};
  for (int round = 0; round < 20'000; ++round) {
    counted_file file{whole};
    for (int change = 0; change < 1 + round % 4; ++change)
      file.bytes[noise() % file.bytes.size()] = static_cast<char>(noise());
    if (round % 5 == 0)
      file.bytes.resize(noise() % file.bytes.size());
    std::ignore = judge_mp4(file.reader(), file.bytes.size());
    EXPECT_LE(file.reads, 5'000U);
  }
}

TEST(file_acceptance_by_content, asks_for_h264_and_aac_where_whatsapp_does) {
  const auto candidate_of = [](model::channel over, const counted_file& file) {
    return candidate{.channel = over,
                     .name = "a.mp4",
                     .declared = {},
                     .found = "video/mp4",
                     .bytes = file.bytes.size(),
                     .content = file.reader()};
  };
  const counted_file good{film(video("avc1") + audio(esds(0x40)))};
  const counted_file bad{film(video("hvc1") + audio(esds(0x40)))};
  EXPECT_FALSE(verdict{candidate_of(model::channel::whatsapp, good)}.refusal());
  const verdict refused{candidate_of(model::channel::whatsapp, bad)};
  ASSERT_TRUE(refused.refusal());
  EXPECT_EQ(refused.refusal()->code, model::errc::file_type_refused);
  EXPECT_FALSE(verdict{candidate_of(model::channel::chat, bad)}.refusal());
  EXPECT_FALSE(verdict{candidate_of(model::channel::sms, bad)}.refusal());
}

}  // namespace
}  // namespace parley::files
