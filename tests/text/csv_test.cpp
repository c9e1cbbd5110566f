#include "parley/text/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace parley::text {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using rows = std::vector<std::vector<std::string>>;

constexpr csv_limits limits{.fields_max = 4, .rows_max = 3};

rows fields_of(const csv_document& document) {
  rows all;
  for (const auto& row : document.rows)
    all.push_back(row.fields);
  return all;
}

TEST(csv, reads_what_rfc_4180_has) {
  struct {
    std::string_view text;
    rows expected;
  } const cases[] = {
    {"", {}},
    {"a", {{"a"}}},
    {"a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
    {"a,b\nc,d", {{"a", "b"}, {"c", "d"}}},
    {",\n", {{"", ""}}},
    {"a,\n", {{"a", ""}}},
    {"\"a,b\",\"c\"", {{"a,b", "c"}}},
    {"\"say \"\"yes\"\"\"\n", {{"say \"yes\""}}},
    {"\"\"\"\"", {{"\""}}},
    {"\"two\r\nlines\",x", {{"two\r\nlines", "x"}}},
    {"\"\",\"\"", {{"", ""}}},
    {"\n\r\na\n\n\nb\n", {{"a"}, {"b"}}},
    {" a , b ", {{" a ", " b "}}},
    {"\xef\xbb\xbfname\n", {{"name"}}},
    {"J\xc3\xbcrgen", {{"J\xc3\xbcrgen"}}},
  };
  for (const auto& [text, expected] : cases) {
    const auto read = read_csv(text, limits);
    EXPECT_EQ(read.fault, "") << text;
    EXPECT_EQ(fields_of(read), expected) << text;
  }
}

TEST(csv, says_where_a_row_begins) {
  const auto read = read_csv("a\n\n\"two\nlines\"\nb", limits);
  ASSERT_EQ(read.rows.size(), 3U) << read.fault;
  EXPECT_EQ(read.rows[0].line, 1U);
  EXPECT_EQ(read.rows[1].line, 3U);
  EXPECT_EQ(read.rows[2].line, 5U);
}

TEST(csv, refuses_the_rest_and_says_where) {
  struct {
    std::string_view text;
    std::string_view fault;
  } const cases[] = {
    {"a\n\"open", "line 2: a field begins with a quote that nothing closes"},
    {"\"", "line 1: a field begins with a quote"},
    {"a\"b", "line 1: a quote stands inside"},
    {"\"a\"b", "line 1: text stands behind a closing quote"},
    {"\"a\" ,b", "line 1: text stands behind"},
    {"a\rb", "line 1: a carriage return"},
    {"a\r", "line 1: a carriage return"},
    {"\"a\"\r", "line 1: a carriage return"},
    {"a,b,c,d,e", "line 1: the row has more than 4 fields"},
    {"a\nb\nc\nd", "line 4: there are more than 3 rows"},
    {"a\xff", "UTF-8"},
    {std::string_view{"a\0b", 3}, "UTF-8 without NUL"},
  };
  for (const auto& [text, fault] : cases) {
    const auto read = read_csv(text, limits);
    EXPECT_THAT(read.fault, HasSubstr(fault)) << text;
    EXPECT_THAT(read.rows, IsEmpty()) << text;
  }
}

TEST(csv, takes_as_many_rows_and_fields_as_it_may) {
  EXPECT_EQ(fields_of(read_csv("a,b,c,d\nx\ny\n\n", limits)),
            (rows{{"a", "b", "c", "d"}, {"x"}, {"y"}}));
}

std::string written(const rows& all) {
  std::string text;
  for (const auto& row : all) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += i == 0 ? "\"" : ",\"";
      for (const char c : row[i])
        text += c == '"' ? std::string{"\"\""} : std::string{c};
      text += '"';
    }
    text += "\r\n";
  }
  return text;
}

RC_GTEST_PROP(csv, gives_back_what_was_written, ()) {
  const auto field = rc::gen::container<std::string>(
    rc::gen::element('a', '"', ',', '\n', '\r', ' ', '+'));
  const auto row = rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(field));
  const auto all = *rc::gen::container<rows>(row);
  const auto read = read_csv(written(all), {.fields_max = 1'000, .rows_max = 1'000});
  RC_ASSERT(read.fault.empty());
  RC_ASSERT(fields_of(read) == all);
}

RC_GTEST_PROP(csv, whatever_it_is_there_are_rows_or_a_fault, ()) {
  const auto text = *rc::gen::container<std::string>(
    rc::gen::element('a', '"', ',', '\n', '\r', '\xff', '\0'));
  const auto read = read_csv(text, limits);
  RC_ASSERT(read.rows.empty() || read.fault.empty());
  RC_ASSERT(read.rows.size() <= limits.rows_max);
  for (const auto& row : read.rows)
    RC_ASSERT(!row.fields.empty() && row.fields.size() <= limits.fields_max);
}

}  // namespace
}  // namespace parley::text
