#include "src/ingress/api/directory_changes.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::ingress {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t plenty = 1'000;

model::organization demo() {
  model::organization made;
  made.index = 1;
  made.id = "demo";
  made.name = "Demo";
  made.users = {{"alice", "Alice", model::licence::pro_cx, "101", "a@example.com"},
                {"bob", "Bob", model::licence::standard, "", ""}};
  made.teams = {{"support", {"alice"}}};
  made.inboxes.emplace_back().team = "support";
  made.links = {{"tw", model::link_format::twilio, "AC00000000000000000000000000000001", "token",
                 "http://127.0.0.1:1", "https://hooks.example.com"}};
  made.numbers = {{"+15550100001", {"sms"}, "tw", "alice", "", 1.0}};
  return made;
}

object_reader object(std::string_view text) {
  return object_reader{text, 16};
}

template <class F>
model::errc refusal_of(F&& change) {
  try {
    change();
  } catch (const refusal& no) {
    EXPECT_NE(no.detail(), "");
    return no.code();
  }
  ADD_FAILURE() << "it was not refused";
  return model::errc::internal;
}

/// Every change that is refused leaves everything as it was: the registrar relies on it.
class directory_change_refused : public ::testing::Test {
protected:
  ~directory_change_refused() override { EXPECT_EQ(owner, demo()); }

  model::organization owner = demo();
  std::vector<model::organization> all{demo()};
};

TEST_F(directory_change_refused, because_it_is_taken) {
  model::user user;
  user.id = "alice";
  EXPECT_EQ(refusal_of([&] { add_entry(owner, all, user, plenty); }), model::errc::already_exists);
}

TEST_F(directory_change_refused, because_it_is_not_sound) {
  model::user user;
  user.id = "Erin";
  EXPECT_EQ(refusal_of([&] { add_entry(owner, all, user, plenty); }), model::errc::malformed);
}

TEST_F(directory_change_refused, because_what_would_become_of_it_is_not_sound) {
  const auto in = object(R"({"name":"Robert","extension":"101"})");
  EXPECT_EQ(refusal_of([&] { change_entry<model::user>(owner, "bob", in); }),
            model::errc::already_exists);
}

TEST_F(directory_change_refused, because_a_member_cannot_be_read) {
  const auto in = object(R"({"name":"Robert","licence":7})");
  EXPECT_EQ(refusal_of([&] { change_entry<model::user>(owner, "bob", in); }),
            model::errc::malformed);
}

TEST_F(directory_change_refused, because_there_is_none) {
  const auto in = object("{}");
  EXPECT_EQ(refusal_of([&] { change_entry<model::user>(owner, "zoe", in); }),
            model::errc::not_found);
  EXPECT_EQ(refusal_of([&] { remove_entry<model::user>(owner, "zoe"); }), model::errc::not_found);
}

TEST_F(directory_change_refused, because_there_is_no_room) {
  model::user user;
  user.id = "erin";
  EXPECT_EQ(refusal_of([&] { add_entry(owner, all, user, 6); }), model::errc::too_many);
  auto roomy = owner;
  add_entry(roomy, all, user, 7);
  EXPECT_EQ(roomy.users.size(), owner.users.size() + 1);
}

TEST_F(directory_change_refused, because_it_is_in_use) {
  EXPECT_EQ(refusal_of([&] { remove_entry<model::user>(owner, "alice"); }), model::errc::in_use);
  EXPECT_EQ(refusal_of([&] { remove_entry<model::team>(owner, "support"); }),
            model::errc::in_use);
  EXPECT_EQ(refusal_of([&] { remove_entry<model::link>(owner, "tw"); }), model::errc::in_use);
}

TEST_F(directory_change_refused, because_another_organisation_has_what_is_unique_over_all) {
  model::organization other;
  other.index = 2;
  other.id = "secret-name";
  other.links = demo().links;
  other.links.front().id = "theirs";
  other.keys.emplace_back().digest.fill(7);
  all.push_back(other);
  try {
    add_entry(owner, all, other.links.front(), plenty);
    ADD_FAILURE() << "it was not refused";
  } catch (const refusal& no) {
    EXPECT_EQ(no.code(), model::errc::already_exists);
    EXPECT_EQ(no.detail().find("secret-name"), std::string::npos) << "I11";
  }
  auto key = other.keys.front();
  key.name = "mine";
  key.scopes = {"*"};
  EXPECT_EQ(refusal_of([&] { add_entry(owner, all, key, plenty); }), model::errc::already_exists);
}

TEST(directory_change, sets_the_members_that_are_given_and_no_others) {
  auto owner = demo();
  change_entry<model::user>(owner, "alice", object(R"({"licence":"pro"})"));
  EXPECT_EQ(owner.users[0],
            (model::user{"alice", "Alice", model::licence::pro, "101", "a@example.com"}));
  change_entry<model::user>(owner, "alice", object(R"({"extension":null,"email":""})"));
  EXPECT_EQ(owner.users[0], (model::user{"alice", "Alice", model::licence::pro, "", ""}));
}

TEST(directory_change, removes_the_one_and_leaves_the_others) {
  auto owner = demo();
  remove_entry<model::user>(owner, "bob");
  ASSERT_EQ(owner.users.size(), 1U);
  EXPECT_EQ(owner.users[0].id, "alice");
}

