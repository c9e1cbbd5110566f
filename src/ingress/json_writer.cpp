#include "src/ingress/json_writer.hpp"

#include "parley/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace parley::ingress {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

bool is_plain(char byte) noexcept {
  const auto value = static_cast<unsigned char>(byte);
  return value >= 0x20 && value < 0x80 && byte != '"' && byte != '\\';
}

void append_escaped(std::string& out, char byte) {
  static constexpr std::string_view hex = "0123456789abcdef";
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex[static_cast<unsigned char>(byte) >> 4U];
      out += hex[static_cast<unsigned char>(byte) & 15U];
  }
}

void append_text(std::string& out, std::string_view text) {
  // Most texts need nothing, and are looked at once.
  if (std::ranges::all_of(text, is_plain)) {
    out += text;
    return;
  }
  const bool valid = text::is_clean_utf8(text);
  for (const char byte : text) {
    if (is_plain(byte))
      out += byte;
    else if (static_cast<unsigned char>(byte) < 0x20 || byte == '"' || byte == '\\')
      append_escaped(out, byte);
    else if (valid)
      out += byte;
    else
      out += replacement;
  }
}

}  // namespace

void json_writer::separate() {
  if (comma_)
    out_ += ',';
  comma_ = true;
}

json_writer& json_writer::begin_object() {
  separate();
  out_ += '{';
  comma_ = false;
  return *this;
}

json_writer& json_writer::end_object() {
  out_ += '}';
  comma_ = true;
  return *this;
}

json_writer& json_writer::begin_array() {
  separate();
  out_ += '[';
  comma_ = false;
  return *this;
}

json_writer& json_writer::end_array() {
  out_ += ']';
  comma_ = true;
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  comma_ = false;
  return *this;
}

json_writer& json_writer::name(std::string_view any) {
  text(any);
  out_ += ':';
  comma_ = false;
  return *this;
}

json_writer& json_writer::text(std::string_view value) {
  separate();
  out_ += '"';
  append_text(out_, value);
  out_ += '"';
  return *this;
}

json_writer& json_writer::number(std::uint64_t value) {
  separate();
  out_ += std::to_string(value);
  return *this;
}

json_writer& json_writer::number(std::int64_t value) {
  separate();
  out_ += std::to_string(value);
  return *this;
}

json_writer& json_writer::real(double value) {
  if (!std::isfinite(value))
    return null();
  separate();
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out_.append(digits.data(), end);
  return *this;
}

json_writer& json_writer::flag(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

json_writer& json_writer::null() {
  separate();
  out_ += "null";
  return *this;
}

json_writer& json_writer::ready(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

json_writer& json_writer::text_or_null(std::string_view value) {
  return value.empty() ? null() : text(value);
}

}  // namespace parley::ingress
