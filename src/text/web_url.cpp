#include "parley/text/web_url.hpp"

#include <algorithm>

namespace parley::text {

bool is_web_url(std::string_view url) noexcept {
  if (url.size() > url_bytes_max)
    return false;
  constexpr std::string_view unfit = "\"<>\\^`{|}";
  const auto fits = [&](char byte) {
    return byte > ' ' && byte < '\x7f' && unfit.find(byte) == std::string_view::npos;
  };
  if (!std::ranges::all_of(url, fits))
    return false;
  for (const std::string_view scheme : {"https://", "http://"})
    if (url.starts_with(scheme)) {
      const auto rest = url.substr(scheme.size());
      const auto authority = rest.substr(0, rest.find_first_of("/?#"));
      // Credentials in a URL would be handed to the carrier and to every reader.
      return !authority.empty() && authority.front() != ':'
             && authority.find('@') == std::string_view::npos;
    }
  return false;
}

}  // namespace parley::text
