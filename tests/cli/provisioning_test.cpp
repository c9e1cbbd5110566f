#include "parley/cli/provisioning.hpp"

#include "parley/cli/configuration.hpp"
#include "parley/cli/input_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace parley::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Every kind of table, each key once. Tests replace one part and name the line.
constexpr std::string_view complete = R"([[organization]]
id = "demo"
name = "Demo Ltd"
time_zone = "America/New_York"
default_inbox = "support"
close_after_s = 86400
inactive_after_s = 3600

[[organization.key]]
name = "app"
key = "demo-key"
scopes = ["messages:write", "conversations:read"]

[[organization.user]]
id = "alice"
name = "Alice"
licence = "pro_cx"
extension = "101"
email = "alice@example.com"

[[organization.user]]
id = "bob"

[[organization.team]]
id = "support"
members = ["alice", "bob"]

[[organization.inbox]]
team = "support"
strategy = "everyone"
outbound = "allowed"
auto_reply = "Soon."
close_after_s = 60
inactive_after_s = 0

[[organization.link]]
id = "tw"
format = "twilio"
account_sid = "AC00000000000000000000000000000001"
auth_token = "secret"
api_base = "http://127.0.0.1:8090"
public_url = "https://hooks.example.com/parley"
unknown_outcome = "resend"

[[organization.number]]
address = "+15550100001"
channels = ["sms", "mms"]
link = "tw"
user = "alice"
rate = 2

[[organization.number]]
address = "73862"
channels = ["sms"]
link = "tw"
inbox = "support"

[[organization.caller_id_list]]
id = "sales"
numbers = ["73862"]
users = ["bob"]
)";

/// Goes on where `complete` ends: the tables that say where messages go, each key once.
constexpr std::string_view routing = R"(
[[organization.business_hours]]
id = "office"
time_zone = "Europe/Berlin"
holidays = ["2026-12-25", "2028-02-29"]

[[organization.business_hours.period]]
days = ["mon", "tue"]
from = "09:00"
to = "12:30"

[[organization.business_hours.period]]
days = ["sat"]
from = "00:00"
to = "24:00"

[[organization.data_action]]
id = "crm"
url = "https://crm.example.com/parley?v=1"
secret = "sixteen-or-more-characters"
trigger = "every_message"

[[organization.team]]
id = "sales"
members = ["bob"]

[[organization.inbox]]
team = "sales"
strategy = "least_busy"
available_only = true
max_open_per_user = 5
reopen_within_s = 3600
history = "from_join"
business_hours = "office"
data_action = "crm"

[[organization.inbox.escalation]]
after_s = 60
user = "alice"

[[organization.inbox.escalation]]
after_s = 60
team = "support"

[[organization.inbox.auto_reply_variant]]
text = "Wir haben geschlossen."
[organization.inbox.auto_reply_variant.when]
languages = ["de", "de-AT"]
countries = ["DE"]
numbers = ["73862"]
hours = "outside"

[[organization.rule]]
id = "complaints"
position = -1
users = ["alice"]
teams = ["sales"]
strategy = "round_robin"
auto_reply = "We are sorry."
labels = ["complaint"]
priority = "high"
close = true
data_action = "crm"

[organization.rule.when]
numbers = ["+15550100001"]
channels = ["sms"]
senders = ["+15551230001", "whatsapp:+15551230002"]
body_contains = "angry"
keywords = ["complaint"]
body_matches = "(?i)never again"
attribute = "tier"
attribute_value = "gold"
first_ever = true
)";

std::string everything() { return std::string{complete} + std::string{routing}; }

std::string replaced(std::string_view from, std::string_view old, std::string_view now) {
  std::string text{from};
  const auto at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return at == std::string::npos ? text : text.replace(at, old.size(), now);
}

std::string refusal_of(const std::vector<model::organization>& stored, std::string_view text) {
  try {
    (void)provision(stored, text, "directory.toml");
  } catch (const input_error& refused) {
    return refused.what();
  }
  return "";
}

