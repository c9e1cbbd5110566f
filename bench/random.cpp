#include "bench/random.hpp"

#include <cstddef>
#include <random>

namespace parley::bench {

std::uint64_t fresh_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

sid_text make_sid(char first, char second, std::uint64_t seed, std::uint64_t number) noexcept {
  // The low half alone is already unique: for one seed it is a bijection of the number.
  const std::uint64_t halves[2] = {scramble(seed ^ scramble(number + 1)), scramble(seed + number)};
  sid_text sid{};
  sid.text[0] = first;
  sid.text[1] = second;
  std::size_t at = 2;
  for (const auto half : halves)
    for (int shift = 60; shift >= 0; shift -= 4)
      sid.text[at++] = "0123456789abcdef"[(half >> shift) & 0xf];
  return sid;
}

}  // namespace parley::bench
