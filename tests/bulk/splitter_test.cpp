#include "parley/bulk/splitter.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace parley::bulk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Each line; those that are too long with an ellipsis.
std::vector<std::string> lines_of(body_format format, std::string_view text, std::size_t piece,
                                  std::size_t line_bytes_max = 100) {
  std::vector<std::string> found;
  const auto each = [&](const raw_line& line) {
    found.push_back(std::string{line.text} + (line.too_long ? "…" : ""));
  };
  splitter cut{format, line_bytes_max};
  for (std::size_t at = 0; at < text.size(); at += piece)
    cut.take(text.substr(at, piece), each);
  cut.finish(each);
  return found;
}

TEST(splitter, cuts_lines_wherever_the_pieces_end) {
  for (std::size_t piece = 1; piece < 12; ++piece)
    EXPECT_THAT(lines_of(body_format::ndjson, "one\r\n\ntwo\nthree", piece),
                ElementsAre("one", "", "two", "three"))
      << piece;
  EXPECT_THAT(lines_of(body_format::ndjson, "", 1), IsEmpty());
  EXPECT_THAT(lines_of(body_format::ndjson, "one\n", 1), ElementsAre("one"));
}

TEST(splitter, a_csv_row_goes_on_within_quotes) {
  for (std::size_t piece = 1; piece < 30; ++piece)
    EXPECT_THAT(lines_of(body_format::csv, "to,body\n1,\"a\nb \"\"c\"\"\n\"\n2,x\n", piece),
                ElementsAre("to,body", "1,\"a\nb \"\"c\"\"\n\"", "2,x"))
      << piece;
}

TEST(splitter, passes_over_what_is_too_long_and_tells_of_it) {
  for (std::size_t piece = 1; piece < 30; ++piece)
    EXPECT_THAT(lines_of(body_format::ndjson, "12345\n123456\n1234567890123\n1\n", piece, 5),
                ElementsAre("12345", "12345…", "12345…", "1"))
      << piece;
}

TEST(splitter, keeps_no_more_than_a_line_of_a_quote_that_never_ends) {
  EXPECT_THAT(lines_of(body_format::csv, "\"" + std::string(5'000, '\n') + "x", 7, 3),
              ElementsAre("\"\n\n…"));
}

}  // namespace
}  // namespace parley::bulk
