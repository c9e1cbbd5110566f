#include "bench/fanout_book.hpp"

#include <charconv>
#include <unordered_map>

namespace parley::bench {

namespace {

/// What follows `key` in JSON text as the broker writes it, without spaces. Looking is enough: the
/// generator must not spend more on an event than the broker does.
std::string_view after_key(std::string_view event, std::string_view key) {
  const auto at = event.find(key);
  return at == std::string_view::npos ? std::string_view{} : event.substr(at + key.size());
}

std::uint64_t seq_of(std::string_view event) {
  const auto digits = after_key(event, R"("seq":)");
  std::uint64_t seq = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), seq);
  return seq;
}

std::string_view provider_id_of(std::string_view event) {
  const auto text = after_key(event, R"("provider_id":")");
  return text.substr(0, text.find('"'));
}

}  // namespace

void fanout_book::take(std::size_t reader, std::string_view event,
                       std::chrono::steady_clock::time_point now) {
  const auto seq = seq_of(event);
  const auto place = places_[reader]++;
  if (place == events_.size()) {
    if (seq == 0 || (!events_.empty() && seq <= events_.back().seq))
      ++out_of_place_;
    events_.push_back(
      {.seq = seq, .provider_id = std::string{provider_id_of(event)}, .readers = 0, .last = now});
  }
  auto& model = events_[place];
  if (model.seq != seq)
    ++out_of_place_;
  ++model.readers;
  model.last = now;
}

fanout_findings fanout_book::result(const std::vector<std::string>& acknowledged) const {
  fanout_findings findings;
  findings.out_of_place = out_of_place_;
  for (const auto place : places_)
    findings.missing += events_.size() - place;
  std::unordered_map<std::string_view, std::uint32_t> seen;
  for (const auto& event : events_)
    if (!event.provider_id.empty() && ++seen[event.provider_id] == 2)
      ++findings.twice;
  for (const auto& id : acknowledged)
    findings.lost += seen.contains(id) ? 0U : 1U;
  return findings;
}

boost::json::object to_json(const fanout_findings& findings) {
  return {{"out_of_place", findings.out_of_place},
          {"missing", findings.missing},
          {"lost", findings.lost},
          {"twice", findings.twice},
          {"broken", findings.broken}};
}

}  // namespace parley::bench
