#include "parley/actions/question.hpp"

#include "parley/text/utf8.hpp"
#include "tests/actions/asked.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace parley::actions {
namespace {

TEST(question, tells_the_endpoint_everything) {
  auto asked = inbound();
  asked.created_at = model::from_rfc3339("2026-01-02T03:04:05.678Z").value();
  auto content = *asked.what;
  content.files = {{"https://a.example/b", "image/png"}};
  asked.what = std::make_shared<const model::content>(content);
  asked.contact = known_contact{{}, "Zoë", "de", {{"tier", "gold"}}};
  asked.contact->id.bytes[15] = 3;
  asked.default_team = "support";
  const auto expected = boost::json::parse(R"({
    "version": 1, "type": "conversation.opened",
    "conversation": {"id": "cv_00000000000000000000000001", "channel": "sms",
                     "number": "sms:+15550100001", "peers": ["sms:+15557000001"]},
    "message": {"id": "ms_00000000000000000000000002", "index": 1, "direction": "inbound",
                "author": {"type": "contact", "id": "sms:+15557000001"}, "body": "hello",
                "media": [{"url": "https://a.example/b", "content_type": "image/png"}],
                "created_at": "2026-01-02T03:04:05.678Z"},
    "contact": {"id": "ct_00000000000000000000000003", "name": "Zoë", "language": "de",
                "attributes": {"tier": "gold"}},
    "default_route": {"users": ["alice"], "team": "support"}})");
  EXPECT_EQ(boost::json::parse(encode(asked)), expected);
}

TEST(question, has_null_for_what_is_not_there_yet) {
  const auto made = boost::json::parse(encode(outbound()));
  EXPECT_EQ(made.at("type").as_string(), "conversation.outbound");
  EXPECT_TRUE(made.at("conversation").at("id").is_null());
  EXPECT_TRUE(made.at("message").at("index").is_null());
  EXPECT_TRUE(made.at("contact").is_null());
  EXPECT_TRUE(made.at("default_route").at("team").is_null());
}

TEST(question, is_json_whatever_came_in) {
  auto asked = inbound();
  model::content broken;
  broken.body = std::string{"a\xff\xc3(\0\xf0\x9f\x98\x80", 9};
  asked.what = std::make_shared<const model::content>(broken);
  const auto made = encode(asked);
  EXPECT_TRUE(text::is_clean_utf8(made));
  EXPECT_EQ(boost::json::parse(made).at("message").at("body").as_string(),
            "a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xf0\x9f\x98\x80");
}

TEST(question, is_signed_over_time_and_body) {
  // By `printf '%s' '1767323045678.{"version":1}' | openssl dgst -sha256 -hmac top-secret`.
  EXPECT_EQ(signature("top-secret", model::from_rfc3339("2026-01-02T03:04:05.678Z").value(),
                      R"({"version":1})"),
            "t=1767323045678,v1=35e6ef41be18e92e3bcf88a52266e2a66d01bd7fafe17d1af29e5c2a82cb3b06");
}

}  // namespace
}  // namespace parley::actions
