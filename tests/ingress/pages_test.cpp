#include "src/ingress/api/pages.hpp"

#include "src/ingress/problem.hpp"
#include "src/ingress/secret.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::ingress {
namespace {

model::answer page(const std::string& query) {
  std::vector<std::pair<std::string_view, std::string>> lines;
  for (const auto* name : {"delta", "alpha", "charlie", "bravo"})
    lines.emplace_back(name, name);
  return page_of(std::move(lines), query_parameters{query, {"limit", "cursor"}},
                 [](json_writer& json, const std::string& name) { json.text(name); });
}

TEST(pages, come_in_order_of_name_and_end) {
  EXPECT_EQ(page("").body, R"({"items":["alpha","bravo","charlie","delta"],"next":null})");
  EXPECT_EQ(page("limit=3").body,
            R"({"items":["alpha","bravo","charlie"],"next":")" + name_cursor("charlie") + "\"}");
  EXPECT_EQ(page("limit=3&cursor=" + name_cursor("charlie")).body,
            R"({"items":["delta"],"next":null})");
  EXPECT_EQ(page("cursor=" + name_cursor("bz")).body,
            R"({"items":["charlie","delta"],"next":null})")
    << "the name that the cursor stands for may have gone";
  EXPECT_EQ(page("cursor=" + name_cursor("zulu")).body, R"({"items":[],"next":null})");
}

TEST(pages, have_cursors_that_fit_into_a_query_and_come_back) {
  for (const std::string name : {"a", "+15550100001", "a key & more", "\xc3\xa9"}) {
    EXPECT_EQ(name_cursor(name).find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(name_of_cursor(name_cursor(name)), name);
  }
}

TEST(pages, refuse_a_cursor_that_is_none) {
  for (const auto* cursor : {"6", "zz", "616", "6g", "-1"})
    EXPECT_THROW((void)name_of_cursor(cursor), refusal) << cursor;
}

TEST(secrets, are_strong_and_all_different) {
  const auto one = make_secret();
  EXPECT_TRUE(is_strong_enough(one));
  EXPECT_EQ(one.size(), 3U + 64U);
  EXPECT_NE(one, make_secret());
}

TEST(secrets, of_others_must_be_hard_to_guess_and_fit_into_a_header) {
  EXPECT_TRUE(is_strong_enough("0123456789abcdef"));
  EXPECT_FALSE(is_strong_enough("0123456789abcde"));
  EXPECT_FALSE(is_strong_enough("0123456789 abcdef"));
  EXPECT_FALSE(is_strong_enough("0123456789\nabcdef"));
  EXPECT_FALSE(is_strong_enough("0123456789\xc3\xa9" "abcdef"));
  EXPECT_FALSE(is_strong_enough(std::string(513, 'x')));
}

}  // namespace
}  // namespace parley::ingress
