#include "parley/text/message_template.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::text {
namespace {

using model::component_type;

model::message_template reminder() {
  model::message_template made;
  made.id = "reminder";
  made.components = {{component_type::button, "Call {{agent}}"},
                     {component_type::footer, "Demo Ltd"},
                     {component_type::body, "On {{day}} at {{time}}, {{1}}."},
                     {component_type::header, "Hello {{1}}"}};
  return made;
}

const std::vector<variable> values{{"1", "Ada"}, {"agent", "Bob"}, {"day", "Monday"},
                                   {"time", "10:00"}};

TEST(message_template, has_the_variables_of_its_header_body_and_buttons) {
  EXPECT_EQ(variables_of(reminder()), (std::vector<std::string>{"1", "day", "time", "agent"}));
  model::message_template plain;
  plain.components = {{component_type::body, "Hello"}};
  EXPECT_TRUE(variables_of(plain).empty());
}

TEST(message_template, makes_a_text_of_header_body_and_footer_line_by_line) {
  EXPECT_EQ(text_of(reminder(), values), "Hello Ada\nOn Monday at 10:00, Ada.\nDemo Ltd");
  model::message_template plain;
  plain.components = {{component_type::body, "Two\nlines"}};
  EXPECT_EQ(text_of(plain, {}), "Two\nlines");
}

TEST(message_template, needs_a_value_for_each_variable_and_takes_no_other) {
  EXPECT_EQ(values_fault(reminder(), values), "");
  auto fewer = values;
  fewer.erase(fewer.begin() + 1);
  EXPECT_EQ(values_fault(reminder(), fewer), "the variable `agent` is missing");
  auto more = values;
  more.push_back({"week", "1"});
  EXPECT_EQ(values_fault(reminder(), more), "the variable `week` is none of the template's");
}

TEST(message_template, takes_no_value_that_meta_refuses) {
  const struct {
    std::string value;
    std::string why;  ///< Empty: it is taken.
  } cases[] = {
    {"x", ""},
    {"four    spaces", ""},
    {" Köln ", ""},
    {std::string(1'024, 'x'), ""},
    {"five     spaces", "four spaces"},
    {"", "is empty"},
    {"   ", "is empty"},
    {"a\nb", "line break"},
    {"a\rb", "line break"},
    {"a\tb", "line break"},
    {std::string{"a\x01"}, "line break"},
    {"a\x7f", "line break"},
    {"a\xc2\x85", "line break"},
    {"a\xe2\x80\xa8", "line break"},
    {"a\xe2\x80\xa9", "line break"},
    {std::string(1'025, 'x'), "1,024"},
  };
  for (const auto& one : cases) {
    auto given = values;
    given[2].value = one.value;
    const auto said = values_fault(reminder(), given);
    EXPECT_EQ(said.empty(), one.why.empty()) << one.value << ": " << said;
    EXPECT_NE(said.find(one.why), std::string::npos) << said;
    EXPECT_TRUE(said.empty() || said.starts_with("the variable `day` ")) << said;
  }
}

TEST(message_template, takes_no_more_in_its_values_than_a_message_has_room_for) {
  auto given = values;
  given[1].value.assign(1'000, 'x');  // Of the button, which is in no text.
  given[3].value.assign(600 - 9, 'x');
  EXPECT_EQ(values_fault(reminder(), given), "");
  given[3].value += 'x';
  EXPECT_EQ(values_fault(reminder(), given),
            "the variable `time` is too long: all values together have at most 1,600 characters");
}

TEST(message_template, counts_characters_of_a_value_and_not_bytes) {
  std::string wide;
  for (int i = 0; i < 1'024; ++i)
    wide += "漢";
  auto given = values;
  given[0].value = wide;
  EXPECT_EQ(values_fault(reminder(), given), "");
  given[0].value += "漢";
  EXPECT_NE(values_fault(reminder(), given), "");
}

}  // namespace
}  // namespace parley::text
