#include "src/ingress/viewer.hpp"

#include "src/ingress/problem.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
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

/// One user of each role, none of whom takes part in anything, and a team.
model::organization demo() {
  model::organization owner;
  owner.index = 7;
  owner.users = {user_of("olga", role::owner), user_of("adam", role::admin),
                 user_of("anna", role::agent), user_of("rita", role::read_only)};
  owner.teams = {{"support", {"anna", "rita"}}, {"sales", {}}};
  return owner;
}

model::conversation_state talk(std::vector<std::string> users, std::string inbox = {}) {
  model::conversation_state state;
  state.id.bytes[15] = 1;
  state.route.inbox = std::move(inbox);
  for (auto& user : users)
    state.participants.push_back({.user = std::move(user)});
  return state;
}

viewer as(const model::organization& owner, const char* user) {
  return {.owner = &owner, .user = owner.find_user(user), .numbers = audience::clear};
}

struct sight_case {
  const char* user;
  bool others;      ///< A conversation of somebody else.
  bool own;         ///< One that the user takes part in.
  bool own_teams;   ///< One of support's inbox, with somebody else in it.
  bool other_teams;
  bool unrouted;
};

class may_see_by_role : public ::testing::TestWithParam<sight_case> {};

TEST_P(may_see_by_role, holds) {
  const auto& param = GetParam();
  const auto owner = demo();
  auto unrouted = talk({});
  unrouted.route.unrouted = true;
  EXPECT_EQ(may_see(owner, param.user, talk({"bob"})), param.others);
  EXPECT_EQ(may_see(owner, param.user, talk({"bob", param.user})), param.own);
  EXPECT_EQ(may_see(owner, param.user, talk({"bob"}, "support")), param.own_teams);
  EXPECT_EQ(may_see(owner, param.user, talk({"bob"}, "sales")), param.other_teams);
  EXPECT_EQ(may_see(owner, param.user, unrouted), param.unrouted);
}

INSTANTIATE_TEST_SUITE_P(
  roles, may_see_by_role,
  ::testing::Values(sight_case{"olga", true, true, true, true, true},
                    sight_case{"adam", true, true, true, true, true},
                    sight_case{"anna", false, true, true, false, false},
                    sight_case{"rita", false, true, true, false, false},
                    sight_case{"nobody", false, false, false, false, false}));

TEST(may_see, an_application_sees_everything) {
  const auto owner = demo();
  EXPECT_TRUE(may_see(viewer{.owner = &owner}, talk({"bob"})));
  EXPECT_TRUE(sees_everything({.owner = &owner}));
}

std::optional<model::errc> refusal_of(const viewer& who, role least) {
  try {
    require_role(who, least);
    return std::nullopt;
  } catch (const refusal& no) {
    return no.code();
  }
}

TEST(require_role, takes_that_role_and_those_that_may_do_more) {
  const auto owner = demo();
  const auto all = {role::owner, role::admin, role::agent, role::read_only};
  for (const auto& user : owner.users)
    for (const auto least : all)
      EXPECT_EQ(refusal_of(as(owner, user.id.c_str()), least).has_value(), user.role > least)
        << user.id;
  for (const auto least : all)
    EXPECT_FALSE(refusal_of({.owner = &owner}, least)) << "an application's scopes decide";
}

TEST(hidden_up_to, is_what_was_before_joining_where_history_begins_there) {
  const auto owner = demo();
  auto state = talk({"anna"}, "support");
  state.participants[0].joined_index = 5;
  EXPECT_EQ(hidden_up_to(as(owner, "anna"), state), 0U) << "history: all";
  state.route.history_from_join = true;
  EXPECT_EQ(hidden_up_to(as(owner, "anna"), state), 5U);
  EXPECT_EQ(hidden_up_to(as(owner, "adam"), state), 0U);
  EXPECT_EQ(hidden_up_to({.owner = &owner}, state), 0U);
  constexpr auto every_message = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(hidden_up_to(as(owner, "rita"), state), every_message) << "a member who has not joined";
  state.away.push_back({.user = "rita", .joined_index = 2});
  EXPECT_EQ(hidden_up_to(as(owner, "rita"), state), 2U) << "kept away by a claim";
}

/// What an event must be about, and whether anna, who joined after the fifth message, is shown it.
struct event_case {
  model::event_body body;
  bool shown;
};

model::event_body message(std::uint64_t index) {
  model::message_added added;
  added.index = index;
  return added;
}

