#pragma once

#include "parley/http/server.hpp"

#include <string>
#include <string_view>

namespace parley::http {

/// How the answer depends on the request it belongs to.
struct framing {
  bool head = false;         ///< The request was a HEAD: the answer carries no body.
  bool http_1_0 = false;     ///< The peer needs to be told when the connection stays open.
  bool close_after = false;  ///< The connection ends after this answer.
};

/// Writes `what` to `out`, which is replaced and keeps its capacity. Header fields whose name is
/// not a token are left out; control characters in values become spaces: nobody splits an answer.
void serialise(const response& what, const framing& how, std::string& out);

/// Writes a piece of a body of unknown length to `out`, and the end behind the last one.
void write_chunk(std::string_view bytes, bool last, std::string& out);

/// The part of a prepared answer that a HEAD request gets.
[[nodiscard]] std::string_view without_body(std::string_view wire);

/// Whether `text` is an RFC 9110 token: a field name or a method.
[[nodiscard]] bool is_token(std::string_view text);

/// ASCII case-insensitive equality.
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

/// Appends a field value; control characters become spaces.
void append_field_value(std::string& out, std::string_view value);

}  // namespace parley::http
