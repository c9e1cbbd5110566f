#include "src/ingress/api/history.hpp"

#include "src/ingress/api/lookup.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/representation.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

namespace parley::ingress {

namespace {

constexpr auto index_max = std::numeric_limits<std::uint64_t>::max() - 1;

[[noreturn]] void malformed(std::string detail) {
  throw refusal{model::errc::malformed, std::move(detail)};
}

/// What the latest `delivery_changed` of a message said.
struct change {
  model::delivery_changed said;
  model::timestamp at{};
};

struct walk_result {
  std::vector<history_item> items;  ///< Descending.
  std::unordered_map<model::id128, change, model::id_hash> changes;
};

/// Walks down from `entry` to the page's first message. Changes come before their message that way,
/// and the first one seen of a message is its latest.
walk_result walk(const store::reader& reader, const model::conversation_state& state,
                 const history_range& range, std::uint64_t entry) {
  walk_result found;
  reader.read_back(entry, [&](const store::record& at) {
    if (at.seq < state.opened_seq)
      return false;
    if (at.event.conversation != state.id)
      return true;
    if (const auto* moved = std::get_if<model::delivery_changed>(&at.event.body)) {
      if (moved->index >= range.first && moved->index <= range.last)
        found.changes.try_emplace(moved->message, change{*moved, at.event.at});
    } else if (const auto* added = std::get_if<model::message_added>(&at.event.body)) {
      if (added->index <= range.last && added->index >= range.first)
        found.items.push_back({.event = at.event, .provider_id = {}, .updated_at = at.event.at});
      return added->index > range.first;
    }
    return true;
  });
  return found;
}

/// Puts into each outbound message what became of it. False when one of them can have moved on
/// beyond what was looked at.
bool fold(walk_result& found, const model::conversation_state& current) {
  bool settled = true;
  for (auto& item : found.items) {
    const auto& added = std::get<model::message_added>(item.event.body);
    if (added.direction != model::direction::outbound)
      continue;
    const auto recent
      = std::ranges::find(current.deliveries, added.message, &model::delivery::message);
    if (recent != current.deliveries.end()) {
      item.state = recent->state;
      item.error_code = recent->error_code;
      item.provider_id = recent->provider_id;
      item.updated_at = recent->updated_at;
      continue;
    }
    if (const auto seen = found.changes.find(added.message); seen != found.changes.end()) {
      item.state = seen->second.said.state;
      item.error_code = seen->second.said.error_code;
      item.provider_id = seen->second.said.provider_id;
      item.updated_at = seen->second.at;
    }
    settled = settled && is_final(item.state) && item.state != model::delivery_state::delivered;
  }
  return settled;
}

/// The nearest place at or above the page's last message.
std::uint64_t nearest_entry(const model::conversation_state& state, const history_range& range) {
  const auto mark
    = std::ranges::lower_bound(state.marks, range.last, {}, &model::chain_mark::index);
  return mark == state.marks.end() ? state.head_seq : mark->seq;
}

}  // namespace

history_query read_history_query(std::string_view query) {
  const query_parameters parameters{query, {"after", "before", "limit", "cursor"}};
  history_query read;
  read.limit = parameters.limit();
  const auto after = parameters.number("after", 0, index_max);
  const auto before = parameters.number("before", 1, index_max);
  const auto cursor = parameters.text("cursor");
  if (int{after.has_value()} + int{before.has_value()} + int{cursor.has_value()} > 1)
    malformed("only one of `after`, `before` and `cursor` can be given");
  read.after = after.value_or(0);
  read.before = before.value_or(0);
  if (!cursor)
    return read;
  std::uint64_t index = 0;
  const auto* end = cursor->data() + cursor->size();
  const bool known = cursor->starts_with('a') || cursor->starts_with('b');
  if (!known || std::from_chars(cursor->data() + 1, end, index).ptr != end || index == 0
      || index > index_max)
    malformed("`cursor` is none of this query");
  (cursor->front() == 'a' ? read.after : read.before) = index;
  return read;
}

history_range range_of(const history_query& query, std::uint64_t last_index) noexcept {
  if (query.hidden_up_to >= last_index)
    return {};
  const auto after = std::max(query.after, query.hidden_up_to);
  if (query.before == 0) {
    if (after >= last_index)
      return {};
    return {after + 1, std::min<std::uint64_t>(last_index, after + query.limit)};
  }
  const auto last = std::min(last_index, query.before - 1);
  const auto first = last >= query.limit ? last - query.limit + 1 : 1;
  return {std::max(first, query.hidden_up_to + 1), last};
}

std::string next_of(const history_query& query, const history_range& range,
                    std::uint64_t last_index) {
  if (range.last < range.first)
    return {};
  if (query.before == 0)
    return range.last < last_index ? "a" + std::to_string(range.last) : std::string{};
  return range.first > query.hidden_up_to + 1 ? "b" + std::to_string(range.first) : std::string{};
}

void write_history_item(json_writer& json, const history_item& item, const model::pair& between,
                        audience who) {
  const auto& added = std::get<model::message_added>(item.event.body);
  write_message(json,
                shown(item.event, added, between,
                      {.state = item.state,
                       .error_code = item.error_code,
                       .provider_id = item.provider_id,
                       .updated_at = item.updated_at}),
                who);
}

std::vector<history_item> read_history(const store::reader& reader,
                                       const model::conversation_state& state,
                                       const history_range& range) {
  if (range.last < range.first)
    return {};
  // What became of the messages of a closed conversation is the pair's business of today.
  std::optional<model::conversation_state> today;
  if (state.phase == model::conversation_phase::closed)
    today = load_pair(reader, state.pair.key());
  const auto& current = today ? *today : state;
  const auto entry = nearest_entry(state, range);
  auto found = walk(reader, state, range, entry);
  if (!fold(found, current) && entry != current.head_seq) {
    found = walk(reader, state, range, current.head_seq);
    std::ignore = fold(found, current);
  }
  std::ranges::reverse(found.items);
  return std::move(found.items);
}

}  // namespace parley::ingress
