#include "parley/model/directory_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace parley::model {
namespace {

using ::testing::HasSubstr;

organization demo() {
  organization made;
  made.id = "demo";
  auto& one = made.templates.emplace_back();
  one.id = "reminder-de";
  one.name = "reminder_1";
  one.language = "de_AT";
  one.category = template_category::utility;
  one.state = template_state::approved;
  one.carrier_id = "HX0123456789abcdefABCDEF0123456789";
  one.components = {{component_type::header, "Hallo {{1}}"},
                    {component_type::body, "Am {{2}}.\nBis bald!"},
                    {component_type::footer, "Demo"},
                    {component_type::button, "Anrufen"},
                    {component_type::button, "Absagen"}};
  auto& other = made.templates.emplace_back(one);
  other.id = "reminder-en";
  other.language = "en";
  return made;
}

/// What is wrong with the first template once it is spoilt.
entry_fault fault_after(const std::function<void(message_template&)>& spoil) {
  const auto owner = demo();
  auto entry = owner.templates.front();
  spoil(entry);
  return fault_of(owner, entry).value_or(entry_fault{"", "sound"});
}

std::string place_after(const std::function<void(message_template&)>& spoil) {
  return fault_after(spoil).place();
}

std::string of_components(std::vector<template_component> components) {
  return place_after([&](message_template& t) { t.components = components; });
}

TEST(template_rules, find_no_fault_with_what_is_sound) {
  const auto owner = demo();
  for (const auto& one : owner.templates)
    EXPECT_FALSE(fault_of(owner, one)) << fault_of(owner, one)->why;
  EXPECT_EQ(use_of(owner, owner.templates[0]), "") << "what was sent is frozen";
}

TEST(template_rules, names_languages_and_ids_are_as_the_carriers_write_them) {
  EXPECT_EQ(place_after([](auto& t) { t.id = "Reminder"; }), "id");
  for (const auto* none : {"", "Reminder", "a-b", "a b", "ü"})
    EXPECT_EQ(place_after([&](auto& t) { t.name = none; }), "name") << none;
  EXPECT_EQ(place_after([](auto& t) { t.name.assign(512, 'x'); }), "");
  EXPECT_EQ(place_after([](auto& t) { t.name.assign(513, 'x'); }), "name");
  for (const auto* good : {"de", "fil", "en_US"})
    EXPECT_EQ(place_after([&](auto& t) { t.language = good; t.name = "other"; }), "") << good;
  for (const auto* none : {"", "d", "DE", "german", "de-AT", "de_at", "de_", "de_AUT", "_AT"})
    EXPECT_EQ(place_after([&](auto& t) { t.language = none; }), "language") << none;
  EXPECT_EQ(place_after([](auto& t) { t.carrier_id.clear(); }), "");
  for (const auto* none : {"HX1", "AC0123456789abcdefABCDEF0123456789",
                           "HX0123456789abcdefABCDEF012345678g",
                           "HX0123456789abcdefABCDEF01234567890"})
    EXPECT_EQ(place_after([&](auto& t) { t.carrier_id = none; }), "carrier_id") << none;
}

TEST(template_rules, a_name_is_unique_in_its_language) {
  const auto fault = fault_after([](auto& t) { t.language = "en"; });
  EXPECT_EQ(fault.member, "name");
  EXPECT_EQ(fault.code, errc::already_exists);
  EXPECT_THAT(fault.why, HasSubstr("`reminder-en`"));
}

TEST(template_rules, there_is_one_body_at_most_one_header_and_footer_and_ten_buttons) {
  using enum component_type;
  EXPECT_EQ(of_components({{body, "x"}}), "");
  EXPECT_EQ(of_components({{button, "x"}, {body, "x"}}), "");
  EXPECT_EQ(of_components({}), "components");
  EXPECT_EQ(of_components({{header, "x"}, {footer, "x"}}), "components");
  EXPECT_EQ(of_components({{body, "x"}, {body, "y"}}), "components[1].type");
  EXPECT_EQ(of_components({{header, "x"}, {body, "x"}, {header, "y"}}), "components[2].type");
  EXPECT_EQ(of_components({{footer, "x"}, {footer, "x"}, {body, "y"}}), "components[1].type");
  std::vector<template_component> many(10, {button, "x"});
  many.push_back({body, "x"});
  EXPECT_EQ(of_components(many), "");
  many.push_back({button, "x"});
  EXPECT_EQ(of_components(many), "components[11].type");
  EXPECT_EQ(of_components(std::vector<template_component>(14, {button, "x"})), "components");
}

TEST(template_rules, texts_are_neither_empty_nor_longer_than_meta_takes) {
  using enum component_type;
  for (const auto& [type, most] : {std::pair{header, 60U}, std::pair{body, 1'024U},
                                  std::pair{footer, 60U}, std::pair{button, 25U}}) {
    const auto with = [&](const std::string& text) {
      std::vector<template_component> all{{type, text}};
      if (type != body)
        all.push_back({body, "x"});
      return of_components(all);
    };
    std::string wide;
    for (unsigned i = 0; i < most; ++i)
      wide += "ü";
    EXPECT_EQ(with(wide), "");
    EXPECT_EQ(with(wide + "!"), "components[0].text");
    EXPECT_EQ(with(""), "components[0].text");
    EXPECT_EQ(with(" \n"), "components[0].text");
    EXPECT_EQ(with("a\nb"), type == body ? "" : "components[0].text");
  }
}

TEST(template_rules, there_are_so_many_templates_and_no_more) {
  auto owner = demo();
  const auto one = owner.templates.front();
  owner.templates.assign(templates_max, one);
  for (std::size_t i = 0; i < templates_max; ++i) {
    owner.templates[i].id = "t-" + std::to_string(i);
    owner.templates[i].name = "t_" + std::to_string(i);
  }
  EXPECT_FALSE(fault_of(owner, owner.templates[7]));
  const auto found = fault_of(owner, one);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->code, errc::too_many);
}

}  // namespace
}  // namespace parley::model
