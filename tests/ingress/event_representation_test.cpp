#include "src/ingress/event_representation.hpp"

#include "src/ingress/event_types.hpp"
#include "src/ingress/problem.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace parley::ingress {
namespace {

namespace json = boost::json;

constexpr model::timestamp noon{std::chrono::milliseconds{1'767'355'200'123}};

model::directory demo() {
  model::organization owner;
  owner.index = 7;
  owner.id = "demo";
  std::vector<model::organization> all;
  all.push_back(std::move(owner));
  return model::directory{std::move(all)};
}

store::record record_of(model::event_body body) {
  store::record made;
  made.seq = 42;
  made.organization = 7;
  made.pair_key = model::pair{7, {model::channel::sms, "+15550100001"},
                              {model::channel::sms, "+15551230001"}}
                    .key();
  made.event.conversation.bytes[15] = 1;
  made.event.at = noon;
  made.event.body = std::move(body);
  return made;
}

wording shown_to(audience who) {
  static const files::url_secret secret{7};
  static const file_urls urls{secret, "https://parley.example", std::chrono::seconds{60}};
  return {who, urls};
}

/// What is shown of a record with this body, parsed.
std::vector<json::object> shown_of(model::event_body body) {
  std::vector<json::object> all;
  for (const auto& one : show(record_of(std::move(body)), demo(), shown_to(audience::clear))) {
    all.push_back(json::parse(*one.json).as_object());
    EXPECT_EQ(all.back().at("type").as_string(), std::string{event_types.at(one.type)});
  }
  return all;
}

std::string text_of(const json::value& value) {
  return json::serialize(value);
}

TEST(show, wraps_every_event_alike) {
  const auto all = shown_of(model::conversation_closed{model::close_reason::user, "alice"});
  ASSERT_EQ(all.size(), 1U);
  const auto& event = all.front();
  EXPECT_EQ(event.size(), 6U);
  EXPECT_EQ(event.at("seq").to_number<int>(), 42);
  EXPECT_EQ(event.at("id").as_string(), model::event_id_of(42, noon).text());
  EXPECT_EQ(event.at("type").as_string(), "conversation.closed");
  EXPECT_EQ(event.at("created_at").as_string(), "2026-01-02T12:00:00.123Z");
  EXPECT_EQ(event.at("organization").as_string(), "demo");
  EXPECT_EQ(text_of(event.at("data")),
            R"({"conversation":"cv_00000000000000000000000001","channel":"sms",)"
            R"("number":"sms:+15550100001","peers":["sms:+15551230001"],"state":"closed",)"
            R"("close_reason":"user","user":"alice"})");
}

TEST(show, tells_what_opened_and_for_whom) {
  model::conversation_opened opened;
  opened.route.users = {"alice", "bob"};
  opened.route.inbox = "support";
  const auto all = shown_of(opened);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(text_of(all.front().at("data")),
            R"({"conversation":"cv_00000000000000000000000001","channel":"sms",)"
            R"("number":"sms:+15550100001","peers":["sms:+15551230001"],"state":"active",)"
            R"("kind":"one_to_group","subject":null,)"
            R"("participants":[{"user":"alice"},{"user":"bob"}],)"
            R"("waiting":false,"team":"support","unrouted":false,"previous":null})");
}

TEST(show, tells_of_an_unrouted_number_in_an_event_of_its_own) {
  model::conversation_opened opened;
  opened.route.unrouted = true;
  opened.previous.bytes[15] = 9;
  const auto all = shown_of(opened);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("type").as_string(), "conversation.created");
  EXPECT_EQ(all[0].at("data").at("previous").as_string(), "cv_00000000000000000000000009");
  EXPECT_EQ(all[1].at("type").as_string(), "number.unrouted");
  EXPECT_EQ(all[1].at("data").at("number").as_string(), "sms:+15550100001");
  EXPECT_EQ(all[0].at("seq"), all[1].at("seq"));
  EXPECT_NE(all[0].at("id"), all[1].at("id"));
}

TEST(show, tells_of_settled_files_with_what_the_message_says_now) {
  model::media_settled settled;
  settled.index = 3;
  model::content now;
  now.files = {{"https://a.example/1", "image/png", {}, model::media_fault::too_large}};
  auto how = shown_to(audience::clear);
  how.about = &now;
  const auto all = show(record_of(settled), demo(), how);
  ASSERT_EQ(all.size(), 1U);
  const auto event = json::parse(*all.front().json).as_object();
  EXPECT_EQ(event.at("type").as_string(), "conversation.message.updated");
  EXPECT_EQ(text_of(event.at("data")),
            R"({"conversation":"cv_00000000000000000000000001",)"
            R"("message":"ms_00000000000000000000000000","index":3,"redacted":false,)"
            R"("media":[{"url":"https://a.example/1","content_type":"image/png","file":null,)"
            R"("error":"file_too_large"}]})");
  now = {};
  now.redacted = true;
  const auto gone = json::parse(*show(record_of(settled), demo(), how).front().json).as_object();
  EXPECT_EQ(text_of(gone.at("data").at("media")), "[]");
  EXPECT_EQ(gone.at("data").at("redacted"), true);
}

