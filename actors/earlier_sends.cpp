#include "actors/earlier_sends.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>

#include "actors/log.hpp"
#include "parley/carrier/rate.hpp"
#include "parley/model/event.hpp"
#include "parley/store/rows.hpp"

namespace parley::actors {

namespace {

constexpr std::chrono::minutes read_back_max{10};
/// Where the journal has nothing older than what is read.
constexpr std::chrono::hours since_ever{24 * 365};
constexpr std::uint64_t records_max = 10'000;

/// The first sequence number whose record is not before `since`, of those after `low` up to `high`.
/// Times are in the order of sequence numbers but for what commands waited.
std::uint64_t first_since(const store::reader& reader, std::uint64_t low, std::uint64_t high,
                          model::timestamp since) {
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto record = reader.at(middle + 1);
    if (record && record->event.at >= since)
      high = middle;
    else
      low = middle + 1;
  }
  return low + 1;
}

/// Follows the attempts through the journal.
class attempts_read {
public:
  void see(const store::record& what) {
    if (const auto* added = std::get_if<model::message_added>(&what.event.body))
      segments_.insert_or_assign(added->message, segments_of(*added));
    else if (const auto* moved = std::get_if<model::delivery_changed>(&what.event.body))
      see(what, *moved);
  }

  /// Each attempt's sender, thread, time, and units; `now` for those that have no outcome.
  template <class F>
  void each(model::timestamp now, F&& call) const {
    for (const auto& [key, one] : open_)
      call(one.pair, std::get<1>(key), now, units_of(one.pair, std::get<0>(key)));
    for (const auto& [message, to, pair, at] : over_)
      call(pair, to, std::min(at, now), units_of(pair, message));
  }

private:
  struct begun {
    model::pair pair;
  };
  using attempt_of = std::tuple<model::message_id, std::string>;

  void see(const store::record& what, const model::delivery_changed& moved) {
    const attempt_of which{moved.message, moved.to};
    const auto pair = model::pair::from_key(what.pair_key);
    if (!pair)
      return;
    using enum model::delivery_state;
    if (moved.state == sending) {
      open_.insert_or_assign(which, begun{*pair});
      return;
    }
    const bool was_open = open_.erase(which) != 0;
    // What was begun before the part that is read may have been handed over within it.
    if (was_open || moved.state == sent || moved.state == queued || moved.state == failed
        || moved.state == unknown)
      over_.emplace_back(moved.message, moved.to, *pair, what.event.at);
  }

  [[nodiscard]] std::uint32_t units_of(const model::pair& pair,
                                       const model::message_id& message) const {
    if (pair.ours.kind == model::channel::whatsapp)
      return 1;
    const auto known = segments_.find(message);
    return known == segments_.end() ? carrier::message_segments_max : known->second;
  }

  std::unordered_map<model::message_id, std::uint32_t, model::id_hash> segments_;
  std::map<attempt_of, begun> open_;
  std::vector<std::tuple<model::message_id, std::string, model::pair, model::timestamp>> over_;
};

}  // namespace

earlier_sends::earlier_sends(const store::reader& reader, std::uint64_t committed,
                             model::timestamp now) {
  try {
    read(reader, committed, now);
  } catch (const store::store_error& damage) {
    // Nobody is kept from starting by that: all that can have been sent is assumed.
    log().error("sender: what was sent lately cannot be read, cause=\"{}\"", damage.what());
    known_for_ = {};
    by_sender_.clear();
  }
}

void earlier_sends::read(const store::reader& reader, std::uint64_t committed,
                         model::timestamp now) {
  const auto oldest = committed > records_max ? committed - records_max : 0;
  const auto first = first_since(reader, oldest, committed, now - read_back_max);
  known_for_ = first == 1 ? since_ever : read_back_max;
  attempts_read attempts;
  reader.read_from(first - 1, records_max, [&](const store::record& one) {
    // When as much is read as may be, there is more of that time.
    if (one.seq == oldest + 1 && oldest != 0)
      known_for_ = std::max<std::chrono::nanoseconds>(now - one.event.at, known_for_.zero());
    attempts.see(one);
    return true;
  });
  attempts.each(now, [&](const model::pair& pair, const std::string& to, model::timestamp at,
                         std::uint32_t units) {
    auto thread = pair.key();
    thread.append(1, '\0').append(to);
    by_sender_[store::outbox_prefix(pair.organization, pair.ours)].push_back(
      {now - at, units, std::move(thread)});
  });
  for (auto& [sender, all] : by_sender_)
    std::ranges::stable_sort(all, std::ranges::greater{}, &attempt::ago);
}

const std::vector<earlier_sends::attempt>&
earlier_sends::of(const std::string& outbox_prefix) const {
  static const std::vector<attempt> none;
  const auto found = by_sender_.find(outbox_prefix);
  return found == by_sender_.end() ? none : found->second;
}

}  // namespace parley::actors
