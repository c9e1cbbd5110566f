#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace parley::actions {

/// Thrown while an answer is read; never leaves the room.
struct fault {
  std::string why;  ///< A sentence that names the member.
};

/// Text from outside in a sentence: in backticks, cut short.
[[nodiscard]] std::string quoted(std::string_view text);

/// One member of an answer, with its name for what may be wrong with it.
class member {
public:
  member(std::string name, const boost::json::value& value)
    : name_(std::move(name)), value_(&value) {}

  /// Throws the fault: the member's name, and `why`.
  [[noreturn]] void fail(std::string_view why) const;

  [[nodiscard]] const boost::json::value& value() const noexcept { return *value_; }
  /// False for what is null, false or empty: that asks for nothing.
  [[nodiscard]] bool says_something() const noexcept;

  [[nodiscard]] bool flag() const;
  /// UTF-8 without NUL, at most so long.
  [[nodiscard]] std::string text(std::size_t bytes_max) const;
  /// The same, and not empty.
  [[nodiscard]] std::string name(std::size_t bytes_max) const;
  /// An array's elements, each under the array's name.
  [[nodiscard]] std::vector<member> elements(std::size_t count_max) const;
  /// An array of names, each once.
  [[nodiscard]] std::vector<std::string> names(std::size_t count_max,
                                               std::size_t bytes_max) const;
  /// An object with no other members than these.
  [[nodiscard]] const boost::json::object&
  object(std::initializer_list<std::string_view> known) const;
  /// A member of this object, unless it is absent or null. `object` was asked for before.
  [[nodiscard]] std::optional<member> find(std::string_view inner) const;

private:
  std::string name_;
  const boost::json::value* value_;
};

}  // namespace parley::actions
