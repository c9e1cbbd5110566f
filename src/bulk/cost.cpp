#include "parley/bulk/cost.hpp"

#include <algorithm>

#include "parley/model/price.hpp"

namespace parley::bulk {

cost_estimate::cost_estimate(const model::price_settings& prices) : currency_(prices.currency) {
  for (const auto& price : prices.sms) {
    price_of_.emplace(price.to, model::read_price(price.per_segment).value_or(0));
    beginning_max_ = std::max(beginning_max_, price.to.size());
  }
}

void cost_estimate::add(std::string_view number, std::uint32_t segments) {
  std::string beginning{number.substr(0, beginning_max_)};
  for (; !beginning.empty(); beginning.pop_back())
    if (const auto found = price_of_.find(beginning); found != price_of_.end()) {
      millionths_ += found->second * segments;
      return;
    }
  unpriced_segments_ += segments;
}

}  // namespace parley::bulk