TEST(is_shown, an_events_message_is_hidden_like_the_message) {
  const auto owner = demo();
  auto state = talk({"anna"});
  state.participants[0].joined_index = 5;
  state.route.history_from_join = true;
  const auto anna = as(owner, "anna");
  const std::vector<event_case> cases{
    {message(5), false},
    {message(6), true},
    {model::delivery_changed{.message = {}, .index = 5, .provider_id = {}}, false},
    {model::delivery_changed{.message = {}, .index = 6, .provider_id = {}}, true},
    {model::message_redacted{.message = {}, .index = 5, .message_seq = 1}, false},
    {model::message_redacted{.message = {}, .index = 6, .message_seq = 1}, true},
    {model::media_settled{.message = {}, .index = 5, .message_seq = 1}, false},
    {model::message_edited{.message = {}, .index = 5, .message_seq = 1}, false},
    {model::message_edited{.message = {}, .index = 6, .message_seq = 1}, true},
    {model::media_settled{.message = {}, .index = 6, .message_seq = 1}, true},
    {model::labels_changed{{"vip"}}, true},
    {model::conversation_closed{}, true}};
  for (const auto& [body, shown] : cases)
    EXPECT_EQ(is_shown(anna, subject_of({state.id, {}, body}), sight_of(anna, state)), shown)
      << body.index();
}

TEST(is_shown, who_ceases_to_take_part_is_told_of_that_and_of_nothing_more) {
  const auto owner = demo();
  const auto state = talk({"bob"});
  const auto anna = as(owner, "anna");
  const auto sees = [&](model::event_body body) {
    return is_shown(anna, subject_of({state.id, {}, std::move(body)}), sight_of(anna, state));
  };
  EXPECT_TRUE(sees(model::participant_removed{"anna"}));
  EXPECT_FALSE(sees(model::participant_removed{"rita"}));
  model::conversation_transferred given;
  given.by = "anna";
  EXPECT_TRUE(sees(given));
  given.by = "rita";
  EXPECT_FALSE(sees(given));
  EXPECT_FALSE(sees(message(1)));
  EXPECT_TRUE(sees(model::availability_changed{.user = "bob"})) << "colleagues see who is there";
}

TEST(is_shown, a_consent_that_no_conversation_heard_is_for_those_who_see_everything) {
  const auto owner = demo();
  const auto state = talk({"anna"});
  const auto sees = [&](const viewer& who, const model::conversation_id& heard_in) {
    const auto seen = heard_in.has_value() ? state : talk({});
    return is_shown(who, subject_of({heard_in, {}, model::consent_changed{}}), sight_of(who, seen));
  };
  for (const auto* user : {"olga", "adam"})
    EXPECT_TRUE(sees(as(owner, user), {})) << user;
  EXPECT_TRUE(sees({.owner = &owner}, {})) << "an application";
  for (const auto* user : {"anna", "rita"})
    EXPECT_FALSE(sees(as(owner, user), {})) << user;
  EXPECT_TRUE(sees(as(owner, "anna"), state.id)) << "who takes part hears what was said there";
  EXPECT_FALSE(sees(as(owner, "rita"), state.id));
}

// -- viewer_of ------------------------------------------------------------------------------------

model::api_key key_of(std::vector<std::string> scopes, std::string user = {}) {
  model::api_key key;
  key.scopes = std::move(scopes);
  key.user = std::move(user);
  return key;
}

TEST(viewer_of, is_the_keys_user_who_must_be_there) {
  const auto owner = demo();
  const auto application = key_of({"*"});
  EXPECT_EQ(viewer_of({&owner, &application}).user, nullptr);
  const auto annas = key_of({"*"}, "anna");
  EXPECT_EQ(viewer_of({&owner, &annas}).user, owner.find_user("anna"));
  const auto gone = key_of({"*"}, "gone");
  try {
    std::ignore = viewer_of({&owner, &gone});
    FAIL() << "a key of nobody";
  } catch (const refusal& no) {
    EXPECT_EQ(no.code(), model::errc::role_required);
  }
}

TEST(viewer_of, is_shown_numbers_unless_they_are_hidden_and_the_scope_is_missing) {
  auto owner = demo();
  const auto plain = key_of({"conversations:read"});
  const auto with_scope = key_of({"conversations:read", "contact_numbers:read"}, "anna");
  const auto all_scopes = key_of({"*"}, "rita");
  const auto an_owners = key_of({"conversations:read"}, "olga");
  EXPECT_EQ(viewer_of({&owner, &plain}).numbers, audience::clear);
  owner.hide_contact_numbers = true;
  EXPECT_EQ(viewer_of({&owner, &plain}).numbers, audience::masked);
  EXPECT_EQ(viewer_of({&owner, &an_owners}).numbers, audience::masked);
  EXPECT_EQ(viewer_of({&owner, &with_scope}).numbers, audience::clear);
  EXPECT_EQ(viewer_of({&owner, &all_scopes}).numbers, audience::masked);
  const auto everything = key_of({"*"});
  const auto an_admins = key_of({"*"}, "adam");
  EXPECT_EQ(viewer_of({&owner, &everything}).numbers, audience::clear);
  EXPECT_EQ(viewer_of({&owner, &an_admins}).numbers, audience::clear);
}

}  // namespace
}  // namespace parley::ingress
