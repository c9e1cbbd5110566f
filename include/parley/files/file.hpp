#pragma once

#include "parley/model/directory.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::files {

using file_id = model::file_id;

/// One upload: whose it is, what it is called, and which content it has. Never changed once made.
struct file_record {
  file_id id;
  std::uint32_t organization = 0;  ///< The organisation's index.
  std::string name;                ///< UTF-8, without a path.
  std::string content_type;        ///< What the content was found to be, not what was claimed.
  std::uint64_t bytes = 0;
  model::sha256_digest sha256{};  ///< Of the content, which is kept under it.
  model::timestamp created_at{};
  std::string uploader{};  ///< The user whose key it came with; empty: an application's, a carrier.

  friend bool operator==(const file_record&, const file_record&) = default;
};

/// 64 lower-case hex digits.
[[nodiscard]] std::string to_hex(const model::sha256_digest& digest);

/// Whether a text can be a file's name: clean UTF-8 of 1 to 255 bytes, no path, no control
/// characters. Names are shown and sent in header fields; no file on disk is called by one.
[[nodiscard]] bool is_file_name(std::string_view name) noexcept;

}  // namespace parley::files
