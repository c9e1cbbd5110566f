#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace parley::text {

struct csv_limits {
  std::size_t fields_max = 0;  ///< Of one row.
  std::size_t rows_max = 0;    ///< The header's included.
};

struct csv_row {
  std::size_t line = 0;  ///< Of its first character, from 1.
  std::vector<std::string> fields;
};

/// What a document reads as: rows, or the reason why it is none, never both.
struct csv_document {
  std::vector<csv_row> rows;
  std::string fault;  ///< A sentence with the line; empty when there is none.
};

/// Reads CSV as RFC 4180 has it: commas, CRLF or LF, fields in double quotes with `""` for a quote.
/// Strict: a quote inside of a plain field, text behind a closing quote, an open quote at the end,
/// a carriage return by itself and bytes that are not UTF-8 without NUL are faults. Empty lines are
/// no rows; a byte order mark at the start is skipped. Rows may differ in length: their reader
/// knows what that means. Memory is a small multiple of the text's size.
[[nodiscard]] csv_document read_csv(std::string_view text, csv_limits limits);

}  // namespace parley::text
