#include "parley/carrier/form.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace parley::carrier {

namespace {

constexpr std::uint8_t no_digit = 0xff;

constexpr std::size_t index_of(char c) noexcept {
  return static_cast<unsigned char>(c);
}

constexpr std::array<std::uint8_t, 256> hex_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::uint8_t i = 0; i < 10; ++i)
    values['0' + std::size_t{i}] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    values['A' + std::size_t{i}] = static_cast<std::uint8_t>(10 + i);
    values['a' + std::size_t{i}] = static_cast<std::uint8_t>(10 + i);
  }
  return values;
}();

/// Bytes that the decoder has to look at; all others are copied as they are.
constexpr std::array<bool, 256> special = [] {
  std::array<bool, 256> table{};
  for (const char c : {'%', '+', '&', '='})
    table[index_of(c)] = true;
  return table;
}();

constexpr std::array<bool, 256> unreserved = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 'A'; c <= 'Z'; ++c)
    table[c] = table[c + ('a' - 'A')] = true;
  for (std::size_t c = '0'; c <= '9'; ++c)
    table[c] = true;
  for (const char c : {'-', '_', '.', '~'})
    table[index_of(c)] = true;
  return table;
}();

/// Reads the escape at `in`, which points to `%`. False when it is cut short or not hexadecimal.
bool read_escape(const char* in, const char* end, char& out) noexcept {
  if (end - in < 3)
    return false;
  const auto high = hex_values[index_of(in[1])];
  const auto low = hex_values[index_of(in[2])];
  if (high == no_digit || low == no_digit)
    return false;
  out = static_cast<char>(high << 4U | low);
  return true;
}

/// Decodes a form over itself: what is written never overtakes what is read.
struct cursor {
  const char* in;
  const char* end;
  char* out;

  /// Decodes up to `&`, or up to `=` too when it ends a key, and stops in front of it. False at a
  /// broken escape.
  bool decode_part(bool key) noexcept {
    while (in != end) {
      const char c = *in;
      if (!special[index_of(c)]) {
        *out++ = c;
        ++in;
      } else if (c == '&' || (c == '=' && key)) {
        return true;
      } else if (c == '%') {
        char decoded = '\0';
        if (!read_escape(in, end, decoded))
          return false;
        *out++ = decoded;
        in += 3;
      } else {
        *out++ = c == '+' ? ' ' : c;
        ++in;
      }
    }
    return true;
  }
};

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const char* const end = text.data() + text.size();
  for (const char* in = text.data(); in != end;) {
    const char* const plain = in;
    while (in != end && unreserved[index_of(*in)])
      ++in;
    out.append(plain, in);
    if (in != end) {
      const char escape[] = {'%', digits[index_of(*in) >> 4U], digits[index_of(*in) & 15U]};
      out.append(escape, sizeof escape);
      ++in;
    }
  }
}

}  // namespace

form::form(std::string body, std::size_t parameters_max) : body_(std::move(body)) {
  const auto separators = static_cast<std::size_t>(std::ranges::count(body_, '&'));
  parameters_.reserve(std::min(separators + 1, parameters_max));
  cursor at{body_.data(), body_.data() + body_.size(), body_.data()};
  const auto offset = [&] { return std::to_string(at.in - body_.data()); };
  for (; at.in != at.end; ++at.in) {
    if (*at.in == '&')
      continue;  // Nothing between two separators is no parameter.
    if (parameters_.size() == parameters_max) {
      fault_ = "too many parameters at byte " + offset();
      break;
    }
    const char* const key = at.out;
    if (!at.decode_part(true)) {
      fault_ = "broken percent escape at byte " + offset();
      break;
    }
    const char* const key_end = at.out;
    if (at.in != at.end && *at.in == '=') {
      ++at.in;
      if (!at.decode_part(false)) {
        fault_ = "broken percent escape at byte " + offset();
        break;
      }
    }
    parameters_.emplace_back(std::string_view{key, key_end}, std::string_view{key_end, at.out});
    if (at.in == at.end)
      break;
  }
  if (!ok())
    parameters_.clear();
}

bool form::ok() const noexcept {
  return fault_.empty();
}

const std::string& form::fault() const noexcept {
  return fault_;
}

const std::vector<parameter>& form::parameters() const noexcept {
  return parameters_;
}

std::string_view form::get(std::string_view key) const noexcept {
  const auto found = std::ranges::find(parameters_, key, &parameter::first);
  return found == parameters_.end() ? std::string_view{} : found->second;
}

bool form::has(std::string_view key) const noexcept {
  return std::ranges::find(parameters_, key, &parameter::first) != parameters_.end();
}

void append_percent_encoded(std::string& out, std::string_view text) {
  append_escaped(out, text);
}

void append_parameter(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty())
    out += '&';
  append_escaped(out, key);
  out += '=';
  append_escaped(out, value);
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  const char* const end = text.data() + text.size();
  for (const char* in = text.data(); in != end; ++in) {
    char c = *in;
    if (c == '%') {
      if (!read_escape(in, end, c))
        return std::nullopt;
      in += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    out += c;
  }
  return out;
}

std::optional<std::string> query_value(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const auto equals = part.find('=');
    if (percent_decode(part.substr(0, equals), true) != key)
      continue;
    const auto value = equals == std::string_view::npos ? std::string_view{}
                                                        : part.substr(equals + 1);
    return percent_decode(value, true);
  }
  return std::nullopt;
}

}  // namespace parley::carrier
