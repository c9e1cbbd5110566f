#include "parley/carrier/twilio_signature.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace parley::carrier {
namespace {

// The vectors of Twilio's own libraries.
constexpr std::string_view token = "12345";
constexpr std::string_view url = "https://mycompany.com/myapp.php?foo=1&bar=2";
constexpr std::string_view signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
const std::vector<parameter> parameters{{"CallSid", "CA1234567890ABCDE"},
                                        {"Caller", "+14158675309"},
                                        {"Digits", "1234"},
                                        {"From", "+14158675309"},
                                        {"To", "+18005551212"}};

TEST(twilio_signature, is_the_published_one) {
  EXPECT_EQ(twilio_signature(token, url, parameters), signature);
  EXPECT_TRUE(twilio_signature_matches(token, url, parameters, signature));
}

TEST(twilio_signature, does_not_depend_on_the_order_of_parameters) {
  auto shuffled = parameters;
  std::ranges::sort(shuffled);
  do {
    ASSERT_EQ(twilio_signature(token, url, shuffled), signature);
  } while (std::ranges::next_permutation(shuffled).found);
}

TEST(twilio_signature, is_refused_after_any_change) {
  EXPECT_FALSE(twilio_signature_matches("12346", url, parameters, signature));
  EXPECT_FALSE(twilio_signature_matches(token, "https://mycompany.com/myapp.php?foo=1&bar=3",
                                        parameters, signature));
  EXPECT_FALSE(twilio_signature_matches(token, "http://mycompany.com/myapp.php?foo=1&bar=2",
                                        parameters, signature));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    auto changed = parameters;
    changed[i].second = "x";
    EXPECT_FALSE(twilio_signature_matches(token, url, changed, signature)) << i;
    changed = parameters;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(twilio_signature_matches(token, url, changed, signature)) << i;
  }
  auto more = parameters;
  more.emplace_back("Zzz", "1");
  EXPECT_FALSE(twilio_signature_matches(token, url, more, signature));
}

TEST(twilio_signature, is_refused_when_it_is_not_one) {
  for (std::size_t size = 0; size < signature.size(); ++size)
    EXPECT_FALSE(twilio_signature_matches(token, url, parameters, signature.substr(0, size)));
  EXPECT_FALSE(twilio_signature_matches(token, url, parameters, std::string{signature} + "="));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string changed{signature};
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(twilio_signature_matches(token, url, parameters, changed)) << i;
  }
}

TEST(twilio_signature, is_never_right_without_a_token) {
  const auto forged = twilio_signature("", url, parameters);
  EXPECT_FALSE(twilio_signature_matches("", url, parameters, forged));
}

struct port_case {
  const char* name;
  const char* configured;
  const char* signed_for;
  bool matches;
};

class signature_ports : public ::testing::TestWithParam<port_case> {};

TEST_P(signature_ports, are_tried) {
  const auto made = twilio_signature(token, GetParam().signed_for, parameters);
  EXPECT_EQ(twilio_signature_matches(token, GetParam().configured, parameters, made),
            GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
  urls, signature_ports,
  ::testing::Values(
    port_case{"https_added", "https://a.com/cb", "https://a.com:443/cb", true},
    port_case{"https_removed", "https://a.com:443/cb?x=1", "https://a.com/cb?x=1", true},
    port_case{"http_added", "http://a.com/cb", "http://a.com:80/cb", true},
    port_case{"http_removed", "http://a.com:80/cb", "http://a.com/cb", true},
    port_case{"no_path", "https://a.com", "https://a.com:443", true},
    port_case{"query_only", "https://a.com?x=1:2", "https://a.com:443?x=1:2", true},
    port_case{"ipv6", "http://[::1]/cb", "http://[::1]:80/cb", true},
    port_case{"ipv6_removed", "http://[::1]:80/cb", "http://[::1]/cb", true},
    port_case{"password", "http://u:80@a.com/cb", "http://u:80@a.com:80/cb", true},
    port_case{"other_port_same", "http://a.com:8080/cb", "http://a.com:8080/cb", true},
    port_case{"other_port_is_not_removed", "http://a.com:8080/cb", "http://a.com/cb", false},
    port_case{"other_port_is_not_added", "http://a.com/cb", "http://a.com:8080/cb", false},
    port_case{"port_of_the_other_scheme", "http://a.com/cb", "http://a.com:443/cb", false},
    port_case{"no_scheme", "a.com/cb", "a.com:80/cb", false}),
  [](const auto& instance) { return instance.param.name; });

TEST(twilio_body_signature, is_the_published_one) {
  constexpr std::string_view body_url
    = "https://example.com/cb?bodySHA256="
      "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
  constexpr std::string_view body_signature = "1GgN8nEpt8zPd8zDAaVw1GrLTTo=";
  EXPECT_TRUE(twilio_body_signature_matches(token, body_url, R"({"a":1})", body_signature));
  EXPECT_FALSE(twilio_body_signature_matches(token, body_url, R"({"a":2})", body_signature));
  EXPECT_FALSE(twilio_body_signature_matches("1234", body_url, R"({"a":1})", body_signature));
  EXPECT_FALSE(twilio_body_signature_matches(token, body_url, R"({"a":1})", signature));
}

TEST(twilio_body_signature, needs_the_digest_in_the_query) {
  constexpr std::string_view bare = "https://example.com/cb";
  const auto made = twilio_signature(token, bare, {});
  EXPECT_FALSE(twilio_body_signature_matches(token, bare, R"({"a":1})", made));
  const std::string fragment
    = std::string{bare} + "#?bodySHA256="
      "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
  EXPECT_FALSE(twilio_body_signature_matches(token, fragment, R"({"a":1})",
                                             twilio_signature(token, fragment, {})));
}

/// The definition, word for word, with OpenSSL's own HMAC.
std::string signed_by_definition(const std::string& key, std::string text,
                                 std::vector<std::pair<std::string, std::string>> all) {
  std::ranges::stable_sort(all, {}, &std::pair<std::string, std::string>::first);
  for (const auto& [name, value] : all)
    text += name + value;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::array<unsigned char, 64> encoded{};
  EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return reinterpret_cast<const char*>(encoded.data());
}

RC_GTEST_PROP(twilio_signature, is_its_definition,
              (const std::string& key, const std::string& to)) {
  // Few letters make keys that share beginnings, and equal ones; sizes reach over the SHA-1 block,
  // the staging buffer, and the number of parameters that fit on the stack.
  const auto name = rc::gen::container<std::string>(rc::gen::element('A', 'a', '\0', '\xff'));
  const auto value = rc::gen::map(rc::gen::inRange<std::size_t>(0, 1200),
                                  [](std::size_t size) { return std::string(size % 1200, 'v'); });
  const auto all = *rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
    rc::gen::pair(name, value));
  const std::vector<parameter> views{all.begin(), all.end()};
  RC_ASSERT(twilio_signature(key, to, views) == signed_by_definition(key, to, all));
}

TEST(twilio_signature, holds_for_many_parameters_and_long_tokens) {
  std::vector<std::pair<std::string, std::string>> all;
  for (int i = 0; i < 500; ++i)
    all.emplace_back("Key" + std::to_string(i * 7919 % 500), std::to_string(i));
  const std::vector<parameter> views{all.begin(), all.end()};
  for (const std::size_t size : {1U, 63U, 64U, 65U, 200U}) {
    const std::string key(size, 'k');
    EXPECT_EQ(twilio_signature(key, "https://a", views),
              signed_by_definition(key, "https://a", all));
  }
}

}  // namespace
}  // namespace parley::carrier
