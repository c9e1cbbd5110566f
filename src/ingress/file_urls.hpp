#pragma once

#include "parley/files/file.hpp"
#include "parley/files/signed_url.hpp"
#include "src/ingress/json_writer.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace parley::ingress {

/// Where files are shown; the id and the signature follow.
inline constexpr std::string_view file_prefix = "/files/";

/// What the URLs of files are made with.
struct file_urls {
  const files::url_secret& secret;
  std::string public_url;           ///< What they begin with, without a slash at its end.
  std::chrono::seconds validity{};  ///< How long a fresh one is good.
};

/// One file as applications see it, with a fresh URL.
void write_file(json_writer& json, const files::file_record& file, const file_urls& urls,
                model::timestamp now);

}  // namespace parley::ingress
