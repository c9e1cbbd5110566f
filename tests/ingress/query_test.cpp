#include "src/ingress/query.hpp"

#include "src/ingress/problem.hpp"

#include <gtest/gtest.h>

namespace parley::ingress {
namespace {

TEST(query_parameters, are_decoded) {
  const query_parameters query{"a=1%2B+x&&b=&c", {"a", "b", "c", "d"}};
  EXPECT_EQ(query.text("a"), "1+ x");
  EXPECT_EQ(query.text("b"), "");
  EXPECT_EQ(query.text("c"), "");
  EXPECT_FALSE(query.text("d").has_value());
}

TEST(query_parameters, refuse_what_they_do_not_know_and_say_what_it_was) {
  try {
    const query_parameters query{"limit=1&statee=active", {"limit", "state"}};
    FAIL() << "it was accepted";
  } catch (const refusal& no) {
    EXPECT_EQ(no.code(), model::errc::malformed);
    EXPECT_NE(no.detail().find("statee"), std::string::npos);
  }
}

TEST(query_parameters, refuse_what_is_broken_or_given_twice) {
  for (const char* text : {"a=%", "a=%zz", "a=%ff", "a=%00", "a=1&a=2", "%61=1&a=2"})
    EXPECT_THROW((query_parameters{text, {"a"}}), refusal) << text;
}

TEST(query_parameters, read_numbers_within_bounds) {
  const query_parameters query{"a=0&b=18446744073709551615&c=-1&d=x&e=&f=1x&g=01",
                               {"a", "b", "c", "d", "e", "f", "g"}};
  EXPECT_EQ(query.number("a", 0, 5), 0U);
  EXPECT_EQ(query.number("b", 0, UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(query.number("g", 0, 5), 1U);
  EXPECT_FALSE(query.number("h", 0, 5).has_value());
  EXPECT_THROW((void)query.number("a", 1, 5), refusal);
  for (const char* name : {"b", "c", "d", "e", "f"})
    EXPECT_THROW((void)query.number(name, 0, 5), refusal) << name;
}

TEST(query_parameters, have_a_limit_of_1_to_1000_and_100_by_default) {
  EXPECT_EQ((query_parameters{"", {"limit"}}.limit()), 100U);
  EXPECT_EQ((query_parameters{"limit=1000", {"limit"}}.limit()), 1000U);
  EXPECT_THROW((void)(query_parameters{"limit=0", {"limit"}}.limit()), refusal);
  EXPECT_THROW((void)(query_parameters{"limit=1001", {"limit"}}.limit()), refusal);
}

TEST(query_parameters, read_flags) {
  const query_parameters query{"a=true&b=false&c=1", {"a", "b", "c"}};
  EXPECT_EQ(query.flag("a"), true);
  EXPECT_EQ(query.flag("b"), false);
  EXPECT_THROW((void)query.flag("c"), refusal);
}

}  // namespace
}  // namespace parley::ingress
