#include "parley/files/mms_countries.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>

namespace parley::files {
namespace {

TEST(mms_countries, have_both_ways_unless_they_are_named) {
  const mms_countries table{"DE:none  AU:outbound NZ:inbound FR:both "};
  EXPECT_EQ(table.ways_of("DE"), mms_ways::none);
  EXPECT_EQ(table.ways_of("AU"), mms_ways::outbound);
  EXPECT_EQ(table.ways_of("NZ"), mms_ways::inbound);
  EXPECT_EQ(table.ways_of("FR"), mms_ways::both);
  EXPECT_EQ(table.ways_of("US"), mms_ways::both);
  EXPECT_EQ(table.ways_of(""), mms_ways::both);
  EXPECT_EQ(mms_countries{}.ways_of("DE"), mms_ways::both);
}

TEST(mms_countries, take_files_with_both_ways_and_outbound_only) {
  const mms_countries table{"DE:none AU:outbound NZ:inbound"};
  EXPECT_FALSE(table.takes("DE"));
  EXPECT_FALSE(table.takes("NZ"));
  EXPECT_TRUE(table.takes("AU"));
  EXPECT_TRUE(table.takes("US"));
}

class bad_table : public ::testing::TestWithParam<const char*> {};

TEST_P(bad_table, is_refused_by_name) {
  const std::string_view table{GetParam()};
  EXPECT_NE(mms_countries::complaint(table), "");
  EXPECT_THROW(std::ignore = mms_countries{table}, std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(tables, bad_table,
                         ::testing::Values("DE", "DE:", ":none", "de:none", "DEU:none", "DE:no",
                                           "DE:none,AU:none", "DE:none DE:both", "D1:none",
                                           "DE:none:both", "DE;none"));

TEST(mms_countries, have_nothing_wrong_with_a_good_table) {
  for (const auto* table : {"", "DE:none", " DE:none AU:both "})
    EXPECT_EQ(mms_countries::complaint(table), "") << table;
}

}  // namespace
}  // namespace parley::files
