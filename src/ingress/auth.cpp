#include "src/ingress/auth.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace parley::ingress {

namespace {

constexpr std::size_t key_bytes_max = 512;

bool same_word(std::string_view a, std::string_view lower) noexcept {
  return std::ranges::equal(a, lower, [](char left, char right) {
    return (left >= 'A' && left <= 'Z' ? static_cast<char>(left - 'A' + 'a') : left) == right;
  });
}

/// The key of `Bearer <key>`, or empty.
std::string_view bearer_key(std::string_view authorization) noexcept {
  const auto space = authorization.find(' ');
  if (space == std::string_view::npos || !same_word(authorization.substr(0, space), "bearer"))
    return {};
  auto key = authorization.substr(space);
  while (key.starts_with(' '))
    key.remove_prefix(1);
  while (key.ends_with(' '))
    key.remove_suffix(1);
  return key;
}

}  // namespace

model::sha256_digest sha256(std::string_view bytes) {
  model::sha256_digest digest{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1
      || length != digest.size())
    throw std::runtime_error("SHA-256 failed");
  return digest;
}

model::directory::key_entry authenticate(const model::directory& directory,
                                         std::string_view authorization) {
  const auto key = bearer_key(authorization);
  if (key.empty() || key.size() > key_bytes_max)
    throw refusal{model::errc::unauthenticated,
                  "the header `Authorization: Bearer <api key>` is needed"};
  const auto found = directory.find_key(sha256(key));
  if (!found)
    throw refusal{model::errc::unauthenticated, "the API key is not known"};
  return *found;
}

bool has_scope(const model::api_key& key, std::string_view scope) noexcept {
  return std::ranges::any_of(
    key.scopes, [scope](const std::string& has) { return has == "*" || has == scope; });
}

void require_scope(const model::api_key& key, std::string_view scope) {
  if (!has_scope(key, scope))
    throw refusal{model::errc::forbidden, "the scope `" + std::string{scope} + "` is needed"};
}

}  // namespace parley::ingress
