#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::ingress {

/// Writes JSON straight into a string; commas come by themselves. The caller nests correctly.
class json_writer {
public:
  explicit json_writer(std::string& out) : out_(out) {}

  json_writer& begin_object();
  json_writer& end_object();
  json_writer& begin_array();
  json_writer& end_array();
  /// The name of the next value. A fixed word: it is not escaped.
  json_writer& key(std::string_view name);

  /// As `key`, for a name that comes from outside.
  json_writer& name(std::string_view any);

  /// Escapes; bytes that are not UTF-8 become U+FFFD, so that the result is always JSON.
  json_writer& text(std::string_view value);
  json_writer& number(std::uint64_t value);
  json_writer& number(std::int64_t value);
  /// As few digits as give the same value back. A value that JSON has no word for becomes null.
  json_writer& real(double value);
  json_writer& flag(bool value);
  json_writer& null();

  /// A value that is JSON already, made by a writer too.
  json_writer& ready(std::string_view json);

  /// `text`, or null when it is empty.
  json_writer& text_or_null(std::string_view value);

private:
  void separate();

  std::string& out_;
  bool comma_ = false;
};

}  // namespace parley::ingress
