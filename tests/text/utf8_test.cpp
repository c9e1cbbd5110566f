#include "parley/text/utf8.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <unicode/ustring.h>

#include <string>

namespace parley::text {
namespace {

/// ICU's own decoder, which is strict.
bool clean_by_icu(const std::string& bytes) {
  UErrorCode fault = U_ZERO_ERROR;
  u_strFromUTF8(nullptr, 0, nullptr, bytes.data(), static_cast<std::int32_t>(bytes.size()), &fault);
  return fault != U_INVALID_CHAR_FOUND && bytes.find('\0') == std::string::npos;
}

TEST(clean_utf8, takes_texts) {
  for (const auto* text : {"", "a", "12345678", "exactly sixteen!", "é", "ÿ", "€", "\ufffd", "😀",
                           "\U0010ffff", "12345678é12345678"})
    EXPECT_TRUE(is_clean_utf8(text)) << text;
}

TEST(clean_utf8, refuses_what_is_none) {
  const std::string bad[] = {
    "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80",
    "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
    "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3\x28", "\xe2\x28\xa1", "\xe2\x82\x28",
    "\xf0\x9f\x98\x28", std::string(1, '\0'),
  };
  for (const auto& bytes : bad)
    // Alone, at the end of a word and in the middle of one.
    for (const auto* before : {"", "1234567", "12345678", "1234567890123"}) {
      EXPECT_FALSE(is_clean_utf8(before + bytes)) << ::testing::PrintToString(bytes);
      EXPECT_FALSE(is_clean_utf8(before + bytes + "12345678")) << ::testing::PrintToString(bytes);
    }
}

TEST(clean_utf8, agrees_with_icu_on_all_short_sequences) {
  for (unsigned lead = 0; lead < 256; ++lead)
    for (unsigned second = 0; second < 256; ++second)
      for (const unsigned third : {0x00U, 0x41U, 0x7fU, 0x80U, 0xbfU, 0xc0U, 0xffU})
        for (const auto* tail : {"", "\x80", "\xbf", "z"}) {
          std::string bytes{static_cast<char>(lead), static_cast<char>(second),
                            static_cast<char>(third)};
          bytes += tail;
          ASSERT_EQ(is_clean_utf8(bytes), clean_by_icu(bytes)) << ::testing::PrintToString(bytes);
        }
}

RC_GTEST_PROP(clean_utf8, agrees_with_icu_on_any_bytes, (const std::string& bytes)) {
  RC_ASSERT(is_clean_utf8(bytes) == clean_by_icu(bytes));
}

}  // namespace
}  // namespace parley::text
