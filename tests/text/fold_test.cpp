#include "parley/text/fold.hpp"

#include <gtest/gtest.h>

namespace parley::text {
namespace {

TEST(fold, takes_case_away) {
  EXPECT_EQ(folded("ANNA Maria 42"), "anna maria 42");
  EXPECT_EQ(folded("J\xc3\x9cRGEN"), "j\xc3\xbcrgen");
  EXPECT_EQ(folded("Stra\xc3\x9f" "e"), "strasse");
  EXPECT_EQ(folded(""), "");
}

TEST(fold, finds_the_beginning_of_any_word) {
  EXPECT_TRUE(has_word_beginning("Anna-Maria de Souza", "anna"));
  EXPECT_TRUE(has_word_beginning("Anna-Maria de Souza", "mar"));
  EXPECT_TRUE(has_word_beginning("Anna-Maria de Souza", "de so"));
  EXPECT_TRUE(has_word_beginning("\xc3\x9cnal", "\xc3\xbcn"));
  EXPECT_FALSE(has_word_beginning("Anna-Maria de Souza", "ria"));
  EXPECT_FALSE(has_word_beginning("Anna", "annam"));
  EXPECT_FALSE(has_word_beginning("", "a"));
}

}  // namespace
}  // namespace parley::text
