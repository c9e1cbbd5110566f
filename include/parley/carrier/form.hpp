#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/carrier/twilio_signature.hpp"

namespace parley::carrier {

/// A decoded `application/x-www-form-urlencoded` body. Decodes in place, so it owns the one buffer
/// that its views point into; pinned, because moving a short string would move its bytes.
class form {
public:
  /// Takes the body. Refused (`ok()` is false) when a percent escape is broken or there are more
  /// than `parameters_max` parameters. Keys and values are bytes: nothing says that they are text.
  form(std::string body, std::size_t parameters_max);
  form(const form&) = delete;
  form& operator=(const form&) = delete;

  [[nodiscard]] bool ok() const noexcept;
  /// Why not `ok()`, with the byte offset.
  [[nodiscard]] const std::string& fault() const noexcept;
  [[nodiscard]] const std::vector<parameter>& parameters() const noexcept;
  /// The first value of that key, or empty.
  [[nodiscard]] std::string_view get(std::string_view key) const noexcept;
  [[nodiscard]] bool has(std::string_view key) const noexcept;

private:
  std::string body_;
  std::vector<parameter> parameters_;
  std::string fault_;
};

/// Appends `key=value` with `&` between, percent-encoding all but unreserved characters.
void append_parameter(std::string& out, std::string_view key, std::string_view value);

/// Appends `text`, percent-encoding all but unreserved characters.
void append_percent_encoded(std::string& out, std::string_view text);

/// Decodes percent escapes (and `+` when `plus_is_space`); empty when an escape is broken.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// The value of `key` in a URL's query, decoded; empty optional when absent or broken.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view key);

}  // namespace parley::carrier
