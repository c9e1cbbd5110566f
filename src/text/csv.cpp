#include "parley/text/csv.hpp"

#include "parley/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace parley::text {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Reads front to back; stops at the first fault.
class csv_reader {
public:
  csv_reader(std::string_view text, csv_limits limits) : left_(text), limits_(limits) {}

  csv_document read() && {
    if (!is_clean_utf8(left_))
      return {{}, "the text must be UTF-8 without NUL"};
    if (left_.starts_with(byte_order_mark))
      left_.remove_prefix(byte_order_mark.size());
    while (!left_.empty() && made_.fault.empty())
      read_row();
    if (!made_.fault.empty())
      made_.rows.clear();
    return std::move(made_);
  }

private:
  void fail(std::string_view why) {
    made_.fault = "line " + std::to_string(line_) + ": " + std::string{why};
  }

  /// The end of a line, if it is what comes next.
  [[nodiscard]] bool take_line_end() {
    const std::size_t bytes = left_.starts_with("\r\n") ? 2 : left_.starts_with('\n') ? 1 : 0;
    left_.remove_prefix(bytes);
    line_ += bytes > 0 ? 1 : 0;
    return bytes > 0;
  }

  void read_row() {
    if (take_line_end())
      return;
    if (made_.rows.size() == limits_.rows_max)
      return fail("there are more than " + std::to_string(limits_.rows_max) + " rows");
    auto& row = made_.rows.emplace_back();
    row.line = line_;
    while (made_.fault.empty()) {
      if (row.fields.size() == limits_.fields_max)
        return fail("the row has more than " + std::to_string(limits_.fields_max) + " fields");
      row.fields.push_back(left_.starts_with('"') ? quoted() : plain());
      if (!made_.fault.empty() || left_.empty() || take_line_end())
        return;
      left_.remove_prefix(1);  // The comma: a field ends nowhere else.
    }
  }

  std::string plain() {
    const auto end = std::min(left_.find_first_of(",\"\r\n"), left_.size());
    std::string field{left_.substr(0, end)};
    left_.remove_prefix(end);
    if (left_.starts_with('"'))
      fail("a quote stands inside of a field that does not begin with one");
    else
      require_end();
    return field;
  }

  std::string quoted() {
    std::string field;
    left_.remove_prefix(1);
    for (;;) {
      const auto end = left_.find('"');
      if (end == std::string_view::npos) {
        fail("a field begins with a quote that nothing closes");
        return field;
      }
      field += left_.substr(0, end);
      line_ += static_cast<std::size_t>(std::ranges::count(left_.substr(0, end), '\n'));
      left_.remove_prefix(end + 1);
      if (!left_.starts_with('"'))
        break;
      field += '"';
      left_.remove_prefix(1);
    }
    require_end();
    return field;
  }

  /// What ends a field.
  void require_end() {
    if (!left_.empty() && !left_.starts_with(',') && !left_.starts_with('\n')
        && !left_.starts_with("\r\n"))
      fail(left_.starts_with('\r') ? "a carriage return stands by itself"
                                   : "text stands behind a closing quote");
  }

  std::string_view left_;
  const csv_limits limits_;
  std::size_t line_ = 1;
  csv_document made_;
};

}  // namespace

csv_document read_csv(std::string_view text, csv_limits limits) {
  return csv_reader{text, limits}.read();
}

}  // namespace parley::text
