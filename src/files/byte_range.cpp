#include "parley/files/byte_range.hpp"

#include <algorithm>
#include <charconv>

namespace parley::files {

namespace {

/// Digits only: no sign, no blanks. A number that does not fit is as large as can be.
std::optional<std::uint64_t> read_number(std::string_view text) noexcept {
  const auto is_digit = [](char byte) { return byte >= '0' && byte <= '9'; };
  if (text.empty() || !std::ranges::all_of(text, is_digit))
    return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc{} ? value : ~std::uint64_t{0};
}

range_answer last_bytes(std::uint64_t wanted, std::uint64_t file_bytes) noexcept {
  const auto count = std::min(wanted, file_bytes);
  if (count == 0)
    return {range_kind::unsatisfiable, {}};
  return {range_kind::part, {file_bytes - count, count}};
}

}  // namespace

range_answer read_range(std::string_view field, std::uint64_t file_bytes) noexcept {
  const range_answer whole{range_kind::whole, {0, file_bytes}};
  constexpr std::string_view unit = "bytes=";
  if (!field.starts_with(unit))
    return whole;
  field.remove_prefix(unit.size());
  const auto dash = field.find('-');
  if (dash == std::string_view::npos)
    return whole;
  const auto first = read_number(field.substr(0, dash));
  const auto last = read_number(field.substr(dash + 1));
  if (dash == 0)
    return last ? last_bytes(*last, file_bytes) : whole;
  const bool open = dash + 1 == field.size();
  if (!first || (!open && !last) || (last && *last < *first))
    return whole;
  if (*first >= file_bytes)
    return {range_kind::unsatisfiable, {}};
  const auto end = open ? file_bytes - 1 : std::min(*last, file_bytes - 1);
  return {range_kind::part, {*first, end - *first + 1}};
}

}  // namespace parley::files
