#include "src/ingress/api/reach.hpp"

#include "src/ingress/problem.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace parley::ingress {
namespace {

using model::role;

model::user user_of(std::string id, model::role role = model::role::agent) {
  model::user made;
  made.id = std::move(id);
  made.role = role;
  return made;
}

model::organization demo() {
  model::organization owner;
  owner.users = {user_of("olga", role::owner), user_of("adam", role::admin)};
  return owner;
}

template <class T>
bool within_reach(role mine, const T& entry) {
  try {
    require_reach(mine, demo(), entry);
    return true;
  } catch (const refusal& no) {
    EXPECT_EQ(no.code(), model::errc::role_required);
    return false;
  }
}

TEST(reach, an_owner_is_made_and_changed_by_owners) {
  for (const auto theirs : {role::admin, role::agent, role::read_only}) {
    EXPECT_TRUE(within_reach(role::admin, user_of("x", theirs)));
    EXPECT_TRUE(within_reach(role::owner, user_of("x", theirs)));
  }
  EXPECT_FALSE(within_reach(role::admin, user_of("x", role::owner)));
  EXPECT_TRUE(within_reach(role::owner, user_of("x", role::owner)));
}

struct key_case {
  std::vector<std::string> scopes;
  std::string user;
  bool admins;
};

TEST(reach, a_key_that_could_make_an_owner_is_the_owners) {
  const std::vector<key_case> cases{{{"*"}, "", false},
                                    {{"messages:write", "*"}, "adam", false},
                                    {{"directory:write"}, "", false},
                                    {{"directory:write"}, "adam", true},
                                    {{"directory:read"}, "olga", false},
                                    {{"messages:write", "directory:read"}, "", true}};
  for (const auto& [scopes, user, admins] : cases) {
    model::api_key key;
    key.scopes = scopes;
    key.user = user;
    EXPECT_EQ(within_reach(role::admin, key), admins) << scopes[0] << " of " << user;
    EXPECT_TRUE(within_reach(role::owner, key));
  }
}

TEST(reach, everything_else_is_open_to_who_may_ask) {
  EXPECT_TRUE(within_reach(role::admin, model::team{"support", {"olga"}}));
  EXPECT_TRUE(within_reach(role::admin, model::link{}));
}

}  // namespace
}  // namespace parley::ingress
