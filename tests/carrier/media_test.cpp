#include "parley/carrier/media.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::carrier {
namespace {

using kind = media_verdict::kind;

model::link twilio() {
  model::link link;
  link.account_sid = "AC1";
  link.auth_token = "secret";
  link.api_base = "https://api.twilio.com";
  return link;
}

TEST(media_authorization, is_for_the_links_own_api) {
  // base64("AC1:secret")
  EXPECT_EQ(media_authorization(twilio(), "https://api.twilio.com/2010-04-01/Media/ME1"),
            "Basic QUMxOnNlY3JldA==");
  auto with_path = twilio();
  with_path.api_base = "https://api.twilio.com/v1/";
  EXPECT_NE(media_authorization(with_path, "https://api.twilio.com/2010-04-01/Media/ME1"), "");
}

class other_host : public ::testing::TestWithParam<const char*> {};

TEST_P(other_host, gets_no_credentials) {
  EXPECT_EQ(media_authorization(twilio(), GetParam()), "");
}

INSTANTIATE_TEST_SUITE_P(
  urls, other_host,
  ::testing::Values("https://evil.example/Media/ME1", "https://api.twilio.com.evil.example/a",
                    "https://api.twilio.com@evil.example/a", "http://api.twilio.com/a",
                    "https://api.twilio.com:8443/a", "https://API.twilio.com/a",
                    "https://evil.example/https://api.twilio.com/", "https://api.twilio.co/a",
                    "//api.twilio.com/a", "api.twilio.com", ""));

TEST(media_authorization, is_none_without_an_api) {
  EXPECT_EQ(media_authorization(model::link{}, "https://api.twilio.com/a"), "");
  EXPECT_EQ(media_authorization(model::link{}, ""), "");
}

struct answer_case {
  int status;
  std::string location;
  kind what;
  std::string url;
};

TEST(judge_media_answer, knows_what_each_answer_means) {
  const std::string here = "https://api.twilio.com/Media/ME1";
  const std::string there = "https://media.example/signed?x=y";
  const std::vector<answer_case> cases{
    {200, "", kind::content, ""},
    {307, there, kind::redirect, there},
    {301, there, kind::redirect, there},
    {302, there, kind::redirect, there},
    {303, there, kind::redirect, there},
    {308, there, kind::redirect, there},
    {307, "/elsewhere", kind::redirect, "https://api.twilio.com/elsewhere"},
    {307, "", kind::permanent, ""},
    {307, "elsewhere", kind::permanent, ""},
    {307, "//media.example/a", kind::permanent, ""},
    {307, "http://media.example/a", kind::permanent, ""},
    {307, "file:///etc/passwd", kind::permanent, ""},
    {307, "https://user:password@media.example/a", kind::permanent, ""},
    {307, "https://media.example/a b", kind::permanent, ""},
    {300, there, kind::permanent, ""},
    {304, there, kind::permanent, ""},
    {400, "", kind::permanent, ""},
    {401, "", kind::permanent, ""},
    {404, "", kind::permanent, ""},
    {410, "", kind::permanent, ""},
    {408, "", kind::transient, ""},
    {425, "", kind::transient, ""},
    {429, "", kind::transient, ""},
    {500, "", kind::transient, ""},
    {503, "", kind::transient, ""},
  };
  for (const auto& one : cases) {
    const auto verdict = judge_media_answer(one.status, one.location, here);
    EXPECT_EQ(verdict.what, one.what) << one.status << " " << one.location;
    EXPECT_EQ(verdict.url, one.url) << one.status << " " << one.location;
  }
}

TEST(judge_media_answer, goes_from_http_to_either) {
  for (const auto* url : {"http://b.example/", "https://b.example/"})
    EXPECT_EQ(judge_media_answer(307, url, "http://a.example/").what, kind::redirect) << url;
}

}  // namespace
}  // namespace parley::carrier
