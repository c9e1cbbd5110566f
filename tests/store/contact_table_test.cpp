#include "parley/store/contact_table.hpp"

#include "src/store/contact_codec.hpp"
#include "src/store/keys.hpp"
#include "tests/store/arbitrary.hpp"
#include "tests/store/table_fixture.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <tuple>

namespace parley::store {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

constexpr std::uint32_t demo = 7;
constexpr std::uint32_t other = 8;

model::address sms(std::string identifier) {
  return {model::channel::sms, std::move(identifier)};
}

model::contact contact_of(std::uint64_t number, std::vector<model::address> addresses) {
  model::contact made;
  made.id = id_of<model::contact_id>(number);
  made.name = "Contact " + std::to_string(number);
  made.addresses = std::move(addresses);
  made.attributes = {{"plan", "gold"}};
  made.language = "de";
  made.time_zone = "Europe/Berlin";
  made.phone_books = {"customers"};
  made.created_at = at_ms(1'000);
  made.updated_at = at_ms(2'000);
  return made;
}

class contact_table_test : public table_test {
protected:
  contact_table_test() { open(); }

  void append(std::vector<row> rows) const { log->append({.organization = demo, .rows = rows}); }

  void keep(std::uint32_t organization, const model::contact& who) const {
    std::vector<row> rows{contact_row(organization, who)};
    for (const auto& address : who.addresses)
      rows.push_back(contact_address_row(organization, address, who.id));
    append(std::move(rows));
  }

  [[nodiscard]] std::vector<std::string> names(const std::string& after, std::size_t limit,
                                               std::size_t scan_max = 100) const {
    std::vector<std::string> found;
    const auto from = model::contact_id::parse(after).value_or(model::contact_id{});
    const auto next = read->read_contacts(demo, from, scan_max, [&](const model::contact& who) {
      if (found.size() == limit)
        return false;
      found.push_back(who.name);
      return true;
    });
    if (next)
      found.push_back(next->text());
    return found;
  }

  [[nodiscard]] std::vector<std::string> addresses(std::string_view prefix, std::string_view after,
                                                   std::size_t limit,
                                                   std::size_t scan_max = 100) const {
    std::vector<std::string> found;
    const auto next = read->read_contact_addresses(
      demo, prefix, after, scan_max, [&](std::string_view address, const model::contact& who) {
        if (found.size() == limit)
          return false;
        found.push_back(std::string{address} + " " + who.name);
        return true;
      });
    if (next)
      found.push_back("next " + *next);
    return found;
  }
};

TEST_F(contact_table_test, a_contact_comes_back_by_id_and_by_each_of_its_addresses) {
  const model::address whatsapp{model::channel::whatsapp, "+15551230001"};
  const auto anna = contact_of(1, {sms("+15551230001"), whatsapp});
  keep(demo, anna);
  settle();
  reopen();
  EXPECT_EQ(read->find_contact(demo, anna.id), anna);
  EXPECT_EQ(read->contact_of(demo, whatsapp), anna);
  EXPECT_EQ(read->contact_id_of(demo, sms("+15551230001")), anna.id);
}

TEST_F(contact_table_test, whom_nobody_knows_is_nobody) {
  keep(demo, contact_of(1, {sms("+15551230001")}));
  settle();
  EXPECT_EQ(read->contact_of(demo, sms("+15551230002")), std::nullopt);
  EXPECT_EQ(read->contact_id_of(demo, sms("+1555123000")), std::nullopt) << "no prefix matches";
  EXPECT_EQ(read->find_contact(demo, id_of<model::contact_id>(2)), std::nullopt);
}

TEST_F(contact_table_test, nothing_crosses_organisations) {
  const auto anna = contact_of(1, {sms("+15551230001")});
  keep(other, anna);
  settle();
  EXPECT_EQ(read->find_contact(demo, anna.id), std::nullopt);
  EXPECT_EQ(read->contact_of(demo, anna.addresses[0]), std::nullopt);
  EXPECT_THAT(names({}, 10), IsEmpty());
  EXPECT_THAT(addresses("sms:", {}, 10), IsEmpty());
}

TEST_F(contact_table_test, pages_in_order_of_id_have_neither_gaps_nor_repeats) {
  for (const std::uint64_t number : {3U, 1U, 2U})
    keep(demo, contact_of(number, {}));
  keep(other, contact_of(4, {}));
  settle();
  const auto second = id_of<model::contact_id>(2).text();
  EXPECT_THAT(names({}, 2), ElementsAre("Contact 1", "Contact 2", second));
  EXPECT_THAT(names(second, 2), ElementsAre("Contact 3"));
  EXPECT_THAT(names({}, 3), ElementsAre("Contact 1", "Contact 2", "Contact 3"));
}

TEST_F(contact_table_test, a_scan_ends_at_its_bound_and_says_where) {
  for (std::uint64_t number = 1; number <= 3; ++number)
    keep(demo, contact_of(number, {}));
  settle();
  EXPECT_THAT(names({}, 10, 2),
              ElementsAre("Contact 1", "Contact 2", id_of<model::contact_id>(2).text()));
}

TEST_F(contact_table_test, addresses_are_found_by_how_they_begin) {
  keep(demo, contact_of(1, {sms("+15551230002"), sms("+15551239999")}));
  keep(demo, contact_of(2, {sms("+15551230001"), {model::channel::whatsapp, "+15551230001"}}));
  keep(other, contact_of(3, {sms("+15551230003")}));
  settle();
  EXPECT_THAT(addresses("sms:+1555123000", {}, 10),
              ElementsAre("sms:+15551230001 Contact 2", "sms:+15551230002 Contact 1"));
  EXPECT_THAT(addresses("sms:+1", {}, 2),
              ElementsAre("sms:+15551230001 Contact 2", "sms:+15551230002 Contact 1",
                          "next sms:+15551230002"));
  EXPECT_THAT(addresses("sms:+1", "sms:+15551230002", 2),
              ElementsAre("sms:+15551239999 Contact 1"));
  EXPECT_THAT(addresses("sms:+1", {}, 9, 1),
              ElementsAre("sms:+15551230001 Contact 2", "next sms:+15551230001"));
}

TEST_F(contact_table_test, what_is_gone_is_gone) {
  const auto anna = contact_of(1, {sms("+15551230001")});
  keep(demo, anna);
  append({contact_gone_row(demo, anna.id), contact_address_gone_row(demo, anna.addresses[0])});
  settle();
  EXPECT_EQ(read->find_contact(demo, anna.id), std::nullopt);
  EXPECT_EQ(read->contact_of(demo, anna.addresses[0]), std::nullopt);
  EXPECT_THAT(verified().faults, IsEmpty());
}

TEST_F(contact_table_test, one_bit_of_a_contact_is_found_and_named) {
  const auto anna = contact_of(1, {sms("+15551230001")});
  const auto bert = contact_of(2, {sms("+15551230002")});
  keep(demo, anna);
  keep(demo, bert);
  settle();
  EXPECT_THAT(verified().faults, IsEmpty());
  EXPECT_EQ(verified().contacts, 2U);
  with_each_byte_damaged(in().contacts, contact_key(demo, anna.id), [&] {
    EXPECT_THAT([&] { std::ignore = read->find_contact(demo, anna.id); },
                ThrowsMessage<corruption_error>(HasSubstr("contacts: the row ")));
    EXPECT_THROW(std::ignore = read->contact_of(demo, anna.addresses[0]), corruption_error);
    EXPECT_EQ(read->contact_of(demo, bert.addresses[0]), bert) << "nobody else is touched";
    EXPECT_THAT(verified().faults, ElementsAre(HasSubstr("contacts: the row ")));
  });
}

TEST_F(contact_table_test, one_bit_of_the_index_is_found_and_named) {
  const auto anna = contact_of(1, {sms("+15551230001")});
  keep(demo, anna);
  settle();
  const auto key = contact_address_key(demo, "sms:+15551230001");
  with_each_byte_damaged(in().contact_addresses, key, [&] {
    EXPECT_THAT([&] { std::ignore = read->contact_of(demo, anna.addresses[0]); },
                ThrowsMessage<corruption_error>(
                  AllOf(HasSubstr("contact_addresses"), HasSubstr("sms:+15551230001"))));
    EXPECT_THAT(verified().faults, ElementsAre(HasSubstr("contact_addresses: the row ")));
  });
}

TEST_F(contact_table_test, verify_finds_an_index_that_does_not_agree) {
  const auto anna = contact_of(1, {sms("+15551230001")});
  keep(demo, anna);
  append({contact_address_row(demo, sms("+15551230002"), anna.id),
          contact_address_row(demo, sms("+15551230003"), id_of<model::contact_id>(9))});
  settle();
  EXPECT_THAT(verified().faults,
              ElementsAre(AllOf(HasSubstr("sms:+15551230002"),
                                HasSubstr("which does not have the address")),
                          AllOf(HasSubstr("sms:+15551230003"),
                                HasSubstr("names a contact that does not exist"))));
  erase(in().contact_addresses, contact_address_key(demo, "sms:+15551230001"));
  EXPECT_THAT(verified().faults,
              Contains(AllOf(HasSubstr("sms:+15551230001"), HasSubstr("is missing"))));
}

TEST_F(contact_table_test, verify_finds_an_address_that_two_contacts_have) {
  keep(demo, contact_of(1, {sms("+15551230001")}));
  keep(demo, contact_of(2, {sms("+15551230001")}));
  settle();
  EXPECT_THAT(verified().faults, ElementsAre(AllOf(HasSubstr("sms:+15551230001"),
                                                   HasSubstr("is another contact's"))));
}

model::contact any_contact() {
  model::contact who;
  who.id = model::contact_id{any::id()};
  who.name = any::text();
  const auto count = *rc::gen::inRange(0, 10);
  for (int i = 0; i < count; ++i)
    who.addresses.push_back(sms("+1555" + std::to_string(1'000'000 + i)));
  for (int i = 0; i < count; ++i)
    who.attributes.push_back({any::text(), any::text()});
  who.language = any::text();
  who.time_zone = any::text();
  who.phone_books = any::several(any::text);
  who.created_at = any::time();
  who.updated_at = any::time();
  return who;
}

RC_GTEST_PROP(contact_codec, gives_back_what_it_was_given, ()) {
  const auto who = any_contact();
  std::string value;
  encode(who, value);
  RC_ASSERT(decode_contact(contact_key(demo, who.id), value) == who);
}

RC_GTEST_PROP(contact_codec, refuses_what_was_cut_short, ()) {
  const auto who = any_contact();
  std::string value;
  encode(who, value);
  value.resize(*rc::gen::inRange<std::size_t>(0, value.size()));
  RC_ASSERT_THROWS_AS(std::ignore = decode_contact(contact_key(demo, who.id), value),
                      corruption_error);
}

}  // namespace
}  // namespace parley::store
