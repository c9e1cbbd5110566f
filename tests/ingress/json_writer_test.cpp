#include "src/ingress/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace parley::ingress {
namespace {

std::string written(std::string_view text) {
  std::string out;
  json_writer{out}.text(text);
  return out;
}

struct text_case {
  const char* name;
  std::string_view text;
  std::string_view json;
};

class json_writer_text : public ::testing::TestWithParam<text_case> {};

TEST_P(json_writer_text, is_written_as) {
  EXPECT_EQ(written(GetParam().text), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
  texts, json_writer_text,
  ::testing::Values(text_case{"empty", "", R"("")"}, text_case{"plain", "abc", R"("abc")"},
                    text_case{"quote", R"(a"b\c)", R"("a\"b\\c")"},
                    text_case{"lines", "a\r\n\tb", R"("a\r\n\tb")"},
                    text_case{"control", std::string_view{"\x01\x1f", 2}, R"("\u0001\u001f")"},
                    text_case{"delete", "\x7f", "\"\x7f\""},
                    text_case{"unicode", "Ω漢🎉\"", "\"Ω漢🎉\\\"\""},
                    text_case{"cut", "a\xff", "\"a\xef\xbf\xbd\""}),
  [](const auto& one) { return std::string{one.param.name}; });

TEST(json_writer, every_byte_gives_json_that_can_be_read) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(3, static_cast<char>(byte));
    boost::json::error_code fault;
    const auto read = boost::json::parse(written(text), fault);
    ASSERT_FALSE(fault) << byte;
    if (byte > 0 && byte < 0x80) {
      EXPECT_EQ(read.get_string(), text) << byte;
    }
  }
}

TEST(json_writer, puts_commas_between_members_and_elements_only) {
  std::string out;
  json_writer json{out};
  json.begin_object().key("a").begin_array().end_array().key("b").begin_array();
  json.number(std::uint64_t{1}).begin_object().end_object().null().flag(true).flag(false);
  json.end_array().key("c").text_or_null("").key("d").text_or_null("x");
  json.key("e").number(std::int64_t{-7}).key("f").ready(R"({"g":1})").key("h").ready("{}");
  json.end_object();
  EXPECT_EQ(out, R"({"a":[],"b":[1,{},null,true,false],"c":null,"d":"x","e":-7,"f":{"g":1},)"
                 R"("h":{}})");
}

TEST(json_writer, writes_the_largest_numbers) {
  std::string out;
  json_writer json{out};
  json.begin_array().number(std::numeric_limits<std::uint64_t>::max());
  json.number(std::numeric_limits<std::int64_t>::min()).end_array();
  EXPECT_EQ(out, "[18446744073709551615,-9223372036854775808]");
}

TEST(json_writer, writes_real_numbers_so_that_they_come_back) {
  std::string out;
  json_writer json{out};
  json.begin_array().real(0.1).real(1.0).real(10'000).real(1.0 / 3);
  json.real(std::numeric_limits<double>::quiet_NaN()).end_array();
  EXPECT_EQ(out, "[0.1,1,10000,0.3333333333333333,null]");
}

}  // namespace
}  // namespace parley::ingress
