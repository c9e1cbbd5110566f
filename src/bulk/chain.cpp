#include "parley/bulk/chain.hpp"

#include <cstring>

#include <xxhash.h>

namespace parley::bulk {

model::id128 chained(const model::id128& before, std::string_view line) noexcept {
  const auto seed = XXH3_64bits(before.bytes.data(), before.bytes.size());
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, XXH3_128bits_withSeed(line.data(), line.size(), seed));
  model::id128 digest;
  static_assert(sizeof bytes == sizeof digest.bytes);
  std::memcpy(digest.bytes.data(), &bytes, sizeof bytes);
  return digest;
}

}  // namespace parley::bulk
