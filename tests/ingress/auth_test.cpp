#include "src/ingress/auth.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace parley::ingress {
namespace {

model::organization organization_with_key(std::uint32_t index, std::string id,
                                          std::string_view key, std::vector<std::string> scopes) {
  model::organization made;
  made.index = index;
  made.id = std::move(id);
  made.keys.push_back({"app", sha256(key), std::move(scopes)});
  return made;
}

model::directory two_organizations() {
  std::vector<model::organization> all;
  all.push_back(organization_with_key(1, "demo", "demo-key", {"*"}));
  all.push_back(organization_with_key(2, "other", "other-key", {"events:read"}));
  return model::directory{std::move(all)};
}

TEST(sha256, is_the_published_one) {
  const auto digest = sha256("abc");
  EXPECT_EQ(digest[0], 0xba);
  EXPECT_EQ(digest[1], 0x78);
  EXPECT_EQ(digest[31], 0xad);
}

TEST(authenticate, finds_whose_key_it_is) {
  const auto directory = two_organizations();
  EXPECT_EQ(authenticate(directory, "Bearer demo-key").owner->id, "demo");
  EXPECT_EQ(authenticate(directory, "bearer  other-key ").owner->id, "other");
}

TEST(authenticate, refuses_everything_else) {
  const auto directory = two_organizations();
  for (const std::string& field :
       {std::string{}, std::string{"demo-key"}, std::string{"Bearer"}, std::string{"Bearer "},
        std::string{"Basic demo-key"}, std::string{"Bearer demo-key2"},
        std::string{"Bearer DEMO-KEY"}, "Bearer " + std::string(513, 'k')})
    try {
      (void)authenticate(directory, field);
      ADD_FAILURE() << field;
    } catch (const refusal& no) {
      EXPECT_EQ(no.code(), model::errc::unauthenticated) << field;
    }
}

TEST(scopes, are_whole_words_or_a_star) {
  model::api_key key;
  key.scopes = {"conversations:read", "messages:write"};
  EXPECT_TRUE(has_scope(key, "messages:write"));
  EXPECT_FALSE(has_scope(key, "messages"));
  EXPECT_FALSE(has_scope(key, "conversations:write"));
  key.scopes = {"*"};
  EXPECT_TRUE(has_scope(key, "conversations:write"));
  key.scopes = {};
  EXPECT_THROW(require_scope(key, "events:read"), refusal);
}

}  // namespace
}  // namespace parley::ingress
