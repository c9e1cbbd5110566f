#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace parley::ingress {

/// A JSON object whose members are asked for by name and type. Everything throws `refusal`
/// (malformed) naming the member. A member that is null counts as absent for whoever asks for a
/// default; `given` tells the two apart.
class object_reader {
public:
  /// Parses untrusted text, nested at most `depth_max` deep.
  object_reader(std::string_view text, std::size_t depth_max);
  /// An object within a larger document.
  explicit object_reader(boost::json::value object);

  /// Refuses members that are in neither list. A member that only a later version will know is
  /// refused too, and by name: to send something else than was asked for would be worse.
  void allow_only(std::initializer_list<std::string_view> known,
                  std::initializer_list<std::string_view> later) const;

  [[nodiscard]] const boost::json::value* find(std::string_view name) const;
  /// Whether the member is there, be it null.
  [[nodiscard]] bool given(std::string_view name) const { return find(name) != nullptr; }

  /// A text without NUL; empty when it is absent.
  [[nodiscard]] std::string text(std::string_view name, std::size_t bytes_max) const;
  /// The name of a user or team: may be absent, but not empty.
  [[nodiscard]] std::string name(std::string_view member) const;

  /// As `text`, but null is empty too: how an optional text is cleared.
  [[nodiscard]] std::string text_or_null(std::string_view name, std::size_t bytes_max) const;
  /// An array of texts that are not empty and all different; empty when it is absent.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name, std::size_t count_max,
                                               std::size_t bytes_max) const;
  /// A whole number, or nothing when it is absent or null.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
  /// A number that must be there.
  [[nodiscard]] double real(std::string_view name) const;

private:
  boost::json::value value_;
};

/// Text of boost's in the words of the standard library.
[[nodiscard]] std::string_view view_of(boost::json::string_view text) noexcept;

/// Parses untrusted JSON of any kind. Throws `refusal` (malformed).
[[nodiscard]] boost::json::value parse_json(std::string_view text, std::size_t depth_max);

}  // namespace parley::ingress
