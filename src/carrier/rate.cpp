#include "parley/carrier/rate.hpp"

#include <algorithm>
#include <cmath>

namespace parley::carrier {

namespace {

constexpr double ns_per_s = 1e9;
constexpr double late_s = 0.02;

}  // namespace

allowance number_allowance(double units_per_s) noexcept {
  return {.units_per_s = units_per_s, .ahead_units = units_per_s * late_s};
}

rate_limit::rate_limit(const allowance& allowed) noexcept
  : ns_per_unit_{ns_per_s / allowed.units_per_s}, ahead_units_{allowed.ahead_units} {}

rate_limit::clock_time rate_limit::cost(double units) const noexcept {
  return clock_time{static_cast<std::int64_t>(std::ceil(ns_per_unit_ * units))};
}

void rate_limit::change(clock_time now, const allowance& allowed) noexcept {
  const auto owed_ns = static_cast<double>(std::max(paid_until_ - now, clock_time{0}).count());
  const auto owed = owed_ns / ns_per_unit_;
  ns_per_unit_ = ns_per_s / allowed.units_per_s;
  ahead_units_ = allowed.ahead_units;
  paid_until_ = now + cost(owed);
}

rate_limit::clock_time rate_limit::next_start() const noexcept {
  return next_start_behind(0);
}

rate_limit::clock_time rate_limit::next_start_behind(std::uint64_t units) const noexcept {
  // Rounded so that it is never too early.
  const clock_time ahead{static_cast<std::int64_t>(ns_per_unit_ * ahead_units_)};
  return paid_until_ + cost(static_cast<double>(units)) - ahead;
}

void rate_limit::start(clock_time now, std::uint32_t units) noexcept {
  paid_until_ = std::max(now, paid_until_) + cost(units);
}

void rate_limit::assume_used_up(clock_time now, std::uint32_t units) noexcept {
  paid_until_ = now + cost(ahead_units_ + units);
}

pair_limits::pair_limits(const allowance& allowed, std::size_t pairs_max, clock_time born)
  : allowed_(allowed), pairs_max_(pairs_max), born_(born) {}

rate_limit pair_limits::fresh() const noexcept {
  rate_limit made{allowed_};
  made.assume_used_up(born_, 1);
  return made;
}

pair_limits::clock_time pair_limits::next_start(std::string_view whom, clock_time now) {
  if (const auto known = limits_.find(whom); known != limits_.end())
    return known->second.next_start();
  let_go(now);
  const auto own = fresh().next_start();
  return limits_.size() < pairs_max_ ? own : std::max(own, first_paid_);
}

void pair_limits::start(std::string_view whom, clock_time now) {
  auto known = limits_.find(whom);
  if (known == limits_.end())
    known = limits_.emplace(whom, fresh()).first;
  known->second.start(now, 1);
}

/// Costs as much as there are pairs, once for as many new ones.
void pair_limits::let_go(clock_time now) {
  if (limits_.size() < std::min(look_at_, pairs_max_) || now < first_paid_)
    return;
  first_paid_ = clock_time::max();
  std::erase_if(limits_, [&](const auto& one) {
    const auto until = one.second.paid_until();
    if (until > now)
      first_paid_ = std::min(first_paid_, until);
    return until <= now;
  });
  look_at_ = std::max<std::size_t>(64, 2 * limits_.size());
  if (limits_.size() < pairs_max_)
    first_paid_ = clock_time{0};
}

}  // namespace parley::carrier
