#include "parley/model/contact_rules.hpp"

#include "parley/model/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace parley::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

address sms(std::string identifier) {
  return {channel::sms, std::move(identifier)};
}

contact anna() {
  contact made;
  made.name = "Anna";
  made.addresses = {sms("+15551230001"), {channel::whatsapp, "+15551230001"}};
  made.attributes = {{"city", "Berlin"}, {"plan", "gold"}};
  made.language = "de";
  made.time_zone = "Europe/Berlin";
  made.phone_books = {"customers"};
  return made;
}

std::string numbered(std::string_view what, std::size_t number) {
  return std::string{what} + std::to_string(1'000'000 + number);
}

TEST(contact_rules, a_sound_contact_has_no_fault) {
  EXPECT_FALSE(fault_of(anna()));
  EXPECT_FALSE(fault_of(contact{})) << "nothing but the id has to be known";
  for (const char* language : {"en", "pt-BR", "zh-Hans-CN", "sl-rozaj-biske-1994", ""}) {
    auto who = anna();
    who.language = language;
    EXPECT_FALSE(fault_of(who)) << language;
  }
  for (const char* zone : {"UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5", ""}) {
    auto who = anna();
    who.time_zone = zone;
    EXPECT_FALSE(fault_of(who)) << zone;
  }
}

TEST(contact_rules, a_fault_names_the_member) {
  struct {
    std::string_view member;
    std::string_view why;
    std::function<void(contact&)> change;
    errc code = errc::malformed;
  } const cases[] = {
    {"name", "is longer than 255 bytes", [](auto& who) { who.name.assign(256, 'a'); }},
    {"language", "language tag", [](auto& who) { who.language = "g"; }},
    {"language", "language tag", [](auto& who) { who.language = "german-toolongpart"; }},
    {"language", "language tag", [](auto& who) { who.language = "de-"; }},
    {"language", "language tag", [](auto& who) { who.language = "d3"; }},
    {"language", "language tag", [](auto& who) { who.language.assign(40, 'a'); }},
    {"time_zone", "Europe/Berlin", [](auto& who) { who.time_zone = "../etc/passwd"; }},
    {"time_zone", "Europe/Berlin", [](auto& who) { who.time_zone = "Europe/"; }},
    {"time_zone", "Europe/Berlin", [](auto& who) { who.time_zone = "+01:00"; }},
    {"addresses", "for users", [](auto& who) { who.addresses[0] = {channel::chat, "bob"}; }},
    {"addresses", "`sms:+15551230001` twice",
     [](auto& who) { who.addresses[1] = who.addresses[0]; }},
    {"addresses", "more than 32 elements",
     [](auto& who) {
       for (std::size_t i = 0; i < contact_addresses_max; ++i)
         add_address(who, sms(numbered("+1666", i)));
     },
     errc::too_many},
    {"attributes", "name", [](auto& who) { who.attributes[0].name.assign(65, 'a'); }},
    {"attributes", "name", [](auto& who) { who.attributes[0].name.clear(); }},
    {"attributes", "`city`", [](auto& who) { who.attributes[0].value.assign(1025, 'a'); }},
    {"attributes", "more than 64 members",
     [](auto& who) {
       for (std::size_t i = 0; i < contact_attributes_max; ++i)
         set_attribute(who, numbered("a", i), "x");
     },
     errc::too_many},
    {"phone_books", "1 to 64 bytes", [](auto& who) { who.phone_books[0].assign(65, 'a'); }},
    {"phone_books", "more than 32 elements",
     [](auto& who) {
       for (std::size_t i = 0; i < contact_phone_books_max; ++i)
         add_phone_book(who, numbered("b", i));
     },
     errc::too_many},
  };
  for (const auto& one : cases) {
    auto who = anna();
    one.change(who);
    const auto fault = fault_of(who);
    ASSERT_TRUE(fault) << one.member << " " << one.why;
    EXPECT_EQ(fault->member, one.member);
    EXPECT_THAT(fault->why, HasSubstr(one.why));
    EXPECT_EQ(fault->code, one.code) << one.member;
  }
}

TEST(contact_rules, attributes_are_in_order_and_an_empty_value_takes_one_away) {
  auto who = anna();
  set_attribute(who, "age", "40");
  set_attribute(who, "plan", "silver");
  set_attribute(who, "city", "");
  set_attribute(who, "none", "");
  EXPECT_THAT(who.attributes, ElementsAre(attribute{"age", "40"}, attribute{"plan", "silver"}));
  EXPECT_EQ(attribute_of(who, "plan"), "silver");
  EXPECT_EQ(attribute_of(who, "city"), "");
}

TEST(contact_rules, an_address_and_a_phone_book_are_there_once) {
  auto who = anna();
  add_address(who, sms("+15551230001"));
  add_address(who, sms("+15551230002"));
  add_phone_book(who, "customers");
  add_phone_book(who, "friends");
  EXPECT_EQ(who.addresses.size(), 3U);
  EXPECT_THAT(who.phone_books, ElementsAre("customers", "friends"));
  remove_address(who, sms("+15551230001"));
  remove_address(who, sms("+15551230009"));
  EXPECT_THAT(who.addresses, ElementsAre(address{channel::whatsapp, "+15551230001"},
                                         sms("+15551230002")));
}

TEST(contact_rules, a_merge_brings_everything_together_and_the_targets_word_stands) {
  auto who = anna();
  who.time_zone.clear();
  contact from;
  from.name = "Anna at work";
  from.addresses = {sms("+15551230001"), sms("+15551230002")};
  from.attributes = {{"company", "Acme"}, {"plan", "bronze"}};
  from.language = "en";
  from.time_zone = "America/New_York";
  from.phone_books = {"friends", "customers"};
  merge(who, from);
  EXPECT_EQ(who.name, "Anna");
  EXPECT_THAT(who.addresses,
              ElementsAre(sms("+15551230001"), address{channel::whatsapp, "+15551230001"},
                          sms("+15551230002")));
  EXPECT_THAT(who.attributes, ElementsAre(attribute{"city", "Berlin"}, attribute{"company", "Acme"},
                                          attribute{"plan", "gold"}));
  EXPECT_EQ(who.language, "de");
  EXPECT_EQ(who.time_zone, "America/New_York");
  EXPECT_THAT(who.phone_books, ElementsAre("customers", "friends"));
}

}  // namespace
}  // namespace parley::model
