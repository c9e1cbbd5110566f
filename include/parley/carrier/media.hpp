#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parley/model/directory.hpp"

namespace parley::carrier {

/// The `Authorization` field for a file that a message of the link's refers to: the link's
/// credentials when the URL is of the link's own API, and nothing for every other host, whoever
/// says that the file is there.
[[nodiscard]] std::string media_authorization(const model::link& link, std::string_view url);

/// What an answer means to whoever fetches a file.
struct media_verdict {
  enum class kind : std::uint8_t {
    content,    ///< The body is the file.
    redirect,   ///< It is at `url`.
    transient,  ///< Another try may help.
    permanent,  ///< It will not.
  };

  kind what = kind::transient;
  std::string url;
};

/// Reads the answer to a GET of `url`. 2xx is the file. 301, 302, 303, 307 and 308 lead elsewhere
/// when `location` is an absolute URL or a path, and not from https to http. 408, 425, 429 and 5xx
/// are transient, everything else permanent.
[[nodiscard]] media_verdict judge_media_answer(int status, std::string_view location,
                                               std::string_view url);

}  // namespace parley::carrier
