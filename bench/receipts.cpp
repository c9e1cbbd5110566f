#include "bench/receipts.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

std::string_view text_at(const boost::json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()}
                                                : std::string_view{};
}

}  // namespace

void receipts::note(const send_record& request) {
  const auto ordinal = ordinal_in(request.body);
  if (!ordinal)
    return;
  const std::lock_guard lock{mutex_};
  if (got_.size() == kept_max)
    return;
  got_.push_back({.ordinal = *ordinal, .at = request.received});
  count_.store(got_.size());
}

std::vector<receipt> receipts::since(std::size_t first) const {
  const std::lock_guard lock{mutex_};
  const auto begin = std::min(first, got_.size());
  return {got_.begin() + static_cast<std::ptrdiff_t>(begin), got_.end()};
}

bool receipts::wait_for(std::size_t wanted, std::chrono::duration<double> patience) const {
  auto seen = count();
  auto last = clock::now();
  while (seen < wanted) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    const auto now = clock::now();
    if (const auto so_far = count(); so_far != seen) {
      seen = so_far;
      last = now;
    } else if (now - last > patience) {
      return false;
    }
  }
  return true;
}

carrier_options measuring_carrier(const std::string& listen, const std::string& token, bool reports,
                                  receipts& into) {
  carrier_options options;
  options.listen = endpoint::parse(listen);
  options.auth_token = token;
  options.reports = reports;
  options.kept_max = 0;
  options.observer = [&into](const send_record& request) { into.note(request); };
  return options;
}

load_result end_to_end(const std::vector<receipt>& got,
                       const std::vector<clock::time_point>& intended,
                       const load_result& accepted) {
  load_result result;
  result.sent = accepted.sent;
  result.lateness_max = accepted.lateness_max;
  auto start = clock::time_point::max();
  for (const auto& one : got)
    if (one.ordinal < intended.size())
      start = std::min(start, intended[one.ordinal]);
  std::vector<std::uint8_t> seen(intended.size());
  for (const auto& one : got) {
    if (one.ordinal >= intended.size() || std::exchange(seen[one.ordinal], 1) != 0)
      continue;
    const auto latency = std::chrono::nanoseconds{one.at - intended[one.ordinal]}.count();
    result.latency_ns.record(static_cast<std::uint64_t>(std::max<std::int64_t>(latency, 0)));
    result.answered.record(one.at - start);
    result.elapsed = std::max(result.elapsed, std::chrono::nanoseconds{one.at - start});
    ++result.succeeded;
  }
  return result;
}

egress_findings audit_sends(api_client& api, std::uint64_t after, const std::vector<receipt>& got,
                            std::vector<std::uint8_t> acknowledged) {
  egress_audit audit{std::move(acknowledged)};
  api.read_events(after, "conversation.message.created", [&](const api_event& event) {
    if (event.data == nullptr || text_at(*event.data, "direction") != "outbound")
      return;
    if (const auto ordinal = ordinal_in(text_at(*event.data, "body")))
      audit.recorded(text_at(*event.data, "conversation"), *ordinal);
  });
  for (const auto& one : got)
    audit.received(one.ordinal);
  return audit.result();
}

}  // namespace parley::bench
