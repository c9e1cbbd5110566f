#include "parley/carrier/rate.hpp"

#include <algorithm>
#include <cmath>

namespace parley::carrier {

rate_limit::rate_limit(double units_per_s) noexcept : ns_per_unit_{1e9 / units_per_s} {}

void rate_limit::change_rate(double units_per_s) noexcept { ns_per_unit_ = 1e9 / units_per_s; }

void rate_limit::start(clock_time now, std::uint32_t units) noexcept {
  const auto cost = static_cast<std::int64_t>(std::ceil(ns_per_unit_ * units));
  paid_until_ = std::max(now, paid_until_) + clock_time{cost};
}

}  // namespace parley::carrier
