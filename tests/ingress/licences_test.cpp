#include "src/ingress/api/licences.hpp"

#include "src/ingress/problem.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace parley::ingress {
namespace {

model::user user_of(std::string id, model::licence licence) {
  model::user made;
  made.id = std::move(id);
  made.licence = licence;
  return made;
}

/// Mission 2, "Who may": which conversation a user without `pro_cx` may write in or claim.
struct licence_case {
  const char* name;
  model::channel channel;
  const char* inbox;
  std::size_t users;
  bool needs_pro_cx;
};

class licences : public ::testing::TestWithParam<licence_case> {};

TEST_P(licences, are_asked_for) {
  const auto& param = GetParam();
  model::organization owner;
  owner.users = {user_of("sam", model::licence::standard),
                 user_of("paul", model::licence::pro),
                 user_of("cora", model::licence::pro_cx)};
  model::conversation_state state;
  state.pair.theirs.kind = param.channel;
  state.route.inbox = param.inbox;
  for (std::size_t i = 0; i < param.users; ++i)
    state.participants.push_back({.user = "user" + std::to_string(i)});
  for (const char* user : {"sam", "paul"})
    if (param.needs_pro_cx)
      EXPECT_THROW(require_licence(owner, state, user), refusal) << user;
    else
      EXPECT_NO_THROW(require_licence(owner, state, user)) << user;
  EXPECT_NO_THROW(require_licence(owner, state, "cora"));
  EXPECT_NO_THROW(require_licence(owner, state, "nobody"));
}

INSTANTIATE_TEST_SUITE_P(
  mission_2, licences,
  ::testing::Values(licence_case{"sms_one_to_one", model::channel::sms, "", 1, false},
                    licence_case{"sms_one_to_group", model::channel::sms, "", 2, true},
                    licence_case{"sms_of_an_inbox", model::channel::sms, "support", 1, true},
                    licence_case{"whatsapp", model::channel::whatsapp, "", 1, true},
                    licence_case{"chat_one_to_one", model::channel::chat, "", 2, false},
                    licence_case{"chat_group", model::channel::chat, "", 5, false}),
  [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace parley::ingress
