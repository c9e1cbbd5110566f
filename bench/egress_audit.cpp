#include "bench/egress_audit.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace parley::bench {

std::string numbered_text(std::uint64_t ordinal) {
  return "Your order #" + std::to_string(ordinal) + " is on its way to you today.";
}

std::optional<std::uint64_t> ordinal_in(std::string_view text) {
  const auto mark = text.find('#');
  if (mark == std::string_view::npos)
    return std::nullopt;
  const auto digits = text.substr(mark + 1);
  std::uint64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return read.ec == std::errc{} ? std::optional{value} : std::nullopt;
}

egress_audit::egress_audit(std::vector<std::uint8_t> acknowledged)
  : acknowledged_(std::move(acknowledged)), fates_(acknowledged_.size()) {}

void egress_audit::recorded(std::string_view conversation, std::uint64_t ordinal) {
  ++positions_;
  if (ordinal >= fates_.size()) {
    ++invented_;
    return;
  }
  const auto number = static_cast<std::uint32_t>(conversations_.size());
  const auto [known, added] = conversations_.try_emplace(std::string{conversation}, number);
  if (added)
    reached_.push_back(0);
  fates_[ordinal].position = positions_;
  fates_[ordinal].conversation = known->second;
}

void egress_audit::received(std::uint64_t ordinal) {
  if (ordinal >= fates_.size()) {
    ++invented_;
    return;
  }
  auto& message = fates_[ordinal];
  if (++message.received > 1 || message.position == 0)
    return;
  auto& reached = reached_[message.conversation];
  if (message.position < reached)
    ++out_of_order_;
  reached = std::max(reached, message.position);
}

egress_findings egress_audit::result() const {
  egress_findings findings;
  findings.invented = invented_;
  findings.out_of_order = out_of_order_;
  for (std::size_t i = 0; i < fates_.size(); ++i) {
    const auto& message = fates_[i];
    findings.received += message.received > 0 ? 1 : 0;
    findings.twice += message.received > 1 ? 1 : 0;
    if (acknowledged_[i] == 0)
      continue;
    ++findings.sent;
    findings.lost += message.received == 0 ? 1 : 0;
    findings.unrecorded += message.position == 0 ? 1 : 0;
  }
  return findings;
}

boost::json::object to_json(const egress_findings& findings) {
  return {{"sent", findings.sent},
          {"received", findings.received},
          {"lost", findings.lost},
          {"twice", findings.twice},
          {"invented", findings.invented},
          {"out_of_order", findings.out_of_order},
          {"unrecorded", findings.unrecorded}};
}

void print(const egress_findings& findings) {
  fmt::print("  audit         {}: {} sent, {} received, {} lost, {} twice, {} invented, {} out of "
             "order, {} unrecorded\n",
             findings.passed() ? "passed" : "FAILED", findings.sent, findings.received,
             findings.lost, findings.twice, findings.invented, findings.out_of_order,
             findings.unrecorded);
}

}  // namespace parley::bench
