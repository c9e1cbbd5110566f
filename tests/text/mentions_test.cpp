#include "parley/text/mentions.hpp"

#include <gtest/gtest.h>

namespace parley::text {
namespace {

using names = std::vector<std::string>;

TEST(mentions, are_what_follows_an_at_that_begins_a_word) {
  EXPECT_EQ(mentions("@alice and (@bob), see @carol.smith."),
            (names{"alice", "bob", "carol.smith"}));
  EXPECT_EQ(mentions("@alice @alice"), names{"alice"});
  EXPECT_EQ(mentions("ask @bob-2 - or @dave--"), (names{"bob-2", "dave"}));
}

TEST(mentions, are_no_addresses_and_no_lonely_signs) {
  EXPECT_EQ(mentions("write to alice@example.com"), names{});
  EXPECT_EQ(mentions("@ @@ @. @"), names{});
  EXPECT_EQ(mentions(""), names{});
  EXPECT_EQ(mentions("@" + std::string(65, 'a')), names{});
}

TEST(mentions, are_bounded) {
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "@u" + std::to_string(i) + ' ';
  EXPECT_EQ(mentions(many).size(), 32U);
}

}  // namespace
}  // namespace parley::text
