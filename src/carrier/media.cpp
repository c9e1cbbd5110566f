#include "parley/carrier/media.hpp"

#include "parley/carrier/twilio.hpp"
#include "parley/text/web_url.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace parley::carrier {

namespace {

/// Scheme, host and port of a web URL, as they are written.
std::string_view origin_of(std::string_view url) noexcept {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos)
    return {};
  return url.substr(0, url.find_first_of("/?#", scheme_end + 3));
}

bool is_secure(std::string_view url) noexcept {
  return url.starts_with("https://");
}

/// Where the field leads from `url`; empty when nowhere that is followed.
std::string target_of(std::string_view location, std::string_view url) {
  std::string target{location};
  if (location.starts_with('/') && !location.starts_with("//"))
    target = std::string{origin_of(url)} + target;
  const bool downgrade = is_secure(url) && !is_secure(target);
  return text::is_web_url(target) && !downgrade ? target : std::string{};
}

}  // namespace

std::string media_authorization(const model::link& link, std::string_view url) {
  const auto own = origin_of(link.api_base);
  // Byte for byte: what is only spelled differently gets nothing, which is the safe mistake.
  if (own.empty() || origin_of(url) != own)
    return {};
  return basic_authorization(link.account_sid, link.auth_token);
}

media_verdict judge_media_answer(int status, std::string_view location, std::string_view url) {
  using kind = media_verdict::kind;
  constexpr std::array redirects{301, 302, 303, 307, 308};
  constexpr std::array later{408, 425, 429};
  if (status / 100 == 2)
    return {kind::content, {}};
  if (std::ranges::find(redirects, status) != redirects.end()) {
    auto target = target_of(location, url);
    if (!target.empty())
      return {kind::redirect, std::move(target)};
    return {kind::permanent, {}};
  }
  const bool transient = status >= 500 || std::ranges::find(later, status) != later.end();
  return {transient ? kind::transient : kind::permanent, {}};
}

}  // namespace parley::carrier
