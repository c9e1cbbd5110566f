#include "parley/text/folding.hpp"

#include "parley/text/utf8.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace parley::text {
namespace {

TEST(folding, takes_away_what_does_not_matter) {
  EXPECT_EQ(fold("ORDER"), fold("order"));
  EXPECT_EQ(fold("STRASSE"), fold("straße"));
  EXPECT_EQ(fold("ΣΊΣΥΦΟΣ"), fold("σίσυφος"));
  EXPECT_EQ(fold("E\u0301tude"), fold("étude"));
  EXPECT_EQ(fold("ＳＴＯＰ"), "stop");
  EXPECT_EQ(fold("st\u200dop"), "stop");
  EXPECT_EQ(fold(""), "");
  EXPECT_NE(fold("etude"), fold("étude"));
}

struct keyword_case {
  const char* name;
  std::string message;
  std::string keyword;
};

class a_keyword : public ::testing::TestWithParam<keyword_case> {};

TEST_P(a_keyword, is_the_message_without_its_edges) {
  EXPECT_EQ(fold_keyword(GetParam().message), GetParam().keyword);
}

INSTANTIATE_TEST_SUITE_P(
  messages, a_keyword,
  ::testing::Values(keyword_case{"plain", "stop", "stop"}, keyword_case{"case", "StOp", "stop"},
                    keyword_case{"exclaimed", " STOP!!\n", "stop"},
                    keyword_case{"spanish", "¡Hola!", "hola"},
                    keyword_case{"quoted", "“Stop.”", "stop"},
                    keyword_case{"no_break_space", "\u00a0stop\u2003", "stop"},
                    keyword_case{"two_words", "opt in.", "opt in"},
                    keyword_case{"hyphen_within", "opt-in", "opt-in"},
                    keyword_case{"emoji", "👍", "👍"}, keyword_case{"only_marks", " ?! ", "?!"},
                    keyword_case{"blank", "  ", ""}, keyword_case{"empty", "", ""}),
  [](const auto& instance) { return instance.param.name; });

RC_GTEST_PROP(folding, of_any_bytes_is_utf8_and_final, (const std::string& bytes)) {
  const auto once = fold(bytes);
  RC_ASSERT(fold(once) == once);
  RC_ASSERT(is_clean_utf8(once) || once.find('\0') != std::string::npos);
  RC_ASSERT(fold_keyword(fold_keyword(bytes)) == fold_keyword(bytes));
}

}  // namespace
}  // namespace parley::text
