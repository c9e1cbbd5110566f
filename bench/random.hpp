#pragma once

#include <cstdint>

namespace parley::bench {

/// Scrambles 64 bits (the finaliser of SplitMix64): different inputs give different outputs.
constexpr std::uint64_t scramble(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

/// SplitMix64: cheap, repeatable random numbers. Not thread-safe.
class random_source {
public:
  explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept { return scramble(state_ += 0x9e3779b97f4a7c15U); }
  /// 0 to `bound` - 1; `bound` is not 0. The bias is below 2^-32 for the bounds used here.
  std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
  /// True with that probability.
  bool chance(double probability) noexcept {
    return static_cast<double>(next() >> 11) * 0x1p-53 < probability;
  }

private:
  std::uint64_t state_;
};

/// A seed of the operating system's, for runs that name none: message ids must not repeat from one
/// run to the next, or a broker that dedupes would do less than its work.
[[nodiscard]] std::uint64_t fresh_seed();

/// A Twilio id: two letters and 32 hex digits, different for each pair of seed and number.
struct sid_text {
  char text[35];  ///< With a NUL at the end.
};
[[nodiscard]] sid_text make_sid(char first, char second, std::uint64_t seed,
                                std::uint64_t number) noexcept;

}  // namespace parley::bench
