#include "parley/text/segments.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <unicode/ucnv.h>
#include <unicode/utf16.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace parley::text {
namespace {

std::string repeated(const std::string& what, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += what;
  return out;
}

std::string utf8_of(char32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
  return out;
}

struct segment_case {
  const char* name;
  std::string text;
  text::encoding encoding;
  std::uint32_t segments;
  std::size_t units;
  std::size_t characters;
};

class segments_of : public ::testing::TestWithParam<segment_case> {};

TEST_P(segments_of, text) {
  const auto& param = GetParam();
  const auto found = segment(param.text);
  EXPECT_EQ(found.encoding, param.encoding);
  EXPECT_EQ(found.segments, param.segments);
  EXPECT_EQ(found.units, param.units);
  EXPECT_EQ(found.characters, param.characters);
}

INSTANTIATE_TEST_SUITE_P(
  texts, segments_of,
  ::testing::Values(
    segment_case{"empty", "", encoding::gsm7, 1, 0, 0},
    segment_case{"gsm_160", repeated("a", 160), encoding::gsm7, 1, 160, 160},
    segment_case{"gsm_161", repeated("a", 161), encoding::gsm7, 2, 161, 161},
    segment_case{"gsm_306", repeated("a", 306), encoding::gsm7, 2, 306, 306},
    segment_case{"gsm_307", repeated("a", 307), encoding::gsm7, 3, 307, 307},
    segment_case{"extension_counts_twice", "{}", encoding::gsm7, 1, 4, 2},
    segment_case{"euro_is_extension", "€", encoding::gsm7, 1, 2, 1},
    segment_case{"extensions_80_fit", repeated("~", 80), encoding::gsm7, 1, 160, 80},
    segment_case{"extensions_81", repeated("~", 81), encoding::gsm7, 2, 162, 81},
    // 152 septets, then an escape pair: it moves on whole, and leaves one septet empty.
    segment_case{"pair_is_not_split", repeated("a", 152) + "€" + repeated("a", 152),
                 encoding::gsm7, 3, 306, 305},
    segment_case{"pair_at_the_end_fits", repeated("a", 151) + "€" + repeated("a", 153),
                 encoding::gsm7, 2, 306, 305},
    segment_case{"backtick_is_not_gsm", "a`", encoding::ucs2, 1, 2, 2},
    segment_case{"cedilla_small_is_not_gsm", "ç", encoding::ucs2, 1, 1, 1},
    segment_case{"cedilla_capital_is_gsm", "Ç", encoding::gsm7, 1, 1, 1},
    segment_case{"greek_capitals", "ΔΦΓΛΩΠΨΣΘΞ", encoding::gsm7, 1, 10, 10},
    segment_case{"line_breaks", "a\r\nb", encoding::gsm7, 1, 4, 4},
    segment_case{"tab_is_not_gsm", "\t", encoding::ucs2, 1, 1, 1},
    segment_case{"escape_is_not_text", "\x1b", encoding::ucs2, 1, 1, 1},
    segment_case{"zero_width_joiner_is_not_dropped", "a\u200db", encoding::ucs2, 1, 3, 3},
    segment_case{"ucs2_70", repeated("ж", 70), encoding::ucs2, 1, 70, 70},
    segment_case{"ucs2_71", repeated("ж", 71), encoding::ucs2, 2, 71, 71},
    segment_case{"ucs2_134", repeated("ж", 134), encoding::ucs2, 2, 134, 134},
    segment_case{"ucs2_135", repeated("ж", 135), encoding::ucs2, 3, 135, 135},
    segment_case{"emoji_is_two_units", "😀", encoding::ucs2, 1, 2, 1},
    segment_case{"emoji_35", repeated("😀", 35), encoding::ucs2, 1, 70, 35},
    // 67 is odd: 33 emoji a segment.
    segment_case{"surrogates_are_not_split", repeated("😀", 67), encoding::ucs2, 3, 134, 67},
    segment_case{"one_character_turns_all", repeated("a", 100) + "ж", encoding::ucs2, 2, 101, 101}),
  [](const auto& instance) { return instance.param.name; });

/// ICU's converter for the same alphabet, as a second opinion on every character there is.
TEST(gsm7_alphabet, agrees_with_icu) {
  UErrorCode fault = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, decltype(&ucnv_close)> icu{
    ucnv_open("gsm-03.38-2009", &fault), &ucnv_close};
  ASSERT_TRUE(U_SUCCESS(fault));
  ucnv_setFromUCallBack(icu.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &fault);
  std::size_t in_alphabet = 0;
  for (char32_t c = 1; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c < 0xe000)
      continue;
    std::array<char, 8> septets{};
    std::array<UChar, 2> utf16{};
    std::int32_t utf16_size = 0;
    U16_APPEND_UNSAFE(utf16.data(), utf16_size, static_cast<UChar32>(c));
    ucnv_reset(icu.get());
    fault = U_ZERO_ERROR;
    const auto size = ucnv_fromUChars(icu.get(), septets.data(),
                                      static_cast<std::int32_t>(septets.size()), utf16.data(),
                                      utf16_size, &fault);
    // What ICU writes as nothing it has dropped: the alphabet does not have it.
    const bool has = U_SUCCESS(fault) && size > 0;
    const auto found = segment(utf8_of(c));
    ASSERT_EQ(found.encoding == encoding::gsm7, has) << "U+" << std::hex << std::uint32_t{c};
    if (has) {
      ++in_alphabet;
      ASSERT_EQ(found.units, static_cast<std::size_t>(size)) << std::hex << std::uint32_t{c};
    }
  }
  EXPECT_EQ(in_alphabet, 137U);  // 127 of the default alphabet, escape aside, and 10 extensions.
}

std::string any_text() {
  const auto characters = *rc::gen::container<std::vector<char32_t>>(rc::gen::element<char32_t>(
    U'a', U' ', U'[', U'€', U'é', U'`', U'ж', U'語', U'\u200d', U'😀'));
  std::string out;
  for (const auto c : characters)
    out += utf8_of(c);
  return out;
}

RC_GTEST_PROP(segments, never_shrink_when_text_is_added, ()) {
  const auto text = any_text();
  const auto more = any_text();
  RC_ASSERT(segment(text).segments <= segment(text + more).segments);
  RC_ASSERT(segment(text).characters + segment(more).characters == segment(text + more).characters);
}

RC_GTEST_PROP(segments, hold_all_units_and_waste_at_most_one_each, ()) {
  const auto found = segment(any_text());
  const bool gsm = found.encoding == encoding::gsm7;
  const std::size_t room = gsm ? 153 : 67;
  RC_ASSERT(found.units <= (gsm ? 160U : 70U) || found.units <= found.segments * room);
  RC_ASSERT(found.segments == 1 || found.units > (found.segments - 1) * (room - 1));
}

RC_GTEST_PROP(segments, survive_any_bytes, (const std::string& bytes)) {
  RC_ASSERT(segment(bytes).segments >= 1);
}

}  // namespace
}  // namespace parley::text