TEST(provisioning, reads_every_key) {
  const auto all = provision({}, complete, "directory.toml");
  ASSERT_EQ(all.size(), 1U);
  const auto& owner = all.front();
  EXPECT_EQ(owner.index, 1U);
  EXPECT_EQ(owner.id, "demo");
  EXPECT_EQ(owner.name, "Demo Ltd");
  EXPECT_EQ(owner.time_zone, "America/New_York");
  EXPECT_EQ(owner.default_inbox, "support");
  EXPECT_EQ(owner.close_after_s, 86'400);
  EXPECT_EQ(owner.inactive_after_s, 3'600);
  EXPECT_THAT(
    owner.users,
    ElementsAre(model::user{"alice", "Alice", model::licence::pro_cx, "101", "alice@example.com"},
                model::user{"bob", "bob", model::licence::standard, "", ""}));
  EXPECT_THAT(owner.teams, ElementsAre(model::team{"support", {"alice", "bob"}}));
  EXPECT_THAT(owner.inboxes,
              ElementsAre(model::inbox{"support", model::assignment_strategy::everyone,
                                       model::outbound_policy::allowed, "Soon.", 60, 0}));
  EXPECT_THAT(owner.links, ElementsAre(model::link{
                             "tw", model::link_format::twilio, "AC00000000000000000000000000000001",
                             "secret", "http://127.0.0.1:8090", "https://hooks.example.com/parley",
                             model::unknown_outcome_policy::resend}));
  EXPECT_THAT(owner.numbers,
              ElementsAre(model::number{"+15550100001", {"sms", "mms"}, "tw", "alice", "", 2.0},
                          model::number{"73862", {"sms"}, "tw", "", "support", 1.0}));
  EXPECT_THAT(owner.caller_id_lists,
              ElementsAre(model::caller_id_list{"sales", {"73862"}, {"bob"}}));
  ASSERT_EQ(owner.keys.size(), 1U);
  EXPECT_EQ(owner.keys.front().name, "app");
  EXPECT_THAT(owner.keys.front().scopes, ElementsAre("messages:write", "conversations:read"));
}

TEST(provisioning, reads_every_key_of_the_tables_that_say_where_messages_go) {
  const auto owner = provision({}, everything(), "f").front();
  EXPECT_THAT(owner.hours, ElementsAre(model::business_hours{
                             "office",
                             "Europe/Berlin",
                             {{{"mon", "tue"}, 9 * 60, 12 * 60 + 30}, {{"sat"}, 0, 1'440}},
                             {"2026-12-25", "2028-02-29"}}));
  EXPECT_THAT(owner.data_actions,
              ElementsAre(model::data_action{"crm", "https://crm.example.com/parley?v=1",
                                             "sixteen-or-more-characters",
                                             model::action_trigger::every_message}));
  model::inbox inbox;
  inbox.team = "sales";
  inbox.strategy = model::assignment_strategy::least_busy;
  inbox.available_only = true;
  inbox.max_open_per_user = 5;
  inbox.escalation = {{60, "alice", ""}, {60, "", "support"}};
  inbox.reopen_within_s = 3'600;
  inbox.history = model::history_policy::from_join;
  inbox.business_hours = "office";
  inbox.data_action = "crm";
  auto& variant = inbox.auto_replies.emplace_back();
  variant.text = "Wir haben geschlossen.";
  variant.when.languages = {"de", "de-AT"};
  variant.when.countries = {"DE"};
  variant.when.numbers = {"73862"};
  variant.when.hours = model::hours_condition::outside;
  ASSERT_EQ(owner.inboxes.size(), 2U);
  EXPECT_EQ(owner.inboxes[1], inbox);
  model::rule rule;
  rule.id = "complaints";
  rule.position = -1;
  rule.when.numbers = {"+15550100001"};
  rule.when.channels = {"sms"};
  rule.when.senders = {"+15551230001", "whatsapp:+15551230002"};
  rule.when.body_contains = "angry";
  rule.when.keywords = {"complaint"};
  rule.when.body_matches = "(?i)never again";
  rule.when.attribute = "tier";
  rule.when.attribute_value = "gold";
  rule.when.first_ever = true;
  rule.users = {"alice"};
  rule.teams = {"sales"};
  rule.strategy = model::assignment_strategy::round_robin;
  rule.auto_reply = "We are sorry.";
  rule.labels = {"complaint"};
  rule.priority = "high";
  rule.close = true;
  rule.data_action = "crm";
  EXPECT_THAT(owner.rules, ElementsAre(rule));
}

TEST(provisioning, reads_settings_roles_and_whom_a_key_acts_for) {
  auto text = replaced(everything(), "name = \"Demo Ltd\"",
                       "default_business_hours = \"office\"\ndefault_data_action = \"crm\"\n"
                       "hide_contact_numbers = true");
  text = replaced(text, "extension = \"101\"", "role = \"owner\"\ntime_zone = \"Asia/Tokyo\"");
  text = replaced(text, "key = \"demo-key\"", "key = \"demo-key\"\nuser = \"alice\"");
  text += "[[organization.data_action]]\nid = \"gate\"\nurl = \"http://gate.example.com\"\n"
          "secret = \"sixteen-or-more-characters\"\ntrigger = \"outbound\"\n";
  text = replaced(text, "close_after_s = 86400", "outbound_data_action = \"gate\"");
  const auto owner = provision({}, text, "f").front();
  EXPECT_EQ(owner.business_hours, "office");
  EXPECT_EQ(owner.data_action, "crm");
  EXPECT_EQ(owner.outbound_data_action, "gate");
  EXPECT_TRUE(owner.hide_contact_numbers);
  EXPECT_EQ(owner.users[0].role, model::role::owner);
  EXPECT_EQ(owner.users[0].time_zone, "Asia/Tokyo");
  EXPECT_EQ(owner.users[1].role, model::role::agent);
  EXPECT_EQ(owner.keys[0].user, "alice");
}

TEST(provisioning, a_link_may_have_a_limit_of_its_own) {
  const auto text = replaced(complete, "unknown_outcome = \"resend\"",
                             "unknown_outcome = \"resend\"\nconnections_max = 8");
  const auto made = provision({}, text, "directory.toml");
  EXPECT_EQ(made.at(0).links.at(0).connections_max, 8);
  EXPECT_EQ(provision({}, complete, "directory.toml").at(0).links.at(0).connections_max, 0);
}

TEST(provisioning, keeps_only_the_sha_256_of_a_key) {
  // printf demo-key | sha256sum
  constexpr model::sha256_digest expected{
    0xc4, 0x8a, 0x01, 0xf4, 0x9f, 0xd0, 0xf2, 0xcc, 0x40, 0x4b, 0xc3, 0xcb, 0xbc, 0x80, 0xe9, 0x14,
    0x57, 0xa3, 0xd4, 0x1b, 0xb4, 0x29, 0xa6, 0x95, 0x24, 0x3d, 0xe4, 0xc6, 0x17, 0x94, 0x15, 0x5c};
  EXPECT_EQ(provision({}, complete, "f").front().keys.front().digest, expected);
}

TEST(provisioning, reads_the_demonstration_without_waiting_features) {
  const auto file = std::filesystem::path{PARLEY_SOURCE_DIR} / "config" / "demo.toml";
  const auto all = provision({}, read_text(file), file.string());
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().numbers.size(), 3U);
  EXPECT_THAT(not_yet_acting(all), IsEmpty());
}

TEST(provisioning, an_organization_has_defaults) {
  const auto all = provision({}, "[[organization]]\nid = \"a\"\n", "f");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().name, "a");
  EXPECT_EQ(all.front().time_zone, "UTC");
  EXPECT_EQ(all.front().close_after_s, 30 * 86'400);
  EXPECT_EQ(all.front().inactive_after_s, 0);
}

TEST(provisioning, twice_changes_nothing) {
  const auto once = provision({}, everything(), "f");
  EXPECT_EQ(provision(once, everything(), "f"), once);
}

TEST(provisioning, wins_for_what_it_names_and_leaves_the_rest) {
  auto stored = provision({},
                          "[[organization]]\nid = \"a\"\nname = \"A\"\n"
                          "[[organization]]\nid = \"b\"\nname = \"B\"\n"
                          "[[organization.user]]\nid = \"eve\"\n"
                          "[[organization.user]]\nid = \"zoe\"\nlicence = \"pro\"\n",
                          "f");
  ASSERT_EQ(stored.size(), 2U);
  const auto all = provision(stored,
                             "[[organization]]\nid = \"c\"\n"
                             "[[organization]]\nid = \"b\"\nname = \"new\"\n"
                             "[[organization.user]]\nid = \"zoe\"\n",
                             "f");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], stored[0]);
  EXPECT_EQ(all[1].id, "b");
  EXPECT_EQ(all[1].index, stored[1].index);
  EXPECT_EQ(all[1].name, "new");
  EXPECT_THAT(all[1].users,
              ElementsAre(stored[1].users[0],
                          model::user{"zoe", "zoe", model::licence::standard, "", ""}));
  EXPECT_EQ(all[2].id, "c");
  EXPECT_EQ(all[2].index, 3U);
}

TEST(provisioning, twice_changes_nothing_of_what_was_made_in_between) {
  auto stored = provision({}, complete, "f");
  auto& added = stored.front().users.emplace_back();
  added.id = added.name = "made-by-the-api";
  stored.front().teams.front().members.push_back("made-by-the-api");
  const auto once = provision(stored, complete, "f");
  EXPECT_EQ(once.front().users, stored.front().users);
  EXPECT_THAT(once.front().teams.front().members, ElementsAre("alice", "bob"))
    << "the file names the team";
  EXPECT_EQ(provision(once, complete, "f"), once);
}

TEST(provisioning, an_extension_that_the_store_has_given_away_is_taken) {
  auto stored = provision({}, complete, "f");
  auto& added = stored.front().users.emplace_back();
  added.id = "zoe";
  added.extension = "202";
  EXPECT_EQ(refusal_of(stored, replaced(complete, "extension = \"101\"", "extension = \"202\"")),
            "directory.toml:14: `extension` of a user `202` is the extension of the user `zoe`");
}

TEST(provisioning, a_data_action_that_a_stored_rule_asks_keeps_what_it_is_asked_about) {
  auto stored = provision({}, everything(), "f");
  stored.front().inboxes.pop_back();
  const auto text = std::string{complete}
                    + "[[organization.data_action]]\nid = \"crm\"\n"
                      "url = \"https://crm.example.com\"\n"
                      "secret = \"sixteen-or-more-characters\"\ntrigger = \"outbound\"\n";
  EXPECT_THAT(refusal_of(stored, text),
              HasSubstr("`trigger` of a data action cannot be `outbound`: the rule `complaints`"));
}

TEST(provisioning, an_empty_file_changes_nothing) {
  const auto stored = provision({}, complete, "f");
  EXPECT_EQ(provision(stored, "", "f"), stored);
}

TEST(provisioning, a_number_may_be_in_two_organizations) {
  const auto organization = [](const std::string& id) {
    return "[[organization]]\nid = \"" + id + "\"\n[[organization.link]]\nid = \"tw-" + id
           + "\"\nformat = \"twilio\"\naccount_sid = \"AC00000000000000000000000000000001\"\n"
             "auth_token = \"t\"\napi_base = \"http://a\"\npublic_url = \"http://b\"\n"
             "[[organization.number]]\naddress = \"73862\"\nchannels = [\"sms\"]\nlink = \"tw-"
           + id + "\"\n";
  };
  const auto all = provision({}, organization("a") + organization("b"), "f");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].numbers.size(), 1U);
  EXPECT_EQ(all[1].numbers.size(), 1U);
}

