#include "src/store/unpacking.hpp"

#include "parley/store/environment.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>

namespace parley::store {
namespace {

/// The first bytes of msgpack's values, https://github.com/msgpack/msgpack/blob/master/spec.md
enum tag : std::uint8_t {
  positive_fixint_last = 0x7f,
  fixmap_last = 0x8f,
  fixarray_first = 0x90,
  fixarray_last = 0x9f,
  fixstr_first = 0xa0,
  fixstr_last = 0xbf,
  nil = 0xc0,
  boolean_false = 0xc2,
  boolean_true = 0xc3,
  bin8 = 0xc4,
  bin32 = 0xc6,
  ext8 = 0xc7,
  ext32 = 0xc9,
  float32 = 0xca,
  float64 = 0xcb,
  uint8 = 0xcc,
  uint64 = 0xcf,
  int8 = 0xd0,
  int64 = 0xd3,
  fixext1 = 0xd4,
  fixext16 = 0xd8,
  str8 = 0xd9,
  str32 = 0xdb,
  array16 = 0xdc,
  array32 = 0xdd,
  map16 = 0xde,
  map32 = 0xdf,
  negative_fixint_first = 0xe0,
};

/// The width of the `first + n`-th of a family of tags: 1, 2, 4, 8 bytes.
[[nodiscard]] constexpr std::size_t width(std::uint8_t value, std::uint8_t first) noexcept {
  return std::size_t{1} << static_cast<unsigned>(value - first);
}

}  // namespace

void unpacker::fail(std::string_view why) const {
  throw corruption_error{std::string{what_} + " " + std::string{why}};
}

std::uint8_t unpacker::byte() { return static_cast<std::uint8_t>(take(1).front()); }

std::string_view unpacker::take(std::uint64_t bytes) {
  if (bytes > left_.size())
    fail("is cut short");
  const auto taken = left_.substr(0, static_cast<std::size_t>(bytes));
  left_.remove_prefix(static_cast<std::size_t>(bytes));
  return taken;
}

std::uint64_t unpacker::big_endian(std::size_t bytes) {
  std::uint64_t value = 0;
  for (const char c : take(bytes))
    value = (value << 8U) | static_cast<std::uint8_t>(c);
  return value;
}

std::size_t unpacker::array(std::size_t fields_min) {
  const auto first = byte();
  std::uint64_t count = 0;
  if (first >= fixarray_first && first <= fixarray_last)
    count = first - std::uint64_t{fixarray_first};
  else if (first == array16 || first == array32)
    count = big_endian(first == array16 ? 2 : 4);
  else
    fail("lacks an array");
  if (count < fields_min || count > left_.size())
    fail("has an array of the wrong length");
  return static_cast<std::size_t>(count);
}

std::uint64_t unpacker::number() {
  const auto first = byte();
  if (first <= positive_fixint_last)
    return first;
  if (first < uint8 || first > uint64)
    fail("lacks a number");
  return big_endian(width(first, uint8));
}

std::int64_t unpacker::signed_number() {
  const auto first = byte();
  if (first <= positive_fixint_last)
    return first;
  if (first >= negative_fixint_first)
    return static_cast<std::int8_t>(first);
  if (first >= uint8 && first <= uint64) {
    const auto value = big_endian(width(first, uint8));
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      fail("has a number out of range");
    return static_cast<std::int64_t>(value);
  }
  if (first < int8 || first > int64)
    fail("lacks a number");
  const auto bytes = width(first, int8);
  const auto unused_bits = static_cast<unsigned>(64 - 8 * bytes);
  return static_cast<std::int64_t>(big_endian(bytes) << unused_bits) >> unused_bits;
}

double unpacker::real() {
  // The library packs a double without a fraction as an integer.
  if (left_.empty() || static_cast<std::uint8_t>(left_.front()) != float64)
    return static_cast<double>(signed_number());
  left_.remove_prefix(1);
  return std::bit_cast<double>(big_endian(8));
}

bool unpacker::flag() {
  const auto first = byte();
  if (first != boolean_false && first != boolean_true)
    fail("lacks a flag");
  return first == boolean_true;
}

std::string_view unpacker::text() {
  const auto first = byte();
  if (first >= fixstr_first && first <= fixstr_last)
    return take(first - std::uint64_t{fixstr_first});
  if (first < str8 || first > str32)
    fail("lacks a text");
  return take(big_endian(width(first, str8)));
}

std::string_view unpacker::binary() {
  const auto first = byte();
  if (first < bin8 || first > bin32)
    fail("lacks bytes");
  return take(big_endian(width(first, bin8)));
}

model::id128 unpacker::id() {
  model::id128 out;
  if (take_nothing())
    return out;
  const auto raw = binary();
  if (raw.size() != out.bytes.size())
    fail("has an id of the wrong length");
  std::ranges::transform(raw, out.bytes.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

model::timestamp unpacker::time() {
  return model::timestamp{std::chrono::milliseconds{signed_number()}};
}

bool unpacker::take_nothing() {
  if (left_.empty() || static_cast<std::uint8_t>(left_.front()) != nil)
    return false;
  left_.remove_prefix(1);
  return true;
}

void unpacker::skip(std::size_t values) {
  // Without recursion: what is inside joins what is still to be skipped, so depth costs nothing.
  for (std::uint64_t left = values; left > 0; --left) {
    const auto first = byte();
    if (first <= positive_fixint_last || first >= negative_fixint_first
        || (first >= nil && first <= boolean_true))
      continue;
    if (first <= fixmap_last)
      left += 2 * (first & 0xfU);
    else if (first <= fixarray_last)
      left += first & 0xfU;
    else if (first <= fixstr_last)
      std::ignore = take(first & 0x1fU);
    else if (first <= bin32)
      std::ignore = take(big_endian(width(first, bin8)));
    else if (first <= ext32)
      std::ignore = take(big_endian(width(first, ext8)) + 1);
    else if (first <= float64)
      std::ignore = take(first == float32 ? 4 : 8);
    else if (first <= uint64)
      std::ignore = take(width(first, uint8));
    else if (first <= int64)
      std::ignore = take(width(first, int8));
    else if (first <= fixext16)
      std::ignore = take(width(first, fixext1) + 1);
    else if (first <= str32)
      std::ignore = take(big_endian(width(first, str8)));
    else if (first <= array32)
      left += big_endian(first == array16 ? 2 : 4);
    else
      left += 2 * big_endian(first == map16 ? 2 : 4);
    if (left - 1 > left_.size())
      fail("is cut short");
  }
}

std::size_t unpacker::room_for(std::size_t count) const noexcept {
  constexpr std::size_t element_bytes_min = 8;
  return std::min(count, left_.size() / element_bytes_min + 1);
}

void unpacker::finish() const {
  if (!left_.empty())
    fail("has bytes behind its end");
}

}  // namespace parley::store
