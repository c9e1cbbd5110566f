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

/// What the latest `delivery_changed` of a message said, of each recipient.
struct change {
  model::delivery_changed said;
  model::timestamp at{};
};
using changes_of_message = std::vector<change>;

void remember(changes_of_message& changes, const model::delivery_changed& said,
              model::timestamp at) {
  const bool older = std::ranges::any_of(
    changes, [&](const change& newer) { return newer.said.to == said.to; });
  if (!older)
    changes.push_back({said, at});
}

/// A message's deliveries as they begin.
std::vector<item_delivery> begun(const model::message_added& added, model::timestamp at) {
  std::vector<item_delivery> all;
  for (const auto& fresh : fresh_deliveries(added, at)) {
    auto& one = all.emplace_back();
    one.to = fresh.to;
    one.state = fresh.state;
    one.updated_at = at;
  }
  return all;
}

struct walk_result {
  std::vector<history_item> items;  ///< Descending.
  std::unordered_map<model::id128, changes_of_message, model::id_hash> changes;
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
        remember(found.changes[moved->message], *moved, at.event.at);
    } else if (const auto* added = std::get_if<model::message_added>(&at.event.body)) {
      if (added->index <= range.last && added->index >= range.first)
        found.items.push_back({at.event, begun(*added, at.event.at)});
      return added->index > range.first;
    }
    return true;
  });
  return found;
}

/// Puts into a delivery what became of it. False when it can have moved on beyond what was looked
/// at.
bool fold(item_delivery& item, const model::message_id& message, const walk_result& found,
          const model::conversation_state& current) {
  const auto recent
    = std::ranges::find_if(current.deliveries, [&](const model::delivery& one) {
        return one.message == message && one.to == item.to;
      });
  if (recent != current.deliveries.end()) {
    item.state = recent->state;
    item.error_code = recent->error_code;
    item.provider_id = recent->provider_id;
    item.updated_at = recent->updated_at;
    return true;
  }
  if (const auto seen = found.changes.find(message); seen != found.changes.end())
    for (const auto& [said, at] : seen->second)
      if (said.to == item.to) {
        item.state = said.state;
        item.error_code = said.error_code;
        item.provider_id = said.provider_id;
        item.updated_at = at;
      }
  return is_final(item.state) && item.state != model::delivery_state::delivered;
}

/// The same for all messages of the page.
bool fold(walk_result& found, const model::conversation_state& current) {
  bool settled = true;
  for (auto& item : found.items) {
    const auto& added = std::get<model::message_added>(item.event.body);
    for (auto& delivery : item.deliveries)
      settled = fold(delivery, added.message, found, current) && settled;
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
                        audience who, const file_urls& urls) {
  const auto& added = std::get<model::message_added>(item.event.body);
  std::vector<shown_delivery> deliveries;
  deliveries.reserve(item.deliveries.size());
  for (const auto& one : item.deliveries)
    deliveries.push_back({.to = one.to,
                          .state = one.state,
                          .error_code = one.error_code,
                          .provider_id = one.provider_id,
                          .updated_at = one.updated_at});
  write_message(json, shown(item.event, added, between, deliveries), who, urls);
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