TEST(provisioning, says_what_is_stored_but_does_not_act_yet) {
  auto text = replaced(complete, "format = \"twilio\"", "format = \"whatsapp\"");
  EXPECT_THAT(not_yet_acting(provision({}, text, "f")),
              ElementsAre(HasSubstr("link tw: it is stored")));
}

// -- refusals -------------------------------------------------------------------------------------

struct refusal_case {
  std::string name;
  std::string old;
  std::string now;
  std::string line;  ///< The whole line that the operator reads.
};

class provisioning_refuses : public ::testing::TestWithParam<refusal_case> {};

TEST_P(provisioning_refuses, with_file_and_line) {
  EXPECT_EQ(refusal_of({}, replaced(complete, GetParam().old, GetParam().now)),
            "directory.toml:" + GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(
  unknown_keys, provisioning_refuses,
  ::testing::Values(
    refusal_case{"at_the_top", "[[organization]]", "[[organisation]]",
                 "1: a provisioning file has no `organisation`; it has organization"},
    refusal_case{"of_an_organization", "name = \"Demo Ltd\"", "title = \"Demo Ltd\"",
                 "3: an organization has no `title`; it has id, name, time_zone, default_inbox, "
                 "close_after_s, inactive_after_s, default_business_hours, default_data_action, "
                 "outbound_data_action, hide_contact_numbers, key, user, team, inbox, link, "
                 "number, caller_id_list, business_hours, rule, data_action, template, "
                 "webhook, consent, prices"},
    refusal_case{"of_a_key",
                 "scopes =", "scope =", "12: a key has no `scope`; it has name, key, scopes, user"},
    refusal_case{"of_a_user", "extension =", "extention =",
                 "18: a user has no `extention`; it has id, name, licence, extension, email, "
                 "role, time_zone"},
    refusal_case{"of_a_team",
                 "members =", "users =", "26: a team has no `users`; it has id, members"},
    refusal_case{"of_an_inbox", "auto_reply =", "autoreply =",
                 "32: an inbox has no `autoreply`; it has team, strategy, outbound, auto_reply, "
                 "close_after_s, inactive_after_s, claim_expiry_s, available_only, "
                 "max_open_per_user, escalation, reopen_within_s, history, business_hours, "
                 "auto_reply_variant, data_action"},
    refusal_case{"of_a_link", "auth_token =", "token =",
                 "40: a link has no `token`; it has id, format, account_sid, auth_token, "
                 "api_base, public_url, unknown_outcome, connections_max"},
    refusal_case{"of_a_number", "rate = 2", "rate_per_s = 2",
                 "50: a number has no `rate_per_s`; it has address, channels, link, user, inbox, "
                 "rate"},
    refusal_case{"of_a_caller_id_list", "users = [\"bob\"]", "members = [\"bob\"]",
                 "61: a caller id list has no `members`; it has id, numbers, users"}),
  [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
  wrong_types, provisioning_refuses,
  ::testing::Values(
    refusal_case{"a_number_for_a_text", "name = \"Demo Ltd\"", "name = 3",
                 "3: `name` of an organization must be a string"},
    refusal_case{"a_text_for_a_number", "close_after_s = 86400", "close_after_s = \"1 day\"",
                 "6: `close_after_s` of an organization must be an integer"},
    refusal_case{"a_text_for_an_array", "members = [\"alice\", \"bob\"]", "members = \"alice\"",
                 "26: `members` of a team must be an array of strings"},
    refusal_case{"numbers_in_an_array", "[\"alice\", \"bob\"]", "[\"alice\",\n7]",
                 "27: `members` of a team must be an array of strings"},
    refusal_case{"a_text_for_a_rate", "rate = 2", "rate = \"2\"",
                 "50: `rate` of a number must be a number"},
    refusal_case{"one_table_for_many", "[[organization.team]]", "[organization.team]",
                 "24: `team` of an organization must be written [[team]]"}),
  [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
  missing, provisioning_refuses,
  ::testing::Values(
    refusal_case{"an_id", "id = \"alice\"\n", "", "14: `id` of a user is missing"},
    refusal_case{"a_key", "key = \"demo-key\"", "key = \"\"",
                 "11: `key` of a key must not be empty"},
    refusal_case{"scopes", "[\"messages:write\", \"conversations:read\"]", "[]",
                 "12: `scopes` of a key must name at least one scope; \"*\" is all of them"},
    refusal_case{"channels", "channels = [\"sms\", \"mms\"]", "channels = []",
                 "47: `channels` of a number must name at least one channel"},
    refusal_case{"a_link", "link = \"tw\"\nuser", "user", "45: `link` of a number is missing"}),
  [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
  values, provisioning_refuses,
  ::testing::Values(
    refusal_case{"a_slug", "id = \"demo\"", "id = \"Demo\"",
                 "2: `id` of an organization must be 1 to 64 of a-z, 0-9, `.`, `_` and `-`, not "
                 "`Demo`"},
    refusal_case{"a_slug_that_begins_wrong", "id = \"alice\"", "id = \"-alice\"",
                 "15: `id` of a user must be 1 to 64 of a-z, 0-9, `.`, `_` and `-`, not `-alice`"},
    refusal_case{"a_time_zone", "America/New_York", "America/Atlantis",
                 "4: `time_zone` of an organization must be a name of the tz database, such as "
                 "Europe/Berlin, not `America/Atlantis`"},
    refusal_case{"a_time_zone_that_climbs", "America/New_York", "../../../etc/passwd",
                 "4: `time_zone` of an organization must be a name of the tz database, such as "
                 "Europe/Berlin, not `../../../etc/passwd`"},
    refusal_case{"a_time", "close_after_s = 86400", "close_after_s = 0",
                 "6: `close_after_s` of an organization must be from 1 to 3153600000, not 0"},
    refusal_case{"a_scope", "\"conversations:read\"", "\"conversations\"",
                 "12: `scopes` of a key must be \"*\" or such as messages:write, not "
                 "`conversations`"},
    refusal_case{"a_licence", "licence = \"pro_cx\"", "licence = \"gold\"",
                 "17: `licence` of a user must be one of standard, pro, pro_cx, not `gold`"},
    refusal_case{"a_strategy", "strategy = \"everyone\"", "strategy = \"shortest\"",
                 "30: `strategy` of an inbox must be one of everyone, random_one, round_robin, "
                 "least_busy, not `shortest`"},
    refusal_case{"an_account", "AC00000000000000000000000000000001", "AC1",
                 "39: `account_sid` of a link must be AC and 32 hexadecimal digits, not `AC1`"},
    refusal_case{"a_url", "http://127.0.0.1:8090", "ftp://127.0.0.1",
                 "41: `api_base` of a link must be an absolute http or https URL, not "
                 "`ftp://127.0.0.1`"},
    refusal_case{"a_url_that_ends_wrong", "example.com/parley", "example.com/",
                 "42: `public_url` of a link must not end with `/`: paths are put behind it, not "
                 "`https://hooks.example.com/`"},
    refusal_case{"a_url_with_a_user", "https://hooks", "https://me@hooks",
                 "42: `public_url` of a link must be a scheme, a host and a path only, not "
                 "`https://me@hooks.example.com/parley`"},
    refusal_case{"an_address", "address = \"+15550100001\"", "address = \"555 0100\"",
                 "46: `address` of a number must be + and 7 to 15 digits, or a short code of 3 to "
                 "8 digits, not `555 0100`"},
    refusal_case{"a_channel", "[\"sms\", \"mms\"]", "[\"sms\", \"fax\"]",
                 "47: `channels` of a number must be of sms, mms, whatsapp, not `fax`"},
    refusal_case{"no_rate", "rate = 2", "rate = 0",
                 "50: `rate` of a number must be more than 0 and at most 10000 segments a second"},
    refusal_case{"a_rate_that_is_none", "rate = 2", "rate = nan",
                 "50: `rate` of a number must be more than 0 and at most 10000 segments a second"}),
  [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
  dangling_references, provisioning_refuses,
  ::testing::Values(
    refusal_case{"the_default_inbox", "default_inbox = \"support\"", "default_inbox = \"sales\"",
                 "5: `default_inbox` of an organization names the inbox `sales`, which there is "
                 "not"},
    refusal_case{"a_member", "members = [\"alice\", \"bob\"]", "members = [\"alice\", \"zoe\"]",
                 "26: `members` of a team names the user `zoe`, which there is not"},
    refusal_case{"an_inbox_s_team", "team = \"support\"", "team = \"sales\"",
                 "29: `team` of an inbox names the team `sales`, which there is not"},
    refusal_case{"a_number_s_link", "link = \"tw\"", "link = \"gone\"",
                 "48: `link` of a number names the link `gone`, which there is not"},
    refusal_case{"a_number_s_user", "user = \"alice\"", "user = \"mallory\"",
                 "49: `user` of a number names the user `mallory`, which there is not"},
    refusal_case{"a_number_s_inbox", "inbox = \"support\"\n\n[[organization.caller",
                 "inbox = \"sales\"\n\n[[organization.caller",
                 "56: `inbox` of a number names the inbox `sales`, which there is not"},
    refusal_case{"a_list_s_number", "numbers = [\"73862\"]", "numbers = [\"+15550100009\"]",
                 "60: `numbers` of a caller id list names the number `+15550100009`, which there "
                 "is not"},
    refusal_case{"a_list_s_user", "users = [\"bob\"]", "users = [\"erin\"]",
                 "61: `users` of a caller id list names the user `erin`, which there is not"}),
  [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
  twice, provisioning_refuses,
  ::testing::Values(
    refusal_case{"a_user", "id = \"bob\"", "id = \"alice\"",
                 "22: `id` of a user `alice` is taken in this organization"},
    refusal_case{"an_extension", "id = \"bob\"", "id = \"bob\"\nextension = \"101\"",
                 "23: `extension` of a user `101` is the extension of the user `alice`"},
    refusal_case{"a_member", "[\"alice\", \"bob\"]", "[\"alice\", \"alice\"]",
                 "26: `members` of a team names `alice` twice"},
    refusal_case{"a_number", "address = \"73862\"", "address = \"+15550100001\"",
                 "53: `address` of a number `+15550100001` is taken in this organization"},
    refusal_case{"an_owner", "rate = 2", "inbox = \"support\"",
                 "50: `inbox` of a number excludes `user`: a number belongs to one of them"},
    refusal_case{"an_organization",
                 "[[organization.caller_id_list]]\nid = \"sales\"\n"
                 "numbers = [\"73862\"]\nusers = [\"bob\"]",
                 "[[organization]]\nid = \"demo\"", "59: the organization `demo` is there twice"}),
  [](const auto& instance) { return instance.param.name; });

class provisioning_of_routing_refuses : public ::testing::TestWithParam<refusal_case> {};

TEST_P(provisioning_of_routing_refuses, with_file_and_line) {
  EXPECT_EQ(refusal_of({}, replaced(everything(), GetParam().old, GetParam().now)),
            "directory.toml:" + GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(
  everything, provisioning_of_routing_refuses,
  ::testing::Values(
    refusal_case{"an_unknown_key_of_hours", "holidays =", "holiday =",
                 "66: business hours has no `holiday`; it has id, time_zone, period, holidays"},
    refusal_case{"a_zone_of_hours", "Europe/Berlin", "Europe/Atlantis",
                 "65: `time_zone` of business hours must be a name of the tz database, such as "
                 "Europe/Berlin, not `Europe/Atlantis`"},
    refusal_case{"no_date", "2028-02-29", "2026-02-29",
                 "66: `holidays` of business hours must be dates such as 2026-12-25, not "
                 "`2026-02-29`"},
    refusal_case{"no_day", "[\"mon\", \"tue\"]", "[\"mon\", \"someday\"]",
                 "69: `period.days` of business hours must be of mon, tue, wed, thu, fri, sat, "
                 "sun, not `someday`"},
    refusal_case{"no_time", "\"09:00\"", "\"9 am\"",
                 "70: `from` of a period must be a time such as 09:00, not `9 am`"},
    refusal_case{"a_period_that_ends_before", "\"12:30\"", "\"09:00\"",
                 "71: `period.to` of business hours must be after `from`, and 24:00 at the "
                 "latest"},
    refusal_case{"a_short_secret", "sixteen-or-more-characters", "fifteen-letters",
                 "81: `secret` of a data action must be 16 to 512 bytes"},
    refusal_case{"a_url", "https://crm", "crm",
                 "80: `url` of a data action must be an absolute http or https URL, not "
                 "`crm.example.com/parley?v=1`"},
    refusal_case{"a_flag", "available_only = true", "available_only = 1",
                 "91: `available_only` of an inbox must be true or false"},
    refusal_case{"hours_that_there_are_not", "business_hours = \"office\"",
                 "business_hours = \"night\"",
                 "95: `business_hours` of an inbox names the business hours `night`, which there "
                 "is not"},
    refusal_case{"a_step_for_nobody", "user = \"alice\"\n\n[[organization.inbox.esc",
                 "user = \"zoe\"\n\n[[organization.inbox.esc",
                 "100: `escalation.user` of an inbox names the user `zoe`, which there is not"},
    refusal_case{"a_step_before_the_one_before", "after_s = 60\nteam", "after_s = 59\nteam",
                 "103: `escalation.after_s` of an inbox must not be less than that of the step "
                 "before"},
    refusal_case{"a_country", "[\"DE\"]", "[\"Germany\"]",
                 "110: `auto_reply_variant.when.countries` of an inbox must be countries by two "
                 "capital letters, as DE, not `Germany`"},
    refusal_case{"a_condition_on_a_strange_number", "numbers = [\"73862\"]\nhours",
                 "numbers = [\"73863\"]\nhours",
                 "111: `auto_reply_variant.when.numbers` of an inbox names the number `73863`, "
                 "which there is not"},
    refusal_case{"a_rule_that_chooses_from_nobody", "teams = [\"sales\"]", "teams = []",
                 "119: `strategy` of a rule `round_robin` needs `teams`: it keeps count by a "
                 "team's inbox"},
    refusal_case{"a_rule_for_everything", "id = \"complaints\"", "id = \"test\"",
                 "115: `id` of a rule must not be `test`, which stands for a trial in the API's "
                 "paths"},
    refusal_case{"a_priority", "priority = \"high\"", "priority = \"highest\"",
                 "122: `priority` of a rule must be one of low, normal, high, urgent, not "
                 "`highest`"},
    refusal_case{"a_condition_that_is_no_table", "[organization.rule.when]",
                 "[[organization.rule.when]]", "126: `when` of a rule must be a table, [when]"},
    refusal_case{"a_key_for_nobody", "key = \"demo-key\"",
                 "key = \"demo-key\"\nuser = \"zoe\"",
                 "12: `user` of a key names the user `zoe`, which there is not"},
    refusal_case{"a_user_s_zone", "extension = \"101\"", "time_zone = \"Nowhere\"",
                 "18: `time_zone` of a user must be a name of the tz database, such as "
                 "Europe/Berlin, not `Nowhere`"},
    refusal_case{"default_hours", "name = \"Demo Ltd\"", "default_business_hours = \"night\"",
                 "3: `default_business_hours` of an organization names the business hours "
                 "`night`, which there is not"}),
  [](const auto& instance) { return instance.param.name; });

TEST(provisioning, an_expression_that_does_not_compile_is_refused_with_its_line) {
  EXPECT_THAT(refusal_of({}, replaced(everything(), "(?i)never again", "(never again")),
              ::testing::StartsWith("directory.toml:132: `when.body_matches` of a rule is no "
                                    "regular expression that can be used: "));
}

TEST(provisioning, a_link_of_a_stored_organization_is_taken) {
  const auto stored = provision({}, complete, "f");
  const auto text = replaced(replaced(complete, "\"demo\"", "\"other\""), "demo-key", "other-key");
  EXPECT_EQ(refusal_of(stored, text),
            "directory.toml:36: the link `tw` is taken by organization `demo`; callbacks name "
            "only the link, so choose another id");
}

TEST(provisioning, a_key_of_another_organization_is_taken) {
  EXPECT_EQ(refusal_of(provision({}, complete, "f"),
                       "[[organization]]\nid = \"other\"\n\n[[organization.key]]\nname = \"x\"\n"
                       "key = \"demo-key\"\nscopes = [\"*\"]\n"),
            "directory.toml:4: the key `x` is the same as one of organization `demo`");
}

TEST(provisioning, a_link_that_the_file_no_longer_names_is_still_its_organizations) {
  const auto stored = provision({}, complete, "f");
  const auto text = "[[organization]]\nid = \"demo\"\n\n"
                    + replaced(replaced(complete, "id = \"demo\"", "id = \"heir\""), "demo-key",
                               "heir-key");
  EXPECT_THAT(refusal_of(stored, text), HasSubstr("the link `tw` is taken by organization `demo`"));
}

TEST(provisioning, no_toml_is_refused_with_its_line) {
  EXPECT_THAT(refusal_of({}, "[[organization]]\nid = demo\n"),
              ::testing::StartsWith("directory.toml:2: "));
}

}  // namespace
}  // namespace parley::cli
