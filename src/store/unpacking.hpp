#pragma once

#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley::store {

/// Reads msgpack front to back, in place. `msgpack::unpack` would build a tree of 24-byte objects
/// first; here a decode costs the strings that it keeps and nothing else, whatever the bytes claim.
///
/// Every member throws `corruption_error` when the next value is of another type, out of range, or
/// reaches behind the end.
class unpacker {
public:
  /// `what` names the thing in errors; it must outlive the unpacker.
  unpacker(std::string_view bytes, std::string_view what) noexcept : left_(bytes), what_(what) {}

  /// Enters an array of at least `fields_min` values and returns how many it has.
  [[nodiscard]] std::size_t array(std::size_t fields_min);
  [[nodiscard]] std::uint64_t number();
  [[nodiscard]] std::int64_t signed_number();
  [[nodiscard]] double real();
  [[nodiscard]] bool flag();
  [[nodiscard]] std::string_view text();
  [[nodiscard]] std::string_view binary();
  [[nodiscard]] model::id128 id();
  [[nodiscard]] model::timestamp time();
  /// Takes a nil if that is what comes next.
  [[nodiscard]] bool take_nothing();
  /// Steps over values: what a later version added at the end of an array.
  void skip(std::size_t values);

  template <class T>
  [[nodiscard]] T number_as(std::uint64_t max) {
    const auto value = number();
    if (value > max)
      fail("has a number out of range");
    return static_cast<T>(value);
  }

  /// An enumerator between `first` and `last`.
  template <class Enum>
  [[nodiscard]] Enum choice(Enum first, Enum last) {
    const auto value = number();
    if (value < static_cast<std::uint64_t>(first) || value > static_cast<std::uint64_t>(last))
      fail("has a kind that this version does not know");
    return static_cast<Enum>(value);
  }

  /// How many elements to make room for at once, when an array claims `count`: a lie in a length
  /// must not become an allocation.
  [[nodiscard]] std::size_t room_for(std::size_t count) const noexcept;

  /// Nothing may stand behind the last value.
  void finish() const;

  [[noreturn]] void fail(std::string_view why) const;

private:
  [[nodiscard]] std::uint8_t byte();
  [[nodiscard]] std::uint64_t big_endian(std::size_t bytes);
  [[nodiscard]] std::string_view take(std::uint64_t bytes);

  std::string_view left_;
  std::string_view what_;
};

}  // namespace parley::store
