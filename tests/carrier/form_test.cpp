#include "parley/carrier/form.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace parley::carrier {
namespace {

using texts = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t plenty = 1000;

texts texts_of(const form& decoded) {
  return {decoded.parameters().begin(), decoded.parameters().end()};
}

struct form_case {
  const char* name;
  std::string body;
  texts parameters;
};

class form_decodes : public ::testing::TestWithParam<form_case> {};

TEST_P(form_decodes, body) {
  const form decoded{GetParam().body, plenty};
  ASSERT_TRUE(decoded.ok()) << decoded.fault();
  EXPECT_EQ(texts_of(decoded), GetParam().parameters);
}

INSTANTIATE_TEST_SUITE_P(
  bodies, form_decodes,
  ::testing::Values(
    form_case{"empty", "", {}}, form_case{"one", "a=1", {{"a", "1"}}},
    form_case{"two", "a=1&b=2", {{"a", "1"}, {"b", "2"}}},
    form_case{"order_and_repeats_are_kept", "b=2&a=1&b=3", {{"b", "2"}, {"a", "1"}, {"b", "3"}}},
    form_case{"no_value", "a&b=", {{"a", ""}, {"b", ""}}},
    form_case{"no_key", "=1&=", {{"", "1"}, {"", ""}}},
    form_case{"nothing_between_separators", "&&a=1&&&b=2&", {{"a", "1"}, {"b", "2"}}},
    form_case{"equals_in_the_value", "a=b=c==", {{"a", "b=c=="}}},
    form_case{"plus_is_space", "a+b=c+d", {{"a b", "c d"}}},
    form_case{"escapes", "%61=%2B%26%3d%25", {{"a", "+&=%"}}},
    form_case{"escapes_decode_once", "a=%2541", {{"a", "%41"}}},
    form_case{"escapes_at_the_end", "a=%41", {{"a", "A"}}},
    form_case{"bytes", "a=%00%ff%C3%a9", {{"a", std::string{"\0\xff\xc3\xa9", 4}}}},
    form_case{"raw_bytes", "a=\xff\x01 ", {{"a", "\xff\x01 "}}},
    form_case{"short_body_in_place", "%61=%62", {{"a", "b"}}}),
  [](const auto& instance) { return instance.param.name; });

struct broken_case {
  std::string body;
  const char* fault;
};

class form_refuses : public ::testing::TestWithParam<broken_case> {};

TEST_P(form_refuses, and_says_where) {
  const form decoded{GetParam().body, 3};
  EXPECT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.fault(), GetParam().fault);
  EXPECT_TRUE(decoded.parameters().empty());
}

INSTANTIATE_TEST_SUITE_P(
  bodies, form_refuses,
  ::testing::Values(broken_case{"%", "broken percent escape at byte 0"},
                    broken_case{"a=%", "broken percent escape at byte 2"},
                    broken_case{"a=1&b=x%4", "broken percent escape at byte 7"},
                    broken_case{"a=%4g", "broken percent escape at byte 2"},
                    broken_case{"a=%g4", "broken percent escape at byte 2"},
                    broken_case{"a=%%41", "broken percent escape at byte 2"},
                    broken_case{"a%2=1", "broken percent escape at byte 1"},
                    broken_case{"a=1&b=2&c=3&d=4", "too many parameters at byte 12"}));

TEST(form_limit, is_inclusive_and_not_reached_by_separators) {
  EXPECT_TRUE((form{"a=1&b=2&c=3", 3}.ok()));
  EXPECT_TRUE((form{"&&&&&&a=1&&&&&b=2&&&c=3&&&&", 3}.ok()));
  EXPECT_TRUE((form{"", 0}.ok()));
  EXPECT_FALSE((form{"a", 0}.ok()));
}

TEST(form_lookup, gives_the_first_value) {
  const form decoded{"a=1&b=&a=2", plenty};
  EXPECT_EQ(decoded.get("a"), "1");
  EXPECT_EQ(decoded.get("b"), "");
  EXPECT_EQ(decoded.get("c"), "");
  EXPECT_TRUE(decoded.has("b"));
  EXPECT_FALSE(decoded.has("c"));
  EXPECT_FALSE(decoded.has("A"));
}

TEST(append_parameter, escapes_all_but_the_unreserved) {
  std::string out;
  append_parameter(out, "a b", "1&2=3%");
  append_parameter(out, "azAZ09-._~", std::string{"\0\xff+", 3});
  EXPECT_EQ(out, "a%20b=1%262%3D3%25&azAZ09-._~=%00%FF%2B");
}

RC_GTEST_PROP(form, reads_what_append_parameter_wrote, (const texts& parameters)) {
  std::string body;
  for (const auto& [key, value] : parameters)
    append_parameter(body, key, value);
  const form decoded{body, plenty};
  RC_ASSERT(decoded.ok());
  RC_ASSERT(texts_of(decoded) == parameters);
}

/// A decoder written the slow way: cut at the separators, then decode each piece.
std::optional<texts> decoded_slowly(std::string_view body) {
  texts out;
  while (!body.empty()) {
    const auto part = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), part.size() + 1));
    if (part.empty())
      continue;
    const auto equals = std::min(part.find('='), part.size());
    const auto key = percent_decode(part.substr(0, equals), true);
    const auto value = percent_decode(part.substr(std::min(equals + 1, part.size())), true);
    if (!key || !value)
      return std::nullopt;
    out.emplace_back(*key, *value);
  }
  return out;
}

RC_GTEST_PROP(form, agrees_with_a_slow_decoder, ()) {
  const auto body = *rc::gen::container<std::string>(
    rc::gen::element('a', '4', 'f', '%', '%', '=', '&', '+', '\0', '\xff'));
  const form decoded{body, plenty};
  const auto expected = decoded_slowly(body);
  RC_ASSERT(decoded.ok() == expected.has_value());
  if (expected)
    RC_ASSERT(texts_of(decoded) == *expected);
}

TEST(percent_decode, decodes_or_refuses) {
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode("a%20b+c", false), "a b+c");
  EXPECT_EQ(percent_decode("", true), "");
  EXPECT_FALSE(percent_decode("a%2", true));
  EXPECT_FALSE(percent_decode("%", true));
  EXPECT_FALSE(percent_decode("%zz", true));
}

TEST(query_value, finds_the_first_of_a_key) {
  EXPECT_EQ(query_value("a=1&b=2&a=3", "a"), "1");
  EXPECT_EQ(query_value("a=1&b=2", "b"), "2");
  EXPECT_EQ(query_value("hub.mode=subscribe&hub.challenge=x%20y+z", "hub.challenge"), "x y z");
  EXPECT_EQ(query_value("%61=1", "a"), "1");
  EXPECT_EQ(query_value("a&b=2", "a"), "");
  EXPECT_EQ(query_value("&&a=1", "a"), "1");
  EXPECT_FALSE(query_value("a=1", "b"));
  EXPECT_FALSE(query_value("", "a"));
  EXPECT_FALSE(query_value("a=%g1", "a"));
}

}  // namespace
}  // namespace parley::carrier
