#include "src/ingress/secret.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace parley::ingress {

namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t characters_min = 16;

}  // namespace

std::string make_secret() {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, secret_bytes> random{};
  if (RAND_priv_bytes(random.data(), static_cast<int>(random.size())) != 1)
    throw std::runtime_error{"there is no randomness for a key"};
  std::string secret = "pk_";
  for (const auto byte : random) {
    secret += digits[byte >> 4U];
    secret += digits[byte & 15U];
  }
  return secret;
}

bool is_strong_enough(std::string_view secret) noexcept {
  return secret.size() >= characters_min && secret.size() <= secret_bytes_max
         && std::ranges::all_of(secret, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace parley::ingress
