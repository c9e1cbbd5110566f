#include "parley/text/placeholders.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace parley::text {
namespace {

using names = std::vector<std::string>;

TEST(placeholders, are_found_in_order_and_each_once) {
  const struct {
    std::string text;
    names found;
  } cases[] = {
    {"", {}},
    {"Nothing to fill { in } here.", {}},
    {"Hello {{1}}!", {"1"}},
    {"{{b}}{{a}} {{b}}", {"b", "a"}},
    {"{{ first_name }}", {"first_name"}},
    {"} {{1}} {", {"1"}},
    {"ü{{" + std::string(64, 'x') + "}}", {std::string(64, 'x')}},
  };
  for (const auto& one : cases) {
    const auto found = placeholders_of(one.text);
    ASSERT_TRUE(std::holds_alternative<names>(found)) << one.text;
    EXPECT_EQ(std::get<names>(found), one.found) << one.text;
  }
}

TEST(placeholders, that_cannot_be_read_are_named_with_their_place) {
  const struct {
    std::string text;
    std::size_t character;
    std::string why;
  } cases[] = {
    {"{{", 1, "without `}}`"},
    {"Grüße {{1", 7, "without `}}`"},
    {"Grüße 1}}", 8, "without `{{`"},
    {"{{1}} }} {{2}}", 7, "without `{{`"},
    {"{{}}", 1, "name of a variable"},
    {"a {{ }}", 3, "name of a variable"},
    {"{{Name}}", 1, "name of a variable"},
    {"{{first name}}", 1, "name of a variable"},
    {"{{{1}}}", 1, "name of a variable"},
    {"{{1}} {{contact.name}}", 7, "name of a variable"},
    {"{{{{1}}", 1, "name of a variable"},
    {"{{" + std::string(65, 'x') + "}}", 1, "name of a variable"},
  };
  for (const auto& one : cases) {
    const auto found = placeholders_of(one.text);
    ASSERT_TRUE(std::holds_alternative<placeholder_fault>(found)) << one.text;
    const auto& fault = std::get<placeholder_fault>(found);
    EXPECT_EQ(fault.character, one.character) << one.text;
    EXPECT_NE(fault.why.find(one.why), std::string::npos) << one.text << ": " << fault.why;
  }
}

TEST(put_in, replaces_what_it_has_and_looks_at_nothing_twice) {
  const std::vector<variable> values{{"1", "Ada"}, {"place", "{{1}} & Köln"}};
  EXPECT_EQ(put_in("Hello {{1}}, from {{ place }}.", values), "Hello Ada, from {{1}} & Köln.");
  EXPECT_EQ(put_in("{{1}}{{1}}", values), "AdaAda");
  EXPECT_EQ(put_in("<{{ other }}> {{1}} {", values), "<{{ other }}> Ada {");
  EXPECT_EQ(put_in("", values), "");
}

RC_GTEST_PROP(put_in, fills_every_placeholder_that_is_found, (const std::string& text)) {
  const auto found = placeholders_of(text);
  RC_PRE(std::holds_alternative<names>(found));
  std::vector<variable> values;
  for (const auto& name : std::get<names>(found))
    values.push_back({name, "x"});
  const auto left = placeholders_of(put_in(text, values));
  RC_ASSERT(std::holds_alternative<placeholder_fault>(left) || std::get<names>(left).empty());
}

}  // namespace
}  // namespace parley::text
