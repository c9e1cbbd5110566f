#include "parley/model/price.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace parley::model {

namespace {

constexpr std::uint64_t millionths_of_one = 1'000'000;
constexpr std::size_t places_max = 6;
constexpr std::size_t places_min = 2;
constexpr std::size_t digits_max = 3;  ///< Before the point.

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::uint64_t number_of(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

std::optional<std::uint64_t> read_price(std::string_view text) noexcept {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  if (!all_digits(whole) || whole.size() > digits_max)
    return std::nullopt;
  auto value = number_of(whole) * millionths_of_one;
  if (point != std::string_view::npos) {
    const auto places = text.substr(point + 1);
    if (!all_digits(places) || places.size() > places_max)
      return std::nullopt;
    auto part = number_of(places);
    for (auto place = places.size(); place < places_max; ++place)
      part *= 10;
    value += part;
  }
  if (value > price_millionths_max)
    return std::nullopt;
  return value;
}

std::string price_text(std::uint64_t millionths) {
  auto places = std::to_string(millionths % millionths_of_one);
  places.insert(0, places_max - places.size(), '0');
  while (places.size() > places_min && places.back() == '0')
    places.pop_back();
  return std::to_string(millionths / millionths_of_one) + '.' + places;
}

}  // namespace parley::model
