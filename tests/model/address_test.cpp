#include "parley/model/address.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace parley::model {
namespace {

struct address_case {
  const char* text;
  channel kind;
  const char* identifier;
};

class address_reads : public ::testing::TestWithParam<address_case> {};

TEST_P(address_reads, and_writes_the_same) {
  const auto& param = GetParam();
  const auto read = address::parse(param.text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, param.kind);
  EXPECT_EQ(read->identifier, param.identifier);
  EXPECT_EQ(read->text(), param.text);
}

INSTANTIATE_TEST_SUITE_P(
  texts, address_reads,
  ::testing::Values(address_case{"sms:+15551230001", channel::sms, "+15551230001"},
                    address_case{"sms:+1234567", channel::sms, "+1234567"},
                    address_case{"sms:+123456789012345", channel::sms, "+123456789012345"},
                    address_case{"sms:911", channel::sms, "911"},
                    address_case{"sms:12345678", channel::sms, "12345678"},
                    address_case{"whatsapp:+15551230001", channel::whatsapp, "+15551230001"},
                    address_case{"whatsapp:US.13491208655302741918", channel::whatsapp,
                                 "US.13491208655302741918"},
                    address_case{"whatsapp:US.ENT.11815799212886844830", channel::whatsapp,
                                 "US.ENT.11815799212886844830"},
                    address_case{"chat:alice", channel::chat, "alice"},
                    address_case{"chat:a:b", channel::chat, "a:b"}));

class address_refuses : public ::testing::TestWithParam<std::string> {};

TEST_P(address_refuses, what_is_none) {
  EXPECT_FALSE(address::parse(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
  texts, address_refuses,
  ::testing::Values("", ":", "sms:", "sms", "+15551230001", "sms:+123456", "sms:+1234567890123456",
                    "sms:12", "sms:123456789", "sms:+1555123000a", "sms:15551230001+",
                    "sms:++5551230001", "sms: +15551230001", "sms:+15551230001 ", "sms:ACME",
                    "SMS:+15551230001", "mms:+15551230001", "whatsapp:15551230001",
                    "whatsapp:us.1349", "whatsapp:US.", "whatsapp:US..1", "whatsapp:US.1.",
                    "whatsapp:USA.1", "whatsapp:US.1-2", "whatsapp:US1349", "chat:", "chat:a b",
                    "chat:a\tb", "chat:caf\xc3\xa9", "chat:\x7f", "chat:" + std::string(65, 'a'),
                    "whatsapp:US." + std::string(62, '1'), std::string{"chat:a\0b", 8},
                    std::string{"sms\0:+15551230001", 17}));

struct carrier_case {
  const char* text;
  const char* expected;  ///< In our own form; null when refused.
};

class carrier_address : public ::testing::TestWithParam<carrier_case> {};

TEST_P(carrier_address, reads) {
  const auto read = address::parse_carrier(GetParam().text);
  if (GetParam().expected == nullptr)
    EXPECT_FALSE(read) << GetParam().text;
  else
    EXPECT_EQ(read.value().text(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
  texts, carrier_address,
  ::testing::Values(carrier_case{"+15551230001", "sms:+15551230001"},
                    carrier_case{"55512", "sms:55512"},
                    carrier_case{"whatsapp:+15551230001", "whatsapp:+15551230001"},
                    carrier_case{"whatsapp:DE.13491", "whatsapp:DE.13491"},
                    carrier_case{"ACME", nullptr}, carrier_case{"", nullptr},
                    carrier_case{"sms:+15551230001", nullptr},
                    carrier_case{"chat:alice", nullptr},
                    carrier_case{"messenger:1234567", nullptr},
                    carrier_case{"rcs:+15551230001", nullptr},
                    carrier_case{"whatsapp:", nullptr},
                    carrier_case{"WhatsApp:+15551230001", nullptr},
                    carrier_case{"whatsapp:whatsapp:+15551230001", nullptr}));

address any_address() {
  const auto digits = [](int least, int most) {
    const auto size = *rc::gen::inRange<std::size_t>(static_cast<std::size_t>(least),
                                                     static_cast<std::size_t>(most) + 1);
    return *rc::gen::container<std::string>(size, rc::gen::inRange('0', '9'));
  };
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return {channel::sms, "+" + digits(7, 15)};
    case 1:
      return {channel::sms, digits(3, 8)};
    case 2:
      return {channel::whatsapp, "US." + digits(1, 61)};
    default:
      return {channel::chat, *rc::gen::nonEmpty(rc::gen::resize(
                               60, rc::gen::container<std::string>(rc::gen::inRange('!', '~'))))};
  }
}

RC_GTEST_PROP(addresses, round_trip, ()) {
  const auto what = any_address();
  RC_ASSERT(address::parse(what.text()) == what);
}

RC_GTEST_PROP(addresses, survive_any_bytes, (const std::string& text)) {
  for (const auto* prefix : {"", "sms:", "whatsapp:", "chat:"})
    if (const auto read = address::parse(prefix + text))
      RC_ASSERT(read->text() == prefix + text);
}

pair any_pair() {
  return {*rc::gen::arbitrary<std::uint32_t>(), any_address(), any_address()};
}

TEST(pair_key, is_organisation_ours_nul_theirs) {
  const pair what{0x01020304, {channel::sms, "+15550100001"}, {channel::sms, "+15550100002"}};
  EXPECT_EQ(what.key(), std::string{"\x01\x02\x03\x04sms:+15550100001"} + '\0'
                          + "sms:+15550100002");
}

RC_GTEST_PROP(pair_key, round_trips, ()) {
  const auto what = any_pair();
  RC_ASSERT(pair::from_key(what.key()) == what);
}

RC_GTEST_PROP(pair_key, groups_by_organisation, ()) {
  const auto a = any_pair();
  const auto b = any_pair();
  if (a.organization < b.organization)
    RC_ASSERT(a.key() < b.key());
}

TEST(pair_key, is_refused_when_damaged) {
  const auto key = pair{7, {channel::sms, "+15550100001"}, {channel::chat, "bob"}}.key();
  ASSERT_TRUE(pair::from_key(key));
  for (std::size_t size = 0; size < key.size() - 2; ++size)
    EXPECT_FALSE(pair::from_key(key.substr(0, size))) << size;
  EXPECT_FALSE(pair::from_key(key + '\0'));
  auto joined = key;
  std::ranges::replace(joined.begin() + 4, joined.end(), '\0', ' ');
  EXPECT_FALSE(pair::from_key(joined));
}

TEST(address_group, is_the_sorted_set_of_its_members) {
  const auto group = address::group_of(channel::sms, {"+15551230002", "+15551230001"});
  ASSERT_TRUE(group);
  EXPECT_TRUE(group->is_group());
  EXPECT_EQ(group->text(), "sms:+15551230001,+15551230002");
  EXPECT_EQ(group->members(), (std::vector<address>{{channel::sms, "+15551230001"},
                                                    {channel::sms, "+15551230002"}}));
  EXPECT_EQ(address::parse_peer(group->text()), group);
  EXPECT_FALSE(address::parse(group->text())) << "nobody says a group where an address is meant";
  const pair between{7, {channel::sms, "+15550100001"}, *group};
  EXPECT_EQ(pair::from_key(between.key()), between);
}

TEST(address_group, has_two_to_nine_different_members) {
  const auto of = [](std::vector<std::string> identifiers) {
    return address::group_of(channel::sms, std::move(identifiers));
  };
  std::vector<std::string> nine;
  for (int i = 0; i < 9; ++i)
    nine.push_back("+1555123000" + std::to_string(i));
  EXPECT_TRUE(of(nine));
  nine.push_back("+15551239999");
  EXPECT_FALSE(of(nine));
  EXPECT_FALSE(of({"+15551230001"}));
  EXPECT_FALSE(of({"+15551230001", "+15551230001"}));
  EXPECT_FALSE(of({"+15551230001", "nobody"}));
  EXPECT_FALSE(address::group_of(channel::whatsapp, {"+15551230001", "+15551230002"}));
}

TEST(address_group, is_read_only_as_it_is_written) {
  for (const char* text : {"sms:+15551230002,+15551230001", "sms:+15551230001,+15551230001",
                           "sms:+15551230001,", "sms:,+15551230001", "sms:,",
                           "whatsapp:+15551230001,+15551230002"})
    EXPECT_FALSE(address::parse_peer(text)) << text;
  EXPECT_EQ(address::parse_peer("sms:+15551230001"), address::parse("sms:+15551230001"));
  EXPECT_FALSE(address::parse("sms:+15551230001")->is_group());
}

}  // namespace
}  // namespace parley::model
