#include "parley/files/signed_url.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <stdexcept>

namespace parley::files {

namespace {

std::string signature_of(const url_secret& secret, const file_id& file, std::string_view expires) {
  const auto signed_text = file.text() + '\n' + std::string{expires};
  model::sha256_digest digest{};
  unsigned int length = 0;
  const auto* made = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                          reinterpret_cast<const unsigned char*>(signed_text.data()),
                          signed_text.size(), digest.data(), &length);
  if (made == nullptr || length != digest.size())
    throw std::runtime_error("HMAC-SHA256 failed");
  return to_hex(digest);
}

/// The time, when it is written in the one way that `sign_url` writes it.
std::optional<std::chrono::sys_seconds> read_seconds(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || stopped != end || std::to_string(value) != text)
    return std::nullopt;
  return std::chrono::sys_seconds{std::chrono::seconds{value}};
}

}  // namespace

std::string sign_url(const url_secret& secret, const file_id& file,
                     std::chrono::sys_seconds expires) {
  const auto time = std::to_string(expires.time_since_epoch().count());
  return "expires=" + time + "&signature=" + signature_of(secret, file, time);
}

url_verdict check_url(const url_secret& secret, const file_id& file, const url_claim& claim,
                      std::chrono::sys_seconds now) {
  const auto expires = read_seconds(claim.expires);
  if (!expires)
    return url_verdict::forged;
  const auto expected = signature_of(secret, file, claim.expires);
  if (claim.signature.size() != expected.size()
      || CRYPTO_memcmp(claim.signature.data(), expected.data(), expected.size()) != 0)
    return url_verdict::forged;
  return now < *expires ? url_verdict::good : url_verdict::expired;
}

std::chrono::sys_seconds end_of_url(const file_urls& urls, model::timestamp now) {
  return std::chrono::ceil<std::chrono::seconds>(now) + urls.validity;
}

std::string fresh_url(const file_urls& urls, const file_id& file, model::timestamp now) {
  std::string url = urls.public_url;
  url += shown_path;
  url += file.text();
  url += '?';
  url += sign_url(urls.secret, file, end_of_url(urls, now));
  return url;
}

model::content_ptr with_fresh_urls(model::content_ptr what, const file_urls& urls,
                                   model::timestamp now) {
  const auto is_own = [](const model::media& file) { return file.file.has_value(); };
  if (what == nullptr || std::ranges::none_of(what->files, is_own))
    return what;
  auto shown = std::make_shared<model::content>(*what);
  for (auto& file : shown->files)
    if (is_own(file))
      file.url = fresh_url(urls, file.file, now);
  return shown;
}

}  // namespace parley::files
