#include "parley/bulk/lines.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace parley::bulk {
namespace {

using model::errc;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

model::bulk_parameters job(std::string body, std::string from = "sms:+15550100001") {
  model::bulk_parameters made;
  made.from = *model::address::parse(from);
  made.body = std::move(body);
  return made;
}

line_reader reader_of(const model::bulk_parameters& what,
                      body_format format = body_format::ndjson,
                      const model::message_template* entry = nullptr) {
  return {format, what, entry, 16};
}

TEST(bulk_lines, a_line_is_an_address_and_values) {
  const auto what = job("Hi {{name}}, {{count}} new");
  auto reader = reader_of(what);
  const auto read
    = reader.read({R"({"to":"+15551230001","vars":{"count":3,"name":"Ann","more":"x"}})"});
  const auto& line = std::get<accepted_line>(read);
  EXPECT_EQ(line.entry.to, "sms:+15551230001");
  EXPECT_EQ(line.entry.number, 1U);
  EXPECT_THAT(line.entry.values, ElementsAre("Ann", "3"));
  EXPECT_EQ(text_for(text_of(what), line.entry), "Hi Ann, 3 new");
}

TEST(bulk_lines, counts_lines_and_segments) {
  auto reader = reader_of(job("{{t}}"));
  const auto of = [&](std::string text) {
    return std::get<accepted_line>(
             reader.read({R"({"to":"+15551230001","vars":{"t":")" + text + "\"}}"}))
      .segments;
  };
  EXPECT_EQ(of("short"), 1U);
  EXPECT_EQ(of(std::string(161, 'a')), 2U);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(reader.read({"  "})));
  EXPECT_EQ(reader.lines(), 3U);
}

TEST(bulk_lines, a_line_may_have_its_own_text) {
  auto reader = reader_of(job(""));
  const auto line = std::get<accepted_line>(
    reader.read({R"({"to":"sms:+15551230001","body":"Hi {{n}}","vars":{"n":"Bob"}})"}));
  EXPECT_EQ(line.entry.body, "Hi Bob");
}

struct refused_case {
  std::string line;
  errc code;
  std::string says;
};

TEST(bulk_lines, says_why_a_line_is_refused_and_reads_on) {
  const std::vector<refused_case> cases{
    {R"(nonsense)", errc::malformed, "no JSON object"},
    {R"([1])", errc::malformed, "no JSON object"},
    {R"({"to":"+15551230001"} x)", errc::malformed, "no JSON object"},
    {R"({"vars":{"name":"x"}})", errc::malformed, "`to` is missing"},
    {R"({"to":5})", errc::malformed, "`to` must be a text"},
    {R"({"to":"+1555"})", errc::malformed, "no address of sms"},
    {R"({"to":"whatsapp:+15551230001"})", errc::malformed, "no address of sms"},
    {R"({"to":"+15550100001"})", errc::malformed, "no address of sms"},
    {R"({"to":"+15551230001,+15551230002"})", errc::malformed, "no address of sms"},
    {R"({"to":"+15551230001"})", errc::template_variables, "`name`"},
    {R"({"to":"+15551230001","vars":{"name":true}})", errc::malformed, "`vars.name`"},
    {R"({"to":"+15551230001","vars":[]})", errc::malformed, "`vars`"},
    {R"({"to":"+15551230001","vars":{"name":"\u0000"}})", errc::template_variables, "`name`"},
    {R"({"to":"+15551230001","who":"x"})", errc::malformed, "`who` is not known"},
    {R"({"to":"+15551230001","vars":{"name":")" + std::string(1'700, 'a') + "\"}}",
     errc::body_too_long, "1703 characters"},
    {R"({"to":"+15551230001","body":"\u0000"})", errc::malformed, "NUL"},
    {std::string(60, '['), errc::malformed, "no JSON object"},
    {"{\"to\":\"+15551230001\",\"vars\":{\"name\":\"\xff\"}}", errc::malformed, "no JSON"},
  };
  auto reader = reader_of(job("Hi {{name}}"));
  std::uint64_t number = 0;
  for (const auto& [line, code, says] : cases) {
    const auto read = reader.read({line});
    ++number;
    const auto* no = std::get_if<model::bulk_refusal>(&read);
    ASSERT_NE(no, nullptr) << line;
    EXPECT_EQ(no->code, code) << line;
    EXPECT_EQ(no->number, number);
    EXPECT_THAT(no->detail, HasSubstr(says)) << line;
  }
  EXPECT_TRUE(std::holds_alternative<accepted_line>(
    reader.read({R"({"to":"+15551230001","vars":{"name":"Ann"}})"})));
  const auto too_long = reader.read({"{", true});
  EXPECT_EQ(std::get<model::bulk_refusal>(too_long).code, errc::too_large);
}

TEST(bulk_lines, csv_names_its_columns_first) {
  auto reader = reader_of(job("Hi {{name}}"), body_format::csv);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(reader.read({"name,to"})));
  const auto line = std::get<accepted_line>(reader.read({"\"Ann \"\"A\"\"\",+15551230001"}));
  EXPECT_EQ(line.entry.number, 2U);
  EXPECT_THAT(line.entry.values, ElementsAre("Ann \"A\""));
  EXPECT_EQ(std::get<model::bulk_refusal>(reader.read({"x"})).code, errc::malformed);
  EXPECT_EQ(std::get<model::bulk_refusal>(reader.read({"\"x"})).code, errc::malformed);
}

TEST(bulk_lines, csv_without_a_column_for_the_recipient_accepts_nothing) {
  auto reader = reader_of(job("Hi"), body_format::csv);
  EXPECT_THAT(std::get<model::bulk_refusal>(reader.read({"name,phone"})).detail,
              HasSubstr("none is `to`"));
  EXPECT_THAT(std::get<model::bulk_refusal>(reader.read({"Ann,+15551230001"})).detail,
              HasSubstr("`to` is missing"));
}

TEST(bulk_lines, a_templates_values_keep_its_rules) {
  model::message_template entry;
  entry.id = "welcome";
  entry.components.push_back({});
  entry.components.back().text = "Hi {{1}}";
  auto what = job("Hi {{1}}", "whatsapp:+15550100001");
  what.made_from = model::sent_template{"welcome", {}, "1"};
  auto reader = reader_of(what, body_format::ndjson, &entry);
  const auto line = std::get<accepted_line>(
    reader.read({R"({"to":"+15551230001","vars":{"1":"Ann"}})"}));
  EXPECT_EQ(line.entry.to, "whatsapp:+15551230001");
  EXPECT_EQ(std::get<model::bulk_refusal>(
              reader.read({R"({"to":"+15551230001","vars":{"1":"a\nb"}})"}))
              .code,
            errc::template_variables);
  EXPECT_EQ(std::get<model::bulk_refusal>(
              reader.read({R"({"to":"+15551230001","vars":{"1":"a"},"body":"x"})"}))
              .code,
            errc::malformed);
}

}  // namespace
}  // namespace parley::bulk
