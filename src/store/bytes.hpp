#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

static_assert(std::endian::native == std::endian::little,
              "records are little-endian and are read in place");

/// Integers as the tables have them: little-endian inside values, big-endian inside keys, where the
/// order of bytes must be the order of numbers.
namespace parley::store {

/// Reads a little-endian integer; `from` needs no alignment.
template <std::unsigned_integral T>
[[nodiscard]] T load_little(const char* from) noexcept {
  T value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <std::unsigned_integral T>
void store_little(char* to, T value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

template <std::unsigned_integral T>
void append_little(std::string& out, T value) {
  std::array<char, sizeof(T)> raw{};
  store_little(raw.data(), value);
  out.append(raw.data(), raw.size());
}

template <std::unsigned_integral T>
void store_big(char* to, T value) noexcept {
  for (std::size_t i = sizeof(T); i-- > 0; value = static_cast<T>(value >> 8U))
    to[i] = static_cast<char>(value & 0xffU);
}

template <std::unsigned_integral T>
[[nodiscard]] T load_big(const char* from) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = (value << 8U) | static_cast<std::uint8_t>(from[i]);
  return static_cast<T>(value);
}

template <std::unsigned_integral T>
void append_big(std::string& out, T value) {
  std::array<char, sizeof(T)> raw{};
  store_big(raw.data(), value);
  out.append(raw.data(), raw.size());
}

}  // namespace parley::store
