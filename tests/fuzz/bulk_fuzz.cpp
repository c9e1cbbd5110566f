// libFuzzer: the lines of a bulk upload, in two formats and in pieces of different sizes.
#include "parley/bulk/lines.hpp"
#include "parley/bulk/splitter.hpp"
#include "parley/model/limits.hpp"
#include "parley/text/segments.hpp"
#include "parley/text/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using namespace parley;

constexpr std::size_t line_bytes_max = 256;
constexpr std::size_t json_depth_max = 8;

void require(bool holds) {
  if (!holds)
    std::abort();
}

model::bulk_parameters job() {
  model::bulk_parameters what;
  what.from = {model::channel::sms, "+15550100001"};
  what.body = "Hi {{name}}, {{count}}";
  return what;
}

/// Each line, with a mark at those that are too long.
std::vector<std::string> lines_of(bulk::body_format format, std::string_view input,
                                  std::size_t piece) {
  std::vector<std::string> lines;
  const auto each = [&](const bulk::raw_line& line) {
    require(line.text.size() <= line_bytes_max);
    lines.push_back(std::string{line.text} + (line.too_long ? "!" : "."));
  };
  bulk::splitter cut{format, line_bytes_max};
  for (std::size_t at = 0; at < input.size(); at += piece)
    cut.take(input.substr(at, piece), each);
  cut.finish(each);
  return lines;
}

void check(const bulk::line_verdict& verdict, std::uint64_t number) {
  static const auto text = bulk::text_of(job());
  if (const auto* no = std::get_if<model::bulk_refusal>(&verdict)) {
    require(no->number == number && !no->detail.empty());
  } else if (const auto* line = std::get_if<bulk::accepted_line>(&verdict)) {
    require(line->entry.number == number && line->segments >= 1);
    require(model::address::parse(line->entry.to).has_value());
    require(line->entry.body.empty() ? line->entry.values.size() == text.names.size()
                                     : line->entry.values.empty());
    const auto sent = bulk::text_for(text, line->entry);
    require(!sent.empty() && text::is_clean_utf8(sent));
    require(text::segment(sent).characters <= model::body_characters_max);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  const auto format = data[0] % 2 == 0 ? bulk::body_format::ndjson : bulk::body_format::csv;
  const std::size_t piece = std::max<std::size_t>(data[1], 1);
  const std::string_view input{reinterpret_cast<const char*>(data) + 2, size - 2};
  // Where the pieces end changes nothing.
  const auto lines = lines_of(format, input, piece);
  require(lines == lines_of(format, input, std::max<std::size_t>(input.size(), 1)));
  bulk::line_reader reader{format, job(), nullptr, json_depth_max};
  for (const auto& line : lines) {
    const std::string_view text{line.data(), line.size() - 1};
    const auto verdict = reader.read({text, line.back() == '!'});
    check(verdict, reader.lines());
  }
  require(reader.lines() == lines.size());
  return 0;
}
