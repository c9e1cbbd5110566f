#include "parley/model/directory.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::model {
namespace {

user make_user(const std::string& id, const std::string& name) {
  user made;
  made.id = id;
  made.name = name;
  return made;
}

number make_number(const std::string& identifier, const std::string& link) {
  number made;
  made.identifier = identifier;
  made.link = link;
  return made;
}

organization make_organization(std::uint32_t index, const std::string& id) {
  organization made;
  made.index = index;
  made.id = id;
  made.users = {make_user("alice", "Alice of " + id), make_user("bob", "Bob")};
  made.teams = {{"support", {"alice", "bob"}}};
  made.inboxes.emplace_back().team = "support";
  made.links.emplace_back().id = id + "-link";
  made.numbers = {make_number("+15550100001", id + "-link"),
                  make_number("+1555020000" + std::to_string(index), "nowhere")};
  sha256_digest digest{};
  digest.fill(static_cast<std::uint8_t>(index));
  made.keys = {{"app", digest, {"*"}}};
  return made;
}

class directory_lookups : public ::testing::Test {
protected:
  directory known{{make_organization(1, "one"), make_organization(2, "two")}};
};

TEST_F(directory_lookups, find_organisations) {
  ASSERT_NE(known.find_organization(1), nullptr);
  EXPECT_EQ(known.find_organization(1)->id, "one");
  EXPECT_EQ(known.find_organization("two"), known.find_organization(2));
  EXPECT_EQ(known.find_organization(3), nullptr);
  EXPECT_EQ(known.find_organization("three"), nullptr);
  EXPECT_EQ(known.organizations().size(), 2U);
}

TEST_F(directory_lookups, find_links_by_their_id_alone) {
  const auto found = known.find_link("two-link");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->owner->id, "two");
  EXPECT_EQ(found->link->id, "two-link");
  EXPECT_FALSE(known.find_link(""));
  EXPECT_FALSE(known.find_link("two-lin"));
}

TEST_F(directory_lookups, find_a_number_only_in_its_organisation) {
  const auto first = known.find_number(1, "+15550100001");
  const auto second = known.find_number(2, "+15550100001");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->owner->id, "one");
  EXPECT_EQ(second->owner->id, "two");
  EXPECT_EQ(second->link->id, "two-link");
  EXPECT_TRUE(known.find_number(1, "+15550200001"));
  EXPECT_FALSE(known.find_number(2, "+15550200001")) << "crossed organisations (I11)";
  EXPECT_FALSE(known.find_number(3, "+15550100001"));
}

TEST_F(directory_lookups, give_no_link_where_there_is_none) {
  const auto found = known.find_number(1, "+15550200001");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->link, nullptr);
}

TEST_F(directory_lookups, find_keys_by_their_digest) {
  sha256_digest digest{};
  digest.fill(2);
  const auto found = known.find_key(digest);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->owner->id, "two");
  EXPECT_EQ(found->key->name, "app");
  digest.back() ^= 1;
  EXPECT_FALSE(known.find_key(digest));
}

TEST_F(directory_lookups, find_what_an_organisation_owns) {
  const auto& one = *known.find_organization(1);
  ASSERT_NE(one.find_user("alice"), nullptr);
  EXPECT_EQ(one.find_user("alice")->name, "Alice of one");
  EXPECT_NE(one.find_team("support"), nullptr);
  EXPECT_NE(one.find_inbox("support"), nullptr);
  EXPECT_EQ(one.find_user("carol"), nullptr);
  EXPECT_EQ(one.find_team("alice"), nullptr);
  EXPECT_EQ(one.find_inbox(""), nullptr);
}

TEST(directory, may_be_empty) {
  const directory nothing{{}};
  EXPECT_EQ(nothing.find_organization(0), nullptr);
  EXPECT_FALSE(nothing.find_link("x"));
  EXPECT_FALSE(nothing.find_key({}));
}

}  // namespace
}  // namespace parley::model
