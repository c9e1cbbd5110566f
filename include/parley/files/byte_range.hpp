#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace parley::files {

/// A part of a file.
struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  friend bool operator==(const byte_range&, const byte_range&) = default;
};

enum class range_kind : std::uint8_t {
  whole,          ///< No range was asked for, or one that a server may ignore: the file is sent.
  part,           ///< `range` of it.
  unsatisfiable,  ///< It begins behind the end: 416.
};

struct range_answer {
  range_kind kind = range_kind::whole;
  byte_range range;  ///< What is to be sent; nothing when unsatisfiable.

  friend bool operator==(const range_answer&, const range_answer&) = default;
};

/// The `Range` field (RFC 9110 section 14.2) of a request for a file of `file_bytes`. One range of
/// bytes is honoured; several, other units and what is malformed are ignored, as the RFC allows.
[[nodiscard]] range_answer read_range(std::string_view field, std::uint64_t file_bytes) noexcept;

}  // namespace parley::files
