#include "parley/model/directory_rules.hpp"

#include "parley/model/directory_words.hpp"
#include "parley/model/event_types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

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
  made.name = "Demo";
  made.hours = {{"office", "UTC", {{{"mon"}, 540, 1'440}}, {"2028-02-29"}}};
  made.data_actions
    = {{"crm", "https://crm.example.com/ask?v=1", "sixteen-characters", action_trigger{1}},
       {"gate", "http://gate", "sixteen-characters", action_trigger::outbound}};
  made.webhooks = {{"crm", "https://crm.example.com/events", "sixteen-characters",
                    {"delivery.updated", "bulk.completed"}, true},
                   {"all", "http://all", "sixteen-characters", {}, false}};
  auto& complaints = made.rules.emplace_back();
  complaints.id = "complaints";
  complaints.teams = {"night"};
  complaints.strategy = assignment_strategy::least_busy;
  complaints.when.languages = {"de", "de-AT", "fil"};
  complaints.when.senders = {"+15551230001", "whatsapp:US.123", "US.123"};
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
  each(owner.hours);
  each(owner.rules);
  each(owner.data_actions);
  each(owner.webhooks);
  EXPECT_FALSE(fault_of_settings(owner, owner));
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

/// The place that is at fault, as the API writes it.
template <class T>
std::string place_after(const std::function<void(T&)>& spoil) {
  return fault_after<T>(spoil).place();
}

TEST(directory_rules, business_hours_are_periods_of_real_days) {
  using hours = business_hours;
  EXPECT_EQ(place_after<hours>([](hours& h) { h.periods[0].days = {"may"}; }), "periods[0].days");
  EXPECT_EQ(place_after<hours>([](hours& h) { h.periods[0].days = {}; }), "periods[0].days");
  EXPECT_EQ(place_after<hours>([](hours& h) { h.periods[0].from_minute = -1; }),
            "periods[0].from");
  EXPECT_EQ(place_after<hours>([](hours& h) { h.periods[0].to_minute = 540; }), "periods[0].to");
  EXPECT_EQ(place_after<hours>([](hours& h) { h.periods[0].to_minute = 1'441; }),
            "periods[0].to");
  EXPECT_EQ(place_after<hours>([](hours& h) { h.periods.resize(101, h.periods[0]); }), "periods");
  for (const auto* no_date : {"2026-02-29", "2026-13-01", "2026-1-1", "26-12-25", "2026-12-25 "})
    EXPECT_EQ(place_after<hours>([&](hours& h) { h.holidays = {no_date}; }), "holidays") << no_date;
}

TEST(directory_rules, a_rule_names_what_there_is_and_asks_what_can_be_told) {
  const auto when = [](const std::function<void(message_conditions&)>& spoil) {
    return place_after<rule>([&](rule& r) { spoil(r.when); });
  };
  EXPECT_EQ(when([](auto& w) { w.numbers = {"+15550109999"}; }), "when.numbers");
  EXPECT_EQ(when([](auto& w) { w.channels = {"mms"}; }), "when.channels");
  EXPECT_EQ(when([](auto& w) { w.senders = {"with spaces"}; }), "when.senders");
  EXPECT_EQ(when([](auto& w) { w.countries = {"de"}; }), "when.countries");
  EXPECT_EQ(when([](auto& w) { w.countries.assign(1'001, "DE"); }), "when.countries");
  for (const auto* none : {"DE", "d", "german", "de-at", "de-", "de_AT"})
    EXPECT_EQ(when([&](auto& w) { w.languages = {none}; }), "when.languages") << none;
  EXPECT_EQ(when([](auto& w) { w.body_contains.assign(1'601, 'x'); }), "when.body_contains");
  EXPECT_EQ(when([](auto& w) { w.body_matches.assign(513, 'x'); }), "when.body_matches");
  EXPECT_EQ(when([](auto& w) { w.keywords.emplace_back(129, 'x'); }), "when.keywords");
  EXPECT_EQ(when([](auto& w) { w.attribute_value = "gold"; }), "when.attribute_value");
  EXPECT_EQ(place_after<rule>([](rule& r) { r.users = {"zoe"}; }), "users");
  EXPECT_EQ(place_after<rule>([](rule& r) { r.teams = {"zoe"}; }), "teams");
  EXPECT_EQ(place_after<rule>([](rule& r) { r.teams = {}; }), "strategy");
  EXPECT_EQ(place_after<rule>([](rule& r) { r.priority = "highest"; }), "priority");
  EXPECT_EQ(place_after<rule>([](rule& r) { r.labels.assign(33, "x"); }), "labels");
  EXPECT_EQ(place_after<rule>([](rule& r) { r.data_action = "gate"; }), "data_action");
  EXPECT_EQ(place_after<rule>([](rule& r) { r.id = "test"; }), "id");
}

TEST(directory_rules, there_are_a_thousand_rules_and_no_more) {
  auto owner = demo();
  owner.rules.resize(rules_max);
  for (std::size_t i = 0; i < rules_max; ++i)
    owner.rules[i].id = "rule-" + std::to_string(i);
  EXPECT_FALSE(fault_of(owner, owner.rules[7]));
  rule more;
  more.id = "more";
  const auto found = fault_of(owner, more);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->code, errc::too_many);
}

TEST(directory_rules, an_inbox_escalates_in_order_to_somebody_that_there_is) {
  const auto steps = [](std::vector<escalation_step> all) {
    return place_after<inbox>([&](inbox& i) { i.escalation = all; });
  };
  EXPECT_EQ(steps({{60, "alice", ""}, {60, "", "sales"}}), "");
  EXPECT_EQ(steps({{0, "alice", ""}}), "escalation[0].after_s");
  EXPECT_EQ(steps({{60, "alice", ""}, {59, "bob", ""}}), "escalation[1].after_s");
  EXPECT_EQ(steps({{60, "zoe", ""}}), "escalation[0].user");
  EXPECT_EQ(steps({{60, "", "zoe"}}), "escalation[0].team");
  EXPECT_EQ(steps({{60, "alice", "sales"}}), "escalation[0].user");
  EXPECT_EQ(steps({{60, "", ""}}), "escalation[0].user");
  EXPECT_EQ(steps(std::vector<escalation_step>(17, {60, "alice", ""})), "escalation");
}

TEST(directory_rules, an_inboxs_settings_are_bounded_and_refer_to_what_there_is) {
  EXPECT_EQ(place_after<inbox>([](inbox& i) { i.business_hours = "gone"; }), "business_hours");
  EXPECT_EQ(place_after<inbox>([](inbox& i) { i.data_action = "gate"; }), "data_action");
  EXPECT_EQ(place_after<inbox>([](inbox& i) { i.max_open_per_user = -1; }), "max_open_per_user");
  EXPECT_EQ(place_after<inbox>([](inbox& i) { i.reopen_within_s = -1; }), "reopen_within_s");
  EXPECT_EQ(place_after<inbox>([](inbox& i) { i.auto_replies.resize(1); }),
            "auto_replies[0].text");
  EXPECT_EQ(place_after<inbox>([](inbox& i) { i.auto_replies.resize(33); }), "auto_replies");
  EXPECT_EQ(place_after<inbox>([](inbox& i) {
              i.auto_replies.resize(1);
              i.auto_replies[0].text = "Hi";
              i.auto_replies[0].when.channels = {"fax"};
            }),
            "auto_replies[0].when.channels");
}

TEST(directory_rules, a_data_action_is_an_absolute_url_with_a_secret_and_keeps_its_kind_in_use) {
  using action = data_action;
  for (const auto* none : {"", "crm", "ftp://crm", "https://", "https:///ask", "https://a b",
                           "https://me@crm", "https://crm#x"})
    EXPECT_EQ(place_after<action>([&](action& a) { a.url = none; }), "url") << none;
  EXPECT_EQ(place_after<action>([](action& a) { a.secret.resize(15); }), "secret");
  EXPECT_EQ(place_after<action>([](action& a) { a.secret.assign(513, 'x'); }), "secret");
  auto owner = demo();
  auto changed = owner.data_actions[0];
  changed.trigger = action_trigger::outbound;
  EXPECT_FALSE(fault_of(owner, changed));
  owner.inboxes[0].data_action = "crm";
  ASSERT_TRUE(fault_of(owner, changed));
  EXPECT_EQ(fault_of(owner, changed)->code, errc::in_use);
  owner.outbound_data_action = "gate";
  changed = owner.data_actions[1];
  changed.trigger = action_trigger::every_message;
  ASSERT_TRUE(fault_of(owner, changed));
}

TEST(directory_rules, a_webhook_is_an_absolute_url_with_a_secret_and_known_types) {
  for (const auto* none : {"", "crm", "ftp://crm", "https://", "https://me@crm", "https://crm#x"})
    EXPECT_EQ(place_after<webhook>([&](webhook& w) { w.url = none; }), "url") << none;
  EXPECT_EQ(place_after<webhook>([](webhook& w) { w.secret.resize(15); }), "secret");
  EXPECT_EQ(place_after<webhook>([](webhook& w) { w.secret.assign(513, 'x'); }), "secret");
  EXPECT_EQ(place_after<webhook>([](webhook& w) { w.types = {"delivery"}; }), "types");
  const std::vector<std::string> every{event_types.begin(), event_types.end()};
  EXPECT_EQ(place_after<webhook>([&](webhook& w) { w.types = every; }), "");
  EXPECT_THAT(fault_after<webhook>([&](webhook& w) {
                w.types = every;
                w.types.push_back(every.front());
              }).why, HasSubstr("elements"));
  EXPECT_EQ(place_after<webhook>([](webhook& w) { w.id = "CRM"; }), "id");
  auto owner = demo();
  auto one = owner.webhooks[0];
  while (owner.webhooks.size() < webhooks_max) {
    one.id = "w" + std::to_string(owner.webhooks.size());
    owner.webhooks.push_back(one);
  }
  EXPECT_FALSE(fault_of(owner, one)) << "it takes the place of its like";
  one.id = "one-more";
  ASSERT_TRUE(fault_of(owner, one));
  EXPECT_EQ(fault_of(owner, one)->code, errc::too_many);
  EXPECT_EQ(use_of(owner, owner.webhooks[0]), "");
}

TEST(directory_rules, a_setting_of_consent_is_named_by_its_place) {
  const auto place = [](auto change) {
    auto changed = demo();
    change(changed.consent);
    const auto fault = fault_of_settings(demo(), changed);
    return fault ? fault->place() : std::string{};
  };
  EXPECT_EQ(place([](consent_settings&) {}), "");
  const auto with = [&](auto change) {
    return place([&](consent_settings& c) {
      c.keywords.resize(2);
      change(c.keywords[1]);
    });
  };
  EXPECT_EQ(with([](consent_keywords& k) { k.language = "german"; }),
            "consent.keywords[1].language");
  EXPECT_EQ(with([](consent_keywords& k) { k.country = "de"; }), "consent.keywords[1].country");
  EXPECT_EQ(with([](consent_keywords& k) { k.opt_out = {""}; }), "consent.keywords[1].opt_out");
  EXPECT_EQ(with([](consent_keywords& k) { k.help.assign(101, "x"); }),
            "consent.keywords[1].help");
  EXPECT_EQ(with([](consent_keywords& k) { k.help_text.assign(1'601, 'x'); }),
            "consent.keywords[1].help_text");
  EXPECT_EQ(place([](consent_settings& c) { c.keywords.resize(101); }), "consent.keywords");
  EXPECT_EQ(place([](consent_settings& c) { c.intent_phrases = {std::string(129, 'x')}; }),
            "consent.intent_phrases");
}

TEST(directory_rules, a_price_is_named_by_its_place) {
  const auto place = [](auto change) {
    auto changed = demo();
    changed.prices = {"EUR", {{"+49", "0.0790"}, {"+", "0.1"}}};
    change(changed.prices);
    const auto fault = fault_of_settings(demo(), changed);
    return fault ? fault->place() : std::string{};
  };
  EXPECT_EQ(place([](price_settings&) {}), "");
  EXPECT_EQ(place([](price_settings& p) { p = {}; }), "");
  EXPECT_EQ(place([](price_settings& p) { p.sms.clear(); }), "");
  for (const auto* currency : {"", "eur", "EURO", "E1R"})
    EXPECT_EQ(place([&](price_settings& p) { p.currency = currency; }), "prices.currency");
  for (const auto* to : {"", "49", "+4x", "sms:+49", "+1234567890123456"})
    EXPECT_EQ(place([&](price_settings& p) { p.sms[1].to = to; }), "prices.sms[1].to") << to;
  EXPECT_EQ(place([](price_settings& p) { p.sms[1].to = p.sms[0].to; }), "prices.sms[1].to");
  EXPECT_EQ(place([](price_settings& p) { p.sms[1].per_segment = "free"; }),
            "prices.sms[1].per_segment");
  EXPECT_EQ(place([](price_settings& p) { p.sms.resize(1'001); }), "prices.sms");
}

TEST(directory_rules, a_key_acts_for_a_user_that_there_is) {
  EXPECT_EQ(place_after<api_key>([](api_key& k) { k.user = "zoe"; }), "user");
}

TEST(directory_rules, the_same_key_has_one_name) {
  const auto fault = fault_after<api_key>([](api_key& k) { k.name = "other"; });
  EXPECT_EQ(fault.member, "key");
  EXPECT_EQ(fault.code, errc::already_exists);
}

// -- use ------------------------------------------------------------------------------------------

TEST(directory_rules, what_is_in_use_says_what_uses_it) {
  auto owner = demo();
  owner.rules.clear();
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

TEST(directory_rules, what_routing_refers_to_is_in_use) {
  auto owner = demo();
  const auto& dave = owner.users[3];
  const auto& night = owner.teams[2];
  EXPECT_THAT(use_of(owner, night), HasSubstr("the rule `complaints`"));
  owner.rules[0].teams = {};
  EXPECT_EQ(use_of(owner, night), "");
  owner.inboxes[0].escalation = {{60, "dave", ""}, {60, "", "night"}};
  EXPECT_THAT(use_of(owner, night), HasSubstr("the inbox `support` escalates"));
  EXPECT_THAT(use_of(owner, dave), HasSubstr("the inbox `support` escalates"));
  owner.inboxes[0].escalation = {};
  owner.rules[0].users = {"dave"};
  EXPECT_THAT(use_of(owner, dave), HasSubstr("the rule `complaints`"));
  owner.rules[0].users = {};
  owner.keys[0].user = "dave";
  EXPECT_THAT(use_of(owner, dave), HasSubstr("the key `app`"));
  owner.rules[0].when.numbers = {"+15550100001"};
  EXPECT_THAT(use_of(owner, owner.numbers[0]), HasSubstr("the rule `complaints`"));
  owner.rules[0].when.numbers = {};
  owner.inboxes[1].auto_replies.emplace_back().when.numbers = {"+15550100001"};
  EXPECT_THAT(use_of(owner, owner.numbers[0]), HasSubstr("the inbox `sales`"));
  EXPECT_EQ(use_of(owner, owner.hours[0]), "");
  owner.inboxes[1].business_hours = "office";
  EXPECT_THAT(use_of(owner, owner.hours[0]), HasSubstr("the inbox `sales`"));
  owner.business_hours = "office";
  EXPECT_THAT(use_of(owner, owner.hours[0]), HasSubstr("the organization"));
  EXPECT_EQ(use_of(owner, owner.data_actions[0]), "");
  owner.rules[0].data_action = "crm";
  EXPECT_THAT(use_of(owner, owner.data_actions[0]), HasSubstr("the rule `complaints`"));
  owner.outbound_data_action = "gate";
  EXPECT_THAT(use_of(owner, owner.data_actions[1]), HasSubstr("outbound data action"));
  EXPECT_EQ(use_of(owner, owner.rules[0]), "");
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
