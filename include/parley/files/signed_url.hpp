#pragma once

#include "parley/files/file.hpp"
#include "parley/model/message.hpp"
#include "parley/model/time.hpp"

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

/// Where files are shown; the id and the signature follow.
inline constexpr std::string_view shown_path = "/files/";

/// What the URLs of files are made with.
struct file_urls {
  const url_secret& secret;
  std::string public_url;           ///< What they begin with, without a slash at its end.
  std::chrono::seconds validity{};  ///< How long a fresh one is good.
};

/// When a URL that is made `now` ends: a whole second, and no sooner than fresh ones are good.
[[nodiscard]] std::chrono::sys_seconds end_of_url(const file_urls& urls, model::timestamp now);

/// A URL that shows the file from `now` on, for as long as fresh ones are good.
[[nodiscard]] std::string fresh_url(const file_urls& urls, const file_id& file,
                                    model::timestamp now);

/// The content with fresh URLs for those of its files that are in the store, for whoever is to
/// fetch them now; the same pointer when it has none.
[[nodiscard]] model::content_ptr with_fresh_urls(model::content_ptr what, const file_urls& urls,
                                                 model::timestamp now);

}  // namespace parley::files
