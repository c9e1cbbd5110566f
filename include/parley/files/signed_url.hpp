#pragma once

#include "parley/files/file.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley::files {

/// What URLs are signed with; whoever has it can read every file.
using url_secret = std::array<std::uint8_t, 32>;

/// What a URL says about itself, as its query has it.
struct url_claim {
  std::string_view expires;    ///< Unix seconds, decimal.
  std::string_view signature;  ///< 64 hex digits.
};

enum class url_verdict : std::uint8_t { good, expired, forged };

/// The query of a URL that shows this one file until `expires`, whoever asks:
/// `expires=…&signature=…`, with HMAC-SHA256 over the id and the time.
[[nodiscard]] std::string sign_url(const url_secret& secret, const file_id& file,
                                   std::chrono::sys_seconds expires);

/// Whether a URL shows the file at `now`. A signature is compared in constant time, and looked at
/// first: nobody learns of a time that was not given to them.
[[nodiscard]] url_verdict check_url(const url_secret& secret, const file_id& file,
                                    const url_claim& claim, std::chrono::sys_seconds now);

}  // namespace parley::files
