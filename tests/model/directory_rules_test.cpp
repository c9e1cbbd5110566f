#include "parley/model/directory_rules.hpp"

#include "parley/model/directory_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace parley::model {
namespace {

using ::testing::HasSubstr;

organization demo() {
  organization made;
  made.index = 1;
  made.id = "demo";
  made.default_inbox = "sales";
  made.users = {{"alice", "Alice", licence::pro_cx, "101", ""},
                {"bob", "Bob", licence::standard, "", ""},
                {"carol", "Carol", licence::standard, "", ""},
                {"dave", "Dave", licence::standard, "", ""}};
  made.teams = {{"support", {"alice"}}, {"sales", {}}, {"night", {}}};
  made.inboxes.emplace_back().team = "support";
  made.inboxes.emplace_back().team = "sales";
  made.links = {{"tw", link_format::twilio, "AC00000000000000000000000000000001", "token",
                 "http://127.0.0.1:1", "https://hooks.example.com"},
                {"spare", link_format::http, "any", "token", "http://a", "http://b"}};
  made.numbers = {{"+15550100001", {"sms"}, "tw", "bob", "", 1.0},
                  {"+15550100002", {"sms"}, "tw", "", "support", 1.0}};
  made.caller_id_lists = {{"ani", {"+15550100002"}, {"carol"}}};
  sha256_digest digest{};
  made.keys = {{"app", digest, {"*"}}};
  return made;
}

// -- soundness ------------------------------------------------------------------------------------

TEST(directory_rules, find_no_fault_with_what_is_sound) {
  const auto owner = demo();
  const auto each = [&](const auto& all) {
    for (const auto& one : all)
      EXPECT_FALSE(fault_of(owner, one)) << fault_of(owner, one)->why;
  };
  each(owner.users);
  each(owner.teams);
  each(owner.inboxes);
  each(owner.links);
  each(owner.numbers);
  each(owner.caller_id_lists);
  each(owner.keys);
}

template <class T>
entry_fault fault_after(const std::function<void(T&)>& spoil) {
  const auto owner = demo();
  auto entry = (owner.*entry_kind<T>::all).front();
  spoil(entry);
  return fault_of(owner, entry).value_or(entry_fault{"", "sound"});
}

TEST(directory_rules, an_extension_belongs_to_one_user) {
  const auto fault = fault_after<user>([](user& u) { u.id = "erin"; });
  EXPECT_EQ(fault.member, "extension");
  EXPECT_EQ(fault.code, errc::already_exists);
  EXPECT_THAT(fault.why, HasSubstr("`alice`"));
}

TEST(directory_rules, references_must_point_to_something_and_say_which_does_not) {
  const auto member = fault_after<team>([](team& t) { t.members = {"alice", "zoe"}; });
  EXPECT_EQ(member.member, "members");
  EXPECT_EQ(member.element, 1U);
  EXPECT_EQ(member.why, "names the user `zoe`, which there is not");
  EXPECT_EQ(fault_after<inbox>([](inbox& i) { i.team = "gone"; }).member, "team");
  EXPECT_EQ(fault_after<number>([](number& n) { n.link = "gone"; }).member, "link");
  EXPECT_EQ(fault_after<number>([](number& n) { n.user = "gone"; }).member, "user");
  EXPECT_EQ(fault_after<number>([](number& n) { n.inbox = "gone"; }).member, "inbox");
  using list = caller_id_list;
  EXPECT_EQ(fault_after<list>([](list& l) { l.numbers = {"+15550109999"}; }).member, "numbers");
  EXPECT_EQ(fault_after<list>([](list& l) { l.users = {"zoe"}; }).member, "users");
}

TEST(directory_rules, a_number_belongs_to_a_user_or_an_inbox) {
  EXPECT_EQ(fault_after<number>([](number& n) { n.inbox = "support"; }).member, "inbox");
}

TEST(directory_rules, what_comes_from_outside_is_bounded) {
  const std::string long_text(10'000, 'x');
  EXPECT_EQ(fault_after<user>([&](user& u) { u.id = long_text; }).member, "id");
  EXPECT_EQ(fault_after<user>([&](user& u) { u.name = long_text; }).member, "name");
  EXPECT_EQ(fault_after<user>([&](user& u) { u.extension = long_text; }).member, "extension");
  EXPECT_EQ(fault_after<user>([&](user& u) { u.email = long_text; }).member, "email");
  EXPECT_EQ(fault_after<inbox>([&](inbox& i) { i.auto_reply = long_text; }).member, "auto_reply");
  EXPECT_EQ(fault_after<inbox>([](inbox& i) { i.close_after_s = 0; }).member, "close_after_s");
  EXPECT_EQ(fault_after<link>([&](link& l) { l.auth_token = long_text; }).member, "auth_token");
  EXPECT_EQ(fault_after<link>([&](link& l) { l.api_base = "http://" + long_text; }).member,
            "api_base");
  EXPECT_EQ(fault_after<number>([](number& n) { n.rate_segments_per_s = 1e9; }).member, "rate");
  EXPECT_EQ(fault_after<api_key>([&](api_key& k) { k.name = long_text; }).member, "name");
  EXPECT_EQ(fault_after<api_key>([&](api_key& k) { k.scopes.assign(65, "a:read"); }).member,
            "scopes");
}

TEST(directory_rules, the_same_key_has_one_name) {
  const auto fault = fault_after<api_key>([](api_key& k) { k.name = "other"; });
  EXPECT_EQ(fault.member, "key");
  EXPECT_EQ(fault.code, errc::already_exists);
}

// -- use ------------------------------------------------------------------------------------------

TEST(directory_rules, what_is_in_use_says_what_uses_it) {
  const auto owner = demo();
  EXPECT_THAT(use_of(owner, owner.users[0]), HasSubstr("the team `support`"));
  EXPECT_THAT(use_of(owner, owner.users[1]), HasSubstr("the number `+15550100001`"));
  EXPECT_THAT(use_of(owner, owner.users[2]), HasSubstr("the caller id list `ani`"));
  EXPECT_EQ(use_of(owner, owner.users[3]), "");
  EXPECT_THAT(use_of(owner, owner.teams[0]), HasSubstr("inbox"));
  EXPECT_EQ(use_of(owner, owner.teams[2]), "");
  EXPECT_THAT(use_of(owner, owner.inboxes[0]), HasSubstr("the number `+15550100002`"));
  EXPECT_THAT(use_of(owner, owner.inboxes[1]), HasSubstr("default inbox"));
  EXPECT_THAT(use_of(owner, owner.links[0]), HasSubstr("the number `+15550100001`"));
  EXPECT_EQ(use_of(owner, owner.links[1]), "");
  EXPECT_EQ(use_of(owner, owner.numbers[0]), "");
  EXPECT_THAT(use_of(owner, owner.numbers[1]), HasSubstr("the caller id list `ani`"));
  EXPECT_EQ(use_of(owner, owner.caller_id_lists[0]), "");
}

// -- words ----------------------------------------------------------------------------------------

TEST(directory_words, go_both_ways) {
  EXPECT_EQ(value_of<licence>("pro_cx"), licence::pro_cx);
  EXPECT_EQ(word_for(licence::pro_cx), "pro_cx");
  EXPECT_FALSE(value_of<licence>("gold"));
  EXPECT_EQ(all_words<licence>(), "standard, pro, pro_cx");
}

TEST(directory_rules, an_automatic_reply_fits_a_message) {
  organization owner;
  owner.teams = {{"support", {}}};
  inbox entry;
  entry.team = "support";
  for (int i = 0; i < 1600; ++i)
    entry.auto_reply += "ä";
  EXPECT_FALSE(fault_of(owner, entry));
  entry.auto_reply += "!";
  const auto found = fault_of(owner, entry);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->member, "auto_reply");
}

}  // namespace
}  // namespace parley::model
