#include "parley/text/template.hpp"

#include "parley/text/segments.hpp"
#include "parley/text/utf8.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace parley::text {
namespace {

const std::vector<model::attribute> known{{"braces", "{{contact.name}}"}, {"city", "Köln"}};

struct template_case {
  const char* name;
  std::string text;
  std::string filled;
};

class a_template : public ::testing::TestWithParam<template_case> {};

TEST_P(a_template, is_filled_in) {
  EXPECT_EQ(fill_in(GetParam().text, {"Ada", known}), GetParam().filled);
}

INSTANTIATE_TEST_SUITE_P(
  texts, a_template,
  ::testing::Values(
    template_case{"nothing_to_fill", "We are closed.", "We are closed."},
    template_case{"empty", "", ""},
    template_case{"name", "Hello {{contact.name}}!", "Hello Ada!"},
    template_case{"twice", "{{contact.name}}{{contact.name}}", "AdaAda"},
    template_case{"attribute", "to {{contact.city}}.", "to Köln."},
    template_case{"blanks", "{{ contact.city }}", "Köln"},
    template_case{"unknown_attribute", "<{{contact.street}}>", "<>"},
    template_case{"no_attribute", "<{{contact.}}>", "<>"},
    template_case{"not_of_a_contact", "{{user.name}} {{name}} {{}}", "{{user.name}} {{name}} {{}}"},
    template_case{"case_matters", "{{Contact.name}}", "{{Contact.name}}"},
    template_case{"without_end", "Hello {{contact.name", "Hello {{contact.name"},
    template_case{"one_brace_at_the_end", "{{contact.name}", "{{contact.name}"},
    template_case{"opened_twice", "{{ {{contact.name}}", "{{ Ada"},
    template_case{"three_braces", "{{{contact.name}}}", "{Ada}"},
    template_case{"values_are_not_filled_in", "{{contact.braces}}", "{{contact.name}}"},
    template_case{"not_escaped", "<b>&{{contact.name}}", "<b>&Ada"}),
  [](const auto& instance) { return instance.param.name; });

TEST(a_filled_text, is_cut_after_1600_characters) {
  std::string long_name;
  for (int i = 0; i < 1'700; ++i)
    long_name += "ü";
  const auto filled = fill_in("x{{contact.name}}", {long_name, {}});
  EXPECT_EQ(filled.size(), 1 + 2 * 1'599U);
  EXPECT_TRUE(is_clean_utf8(filled));
  EXPECT_EQ(segment(filled).characters, 1'600U);
}

RC_GTEST_PROP(a_filled_text, without_fields_stays_as_it_is, (std::string text)) {
  text.resize(std::min<std::size_t>(text.size(), 1'500));
  text += "{{";
  RC_ASSERT(fill_in(text, {"Ada", known}) == text);
}

}  // namespace
}  // namespace parley::text
