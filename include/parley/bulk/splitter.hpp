#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace parley::bulk {

/// How a bulk job's recipients are written.
enum class body_format : std::uint8_t {
  ndjson = 1,  ///< A JSON object a line (https://github.com/ndjson/ndjson-spec).
  csv,         ///< RFC 4180; the first row names the columns.
};

/// One line: for CSV a row, which may go over several lines of text.
struct raw_line {
  std::string_view text;   ///< Without its end; the beginning of one that is too long.
  bool too_long = false;
};

/// Cuts what comes in pieces into lines. A line that is too long is passed over, and told of; what
/// is kept in memory is never more than one line and a piece.
class splitter {
public:
  using consumer = std::function<void(const raw_line&)>;

  splitter(body_format format, std::size_t line_bytes_max) noexcept
    : format_(format), line_bytes_max_(line_bytes_max) {}

  /// Calls `each` for every line that ends in `bytes`.
  void take(std::string_view bytes, const consumer& each);
  /// The last line may have no end.
  void finish(const consumer& each);

private:
  [[nodiscard]] std::size_t end_of_line(std::string_view bytes) noexcept;
  void add(std::string_view bytes);
  void end(std::string_view rest, const consumer& each);

  const body_format format_;
  const std::size_t line_bytes_max_;
  std::string begun_;       ///< The line whose end has not come.
  bool too_long_ = false;   ///< It is.
  bool quoted_ = false;     ///< Within quotes, where an end of line is none (CSV).
};

}  // namespace parley::bulk