TEST(show, shows_a_message_whole) {
  auto what = std::make_shared<model::content>();
  what->body = "Hello \"you\"";
  what->files = {{"https://a.example/1.jpg", "image/jpeg"}, {"https://a.example/2", ""}};
  what->provider_id = "SM1";
  model::message_added added;
  added.message.bytes[15] = 2;
  added.index = 3;
  added.author = {model::author::kind::contact, "sms:+15551230001"};
  added.what = std::move(what);
  const auto all = shown_of(added);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().at("type").as_string(), "conversation.message.created");
  EXPECT_EQ(text_of(all.front().at("data")),
            R"({"id":"ms_00000000000000000000000002",)"
            R"("conversation":"cv_00000000000000000000000001","index":3,"direction":"inbound",)"
            R"("author":{"type":"contact","id":"sms:+15551230001"},"from":"sms:+15551230001",)"
            R"("to":["sms:+15550100001"],"body":"Hello \"you\"",)"
            R"("redacted":false,"template":null,"mentions":[],)"
            R"("media":[{"url":"https://a.example/1.jpg","content_type":"image/jpeg",)"
            R"("file":null,"error":null},)"
            R"({"url":"https://a.example/2","content_type":null,"file":null,"error":null}],)"
            R"("created_at":"2026-01-02T12:00:00.123Z","send_at":null,"edited_at":null,)"
            R"("validity_s":null,"segments":1,"automatic":false,)"
            R"("provider_id":"SM1","deliveries":[]})");
}

TEST(show, shows_what_a_text_was_made_from) {
  auto what = std::make_shared<model::content>();
  what->body = "Hello Ann";
  what->made_from = model::sent_template{"hello", "HX1", R"({"name":"Ann \"A\""})"};
  model::message_added added;
  added.direction = model::direction::outbound;
  added.author.id = "alice";
  added.what = what;
  EXPECT_EQ(text_of(shown_of(added).front().at("data").at("template")),
            R"({"id":"hello","variables":{"name":"Ann \"A\""}})");
  what->made_from->variables.clear();  // As a redaction does.
  EXPECT_EQ(text_of(shown_of(added).front().at("data").at("template")),
            R"({"id":"hello","variables":{}})");
}

TEST(show, shows_an_outbound_message_with_its_delivery) {
  model::message_added added;
  added.index = 1;
  added.direction = model::direction::outbound;
  added.author = {model::author::kind::user, "alice"};
  added.what = std::make_shared<model::content>();
  const auto data = shown_of(added).at(0).at("data").as_object();
  EXPECT_EQ(data.at("from").as_string(), "sms:+15550100001");
  EXPECT_EQ(text_of(data.at("to")), R"(["sms:+15551230001"])");
  EXPECT_TRUE(data.at("provider_id").is_null());
  EXPECT_EQ(text_of(data.at("deliveries")),
            R"([{"to":"sms:+15551230001","state":"queued",)"
            R"("updated_at":"2026-01-02T12:00:00.123Z"}])");
}

TEST(show, tells_what_became_of_a_delivery) {
  model::delivery_changed change;
  change.message.bytes[15] = 2;
  change.index = 3;
  change.state = model::delivery_state::failed;
  change.error_code = 30007;
  change.attempts = 2;
  change.provider_id = "SM9";
  EXPECT_EQ(text_of(shown_of(change).at(0).at("data")),
            R"({"conversation":"cv_00000000000000000000000001",)"
            R"("message":"ms_00000000000000000000000002","index":3,"state":"failed",)"
            R"("error":30007,"provider_id":"SM9","to":"sms:+15551230001","attempts":2})");
  change.error_code = 0;
  EXPECT_TRUE(shown_of(change).at(0).at("data").at("error").is_null());
}

