#include "src/http/wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace parley::http {

namespace {

std::string_view reason_of(int status) {
  struct row {
    int status;
    std::string_view reason;
  };
  static constexpr auto table = std::to_array<row>({
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
  });
  const auto found = std::ranges::find(table, status, &row::status);
  return found == table.end() ? std::string_view{"Unknown"} : found->reason;
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// RFC 9110: these have no content, and 1xx and 204 no Content-Length either.
bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

bool is_framing_field(std::string_view name) {
  return equal_ignoring_case(name, "content-length") || equal_ignoring_case(name, "connection")
         || equal_ignoring_case(name, "transfer-encoding");
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// RFC 9112, section 6: a length, chunks, or for a 1.0 client the end of the connection.
void append_length(const response& what, const framing& how, std::string& out) {
  if (what.source == nullptr || what.source_bytes != unknown_length) {
    out.append("Content-Length: ");
    append_number(out, what.source != nullptr ? what.source_bytes : what.body.size());
    out.append("\r\n");
  } else if (!how.http_1_0) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

bool is_token(std::string_view text) {
  static constexpr std::string_view punctuation = "!#$%&'*+-.^_`|~";
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || punctuation.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, allowed);
}

void append_field_value(std::string& out, std::string_view value) {
  const auto start = out.size();
  out.append(value);
  std::replace_if(
    out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
    [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
}

void write_chunk(std::string_view bytes, bool last, std::string& out) {
  out.clear();
  if (!bytes.empty()) {
    std::array<char, 2 * sizeof(std::size_t)> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
    out.append(size.data(), end).append("\r\n").append(bytes).append("\r\n");
  }
  if (last)
    out.append("0\r\n\r\n");
}

void serialise(const response& what, const framing& how, std::string& out) {
  out.clear();
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(std::clamp(what.status, 100, 999)));
  out.push_back(' ');
  out.append(reason_of(what.status));
  out.append("\r\n");
  if (may_have_body(what.status)) {
    if (!what.body.empty() && !what.content_type.empty()) {
      out.append("Content-Type: ");
      append_field_value(out, what.content_type);
      out.append("\r\n");
    }
    append_length(what, how, out);
  }
  for (const auto& [name, value] : what.headers) {
    if (!is_token(name) || is_framing_field(name))
      continue;
    out.append(name);
    out.append(": ");
    append_field_value(out, value);
    out.append("\r\n");
  }
  if (how.close_after)
    out.append("Connection: close\r\n");
  else if (how.http_1_0)
    out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
  if (!how.head && may_have_body(what.status) && what.source == nullptr)
    out.append(what.body);
}

std::string_view without_body(std::string_view wire) {
  const auto end = wire.find("\r\n\r\n");
  return end == std::string_view::npos ? wire : wire.substr(0, end + 4);
}

prepared_response prepare(int status, std::string_view content_type, std::string_view body) {
  response what;
  what.status = status;
  what.content_type = content_type;
  what.body = body;
  prepared_response result;
  serialise(what, {}, result.wire);
  return result;
}

}  // namespace parley::http