TEST(directory_change, of_many_users_reports_each_row_and_says_whether_anything_changed) {
  auto owner = demo();
  const auto rows = boost::json::parse(R"([{"id":"erin"},{"id":"alice"},7,{"id":"erin"}])");
  const auto made = add_users(owner, {rows.get_array().begin(), rows.get_array().end()}, plenty,
                              model::role::owner);
  EXPECT_TRUE(made.changed);
  EXPECT_EQ(made.answer.status, 200);
  EXPECT_THAT(made.answer.body, HasSubstr(R"("created":1,"refused":3)"));
  EXPECT_EQ(owner.users.back().id, "erin");
  EXPECT_EQ(owner.users.size(), 3U);
  EXPECT_FALSE(add_users(owner, {rows.get_array()[1]}, plenty, model::role::owner).changed);
}

TEST(directory_change, of_many_users_stops_adding_when_there_is_no_room) {
  auto owner = demo();
  const auto rows = boost::json::parse(R"([{"id":"erin"},{"id":"frank"}])");
  const auto made = add_users(owner, {rows.get_array().begin(), rows.get_array().end()}, 7,
                              model::role::owner);
  EXPECT_THAT(made.answer.body, HasSubstr(R"("created":1,"refused":1)"));
  EXPECT_THAT(made.answer.body, HasSubstr("too_many"));
}

TEST(directory_entries, a_link_and_a_key_are_shown_without_their_secrets) {
  const auto members_of = [](const auto& entry) {
    std::string text;
    json_writer json{text};
    json.begin_object();
    write_members(json, entry);
    json.end_object();
    return text;
  };
  EXPECT_EQ(members_of(demo().links.front()).find("token"), std::string::npos);
  model::api_key key;
  key.name = "app";
  key.scopes = {"*"};
  EXPECT_EQ(shown_entry(200, key).body, R"({"name":"app","scopes":["*"],"user":null})");
}

TEST(directory_entries, a_data_action_is_shown_without_its_secret) {
  model::data_action action;
  action.id = "crm";
  action.secret = "sixteen-or-more-characters";
  EXPECT_EQ(shown_entry(200, action).body.find("sixteen"), std::string::npos);
}

TEST(directory_entries, a_webhook_is_on_for_all_and_is_shown_without_its_secret) {
  model::webhook entry;
  read_members(object(R"({"id":"crm","url":"https://a","secret":"sixteen-or-more-characters"})"),
               entry);
  EXPECT_EQ(entry.secret, "sixteen-or-more-characters");
  EXPECT_EQ(shown_entry(200, entry).body,
            R"({"id":"crm","url":"https://a","types":[],"enabled":true})");
  read_members(object(R"({"types":["delivery.updated"],"enabled":false})"), entry);
  EXPECT_EQ(shown_entry(200, entry).body,
            R"({"id":"crm","url":"https://a","types":["delivery.updated"],"enabled":false})");
  for (const auto* none : {R"({"enabled":null})", R"({"enabled":"yes"})", R"({"types":"all"})",
                           R"({"type":[]})"})
    EXPECT_EQ(refusal_of([&] { read_members(object(none), entry); }), model::errc::malformed)
      << none;
}

TEST(directory_entries, a_template_needs_a_category_and_comes_back_as_it_is_shown) {
  model::message_template entry;
  EXPECT_EQ(refusal_of([&] {
              read_members(object(R"({"id":"t","name":"t","language":"de"})"), entry);
            }),
            model::errc::malformed);
  const std::string_view json
    = R"({"id":"t","name":"hello","language":"de","category":"marketing","state":"pending",)"
      R"("carrier_id":null,"components":[{"type":"body","text":"Hallo {{1}}"},)"
      R"({"type":"button","text":"Los"}]})";
  model::message_template fresh;
  read_members(object(json), fresh);
  EXPECT_EQ(fresh.components.size(), 2U);
  EXPECT_EQ(shown_entry(200, fresh).body, json);
}

TEST(directory_entries, what_is_refused_within_an_array_names_its_place) {
  model::business_hours entry;
  const auto in = object(R"({"id":"office","periods":[{"days":["mon"],"from":"09:00",
                             "to":"12:00"},{"days":["mon"],"from":"24:01","to":"12:00"}]})");
  try {
    read_members(in, entry);
    ADD_FAILURE() << "it was not refused";
  } catch (const refusal& no) {
    EXPECT_EQ(no.detail(), "in `periods[1]`: `from` must be a time such as 09:00, not `24:01`");
  }
}

TEST(directory_change, of_settings_is_whole_or_not_at_all_and_leaves_the_entries) {
  auto owner = demo();
  EXPECT_EQ(refusal_of([&] {
              change_settings(owner, object(R"({"name":"New","default_inbox":"gone"})"));
            }),
            model::errc::malformed);
  EXPECT_EQ(refusal_of([&] {
              change_settings(owner, object(R"({"name":"New","time_zone":"Nowhere"})"));
            }),
            model::errc::malformed);
  EXPECT_EQ(owner, demo());
  change_settings(owner, object(R"({"name":"New","default_inbox":"support"})"));
  auto expected = demo();
  expected.name = "New";
  expected.default_inbox = "support";
  EXPECT_EQ(owner, expected);
}

}  // namespace
}  // namespace parley::ingress
