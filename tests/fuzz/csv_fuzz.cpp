// libFuzzer: an uploaded CSV document.
#include "parley/text/csv.hpp"
#include "parley/text/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace parley;

constexpr text::csv_limits limits{.fields_max = 8, .rows_max = 16};

void require(bool holds) {
  if (!holds)
    std::abort();
}

std::string written(const text::csv_document& document) {
  std::string out;
  for (const auto& row : document.rows) {
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      out += i == 0 ? "\"" : ",\"";
      for (const char c : row.fields[i])
        out += c == '"' ? std::string{"\"\""} : std::string{c};
      out += '"';
    }
    out += '\n';
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto read = text::read_csv(input, limits);
  require(read.fault.empty() || read.rows.empty());
  require(read.rows.size() <= limits.rows_max);
  for (const auto& row : read.rows) {
    require(!row.fields.empty() && row.fields.size() <= limits.fields_max && row.line >= 1);
    for (const auto& field : row.fields)
      require(text::is_clean_utf8(field));
  }
  // What is accepted can be written so that it reads back the same.
  const auto again = text::read_csv(written(read), limits);
  require(again.fault.empty() && again.rows.size() == read.rows.size());
  for (std::size_t i = 0; i < read.rows.size(); ++i)
    require(again.rows[i].fields == read.rows[i].fields);
  return 0;
}
