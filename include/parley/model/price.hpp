#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::model {

/// The dearest that a segment can be, in millionths of the currency's unit. With it a sum of 10^11
/// segments still fits 64 bits.
inline constexpr std::uint64_t price_millionths_max = 100'000'000;

/// Reads a price such as `0.0079`: digits, and at most six behind a point; in millionths, because
/// sums of binary fractions are not exact. Nothing for what is no such number, or too dear.
[[nodiscard]] std::optional<std::uint64_t> read_price(std::string_view text) noexcept;

/// A sum as people write it: with two decimal places, or as many of six as it needs.
[[nodiscard]] std::string price_text(std::uint64_t millionths);

}  // namespace parley::model