TEST(show, tells_who_wants_messages_and_who_does_not) {
  model::consent_changed change;
  change.address = "sms:+15551230001";
  change.number = "+15550100001";
  change.state = model::consent_state::opted_out;
  change.message.bytes[15] = 2;
  change.text = "Stop!";
  const auto heard = shown_of(change).at(0);
  EXPECT_EQ(heard.at("type").as_string(), "consent.changed");
  EXPECT_EQ(text_of(heard.at("data")),
            R"({"address":"sms:+15551230001","number":"+15550100001","state":"opted_out",)"
            R"("source":"keyword","conversation":"cv_00000000000000000000000001",)"
            R"("message":"ms_00000000000000000000000002","text":"Stop!","by":null})");
  auto recorded = record_of(model::consent_changed{.address = "sms:+15551230001",
                                                   .number = {},
                                                   .state = model::consent_state::opted_in,
                                                   .source = model::consent_source::api,
                                                   .message = {},
                                                   .text = {},
                                                   .by = "alice"});
  recorded.event.conversation = {};
  const auto all = show(recorded, demo(), shown_to(audience::clear));
  EXPECT_EQ(text_of(json::parse(*all.at(0).json).at("data")),
            R"({"address":"sms:+15551230001","number":null,"state":"opted_in","source":"api",)"
            R"("conversation":null,"message":null,"text":null,"by":"alice"})");
}

TEST(show, tells_of_idleness_and_of_reading) {
  EXPECT_EQ(shown_of(model::conversation_idled{}).at(0).at("type").as_string(),
            "conversation.inactive");
  const auto updated = shown_of(model::read_advanced{"bob", 4}).at(0);
  EXPECT_EQ(updated.at("type").as_string(), "conversation.updated");
  EXPECT_EQ(text_of(updated.at("data").at("read")), R"({"user":"bob","index":4})");
}

TEST(show, hides_what_is_internal_and_what_is_nobodys) {
  EXPECT_TRUE(shown_of(model::timer_rearmed{}).empty());
  EXPECT_TRUE(shown_of(model::report_parked{}).empty());
  auto foreign = record_of(model::conversation_idled{});
  foreign.organization = 8;
  EXPECT_TRUE(show(foreign, demo(), shown_to(audience::clear)).empty());
}

/// Mission 9: `hide_contact_numbers`, wherever an event could show one.
TEST(show, masks_the_customers_number_in_every_event) {
  model::message_added added;
  added.index = 1;
  added.author = {model::author::kind::contact, "sms:+15551230001"};
  added.what = std::make_shared<const model::content>();
  auto outbound = added;
  outbound.direction = model::direction::outbound;
  outbound.author = {model::author::kind::user, "alice"};
  model::conversation_opened opened;
  opened.route.unrouted = true;
  model::consent_changed of_consent;
  of_consent.address = "sms:+15551230001";
  const std::vector<model::event_body> bodies{
    opened, added, outbound, model::delivery_changed{}, model::conversation_idled{},
    model::conversation_closed{}, model::read_advanced{}, model::conversation_claimed{},
    model::conversation_released{}, model::conversation_transferred{},
    model::participant_added{}, model::participant_removed{}, model::conversation_snoozed{},
    model::labels_changed{}, model::conversation_escalated{}, model::priority_changed{},
    model::conversation_reopened{}, model::contact_assigned{}, model::message_redacted{},
    model::media_settled{}, model::message_edited{},
    model::question_settled{}, model::attributes_changed{},
    of_consent};
  for (const auto& body : bodies) {
    const auto masked = show(record_of(body), demo(), shown_to(audience::masked));
    const auto clear = show(record_of(body), demo(), shown_to(audience::clear));
    ASSERT_EQ(masked.size(), clear.size());
    for (std::size_t i = 0; i < masked.size(); ++i) {
      EXPECT_EQ(masked[i].json->find("+1555123"), std::string::npos) << *masked[i].json;
      EXPECT_EQ(masked[i].json->find("sms:+*********01") == std::string::npos,
                clear[i].json->find("sms:+15551230001") == std::string::npos);
      EXPECT_EQ(masked[i].json->size(), clear[i].json->size()) << "nothing else differs";
    }
  }
}

TEST(type_filter, reads_names_and_refuses_unknown_ones) {
  const type_filter some{"delivery.updated,number.unrouted"};
  EXPECT_TRUE(some.accepts(event_type_index("delivery.updated")));
  EXPECT_TRUE(some.accepts(event_type_index("number.unrouted")));
  EXPECT_FALSE(some.accepts(event_type_index("conversation.created")));
  EXPECT_TRUE(type_filter{""}.accepts(event_type_index("conversation.created")));
  for (const char* types : {"delivery", "delivery.updated,", ",", "delivery.updated;x", " "})
    EXPECT_THROW(type_filter{types}, refusal) << types;
}

}  // namespace
}  // namespace parley::ingress
