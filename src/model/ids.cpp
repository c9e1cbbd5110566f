#include "parley/model/ids.hpp"

#include <algorithm>
#include <random>

namespace parley::model {

namespace {

constexpr std::string_view base32_digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t base32_length = 26;
constexpr std::size_t hex_length = 32;
constexpr std::uint8_t no_digit = 0xff;
constexpr std::uint64_t low_48_bits = (std::uint64_t{1} << 48U) - 1;

/// The value of each character in an alphabet. Only the canonical spelling reads: an id has one
/// text form, so that texts can be compared and logged.
constexpr std::array<std::uint8_t, 256> values_of(std::string_view digits) {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i)
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return values;
}

constexpr auto base32_values = values_of(base32_digits);
constexpr auto hex_values = values_of(hex_digits);

void put_big_endian(std::uint64_t value, std::uint8_t* out, std::size_t bytes) noexcept {
  for (std::size_t i = bytes; i-- > 0; value >>= 8U)
    out[i] = static_cast<std::uint8_t>(value);
}

std::uint64_t milliseconds_of(timestamp at) noexcept {
  const auto count = std::max<std::int64_t>(at.time_since_epoch().count(), 0);
  return std::min(static_cast<std::uint64_t>(count), low_48_bits);
}

/// SplitMix64's finaliser: spreads a seed, so that even small ones make different counters.
std::uint64_t mix(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

std::string to_base32(const id128& id) {
  std::string text(base32_length, '0');
  // 26 digits are 130 bits: the first digit carries only the top three bits of the id.
  std::uint32_t bits = 0;
  std::uint32_t pending = 0;
  auto out = text.rbegin();
  for (auto byte = id.bytes.rbegin(); byte != id.bytes.rend(); ++byte) {
    bits |= std::uint32_t{*byte} << pending;
    for (pending += 8; pending >= 5; pending -= 5, bits >>= 5U)
      *out++ = base32_digits[bits & 31U];
  }
  *out = base32_digits[bits & 31U];
  return text;
}

std::optional<id128> from_base32(std::string_view text) {
  if (text.size() != base32_length || text.front() > '7')
    return std::nullopt;
  id128 id;
  std::uint32_t bits = 0;
  std::uint32_t pending = 0;
  auto out = id.bytes.rbegin();
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    const auto value = base32_values[static_cast<unsigned char>(*digit)];
    if (value == no_digit)
      return std::nullopt;
    bits |= std::uint32_t{value} << pending;
    pending += 5;
    if (pending >= 8) {
      *out++ = static_cast<std::uint8_t>(bits);
      bits >>= 8U;
      pending -= 8;
    }
  }
  return id;
}

std::string to_hex(const id128& id) {
  std::string text;
  text.reserve(hex_length);
  for (const auto byte : id.bytes) {
    text += hex_digits[byte >> 4U];
    text += hex_digits[byte & 15U];
  }
  return text;
}

std::optional<id128> from_hex(std::string_view text) {
  if (text.size() != hex_length)
    return std::nullopt;
  id128 id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const auto high = hex_values[static_cast<unsigned char>(text[2 * i])];
    const auto low = hex_values[static_cast<unsigned char>(text[2 * i + 1])];
    if (high == no_digit || low == no_digit)
      return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return id;
}

id_source::id_source() : id_source(random_seed()) {
}

id_source::id_source(std::uint64_t seed)
  : seed_(seed & low_48_bits), counter_(static_cast<std::uint32_t>(mix(seed))) {
}

id_source& thread_ids() {
  thread_local id_source source;
  return source;
}

id128 id_source::next(timestamp now) noexcept {
  last_ms_ = std::max(last_ms_, milliseconds_of(now));
  // The counter runs on over milliseconds, so a clock that steps back cannot repeat an id. When it
  // wraps, the next millisecond is borrowed to stay in order.
  if (++counter_ == 0)
    ++last_ms_;
  id128 id;
  put_big_endian(last_ms_, id.bytes.data(), 6);
  put_big_endian(counter_, id.bytes.data() + 6, 4);
  put_big_endian(seed_, id.bytes.data() + 10, 6);
  return id;
}

event_id event_id_of(std::uint64_t seq, timestamp at) noexcept {
  event_id id;
  put_big_endian(milliseconds_of(at), id.bytes.data(), 6);
  put_big_endian(seq, id.bytes.data() + 8, 8);
  return id;
}

event_id twin_of(event_id id) noexcept {
  id.bytes[7] = 1;
  return id;
}

std::uint64_t seq_of(const event_id& id) noexcept {
  std::uint64_t seq = 0;
  for (std::size_t i = 8; i < id.bytes.size(); ++i)
    seq = seq << 8U | id.bytes[i];
  return seq;
}

}  // namespace parley::model
