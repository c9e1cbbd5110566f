#include "actors/group_threads.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "actors/log.hpp"
#include "actors/stored_pair.hpp"
#include "parley/store/rows.hpp"

namespace parley::actors {
namespace {

/// Groups of one party with one number that are looked at: the newest ones.
constexpr std::size_t open_groups_max = 16;
/// Closed ones may have seen what a carrier repeats; it does so within minutes.
constexpr std::size_t closed_groups_max = 4;

using model::conversation_phase;

struct thread {
  model::address theirs;
  bool open = false;
  bool seen = false;  ///< It has this very message.
  model::timestamp last_used{};
};

std::optional<thread> load_thread(const services& shared, const std::string& pair_key,
                                  const model::id128& dedupe) {
  auto state = load_pair(shared.reader, pair_key);
  if (!state)
    return std::nullopt;
  return thread{.theirs = std::move(state->pair.theirs),
                .open = state->phase == conversation_phase::active
                        || state->phase == conversation_phase::inactive,
                .seen = dedupe.has_value() && std::ranges::find(state->seen, dedupe)
                                                != state->seen.end(),
                .last_used = state->last_activity};
}

/// The groups of the party, each once.
std::vector<thread> load_groups(const services& shared, const model::pair& between,
                                const model::id128& dedupe) {
  std::vector<std::string> keys;
  for (const auto phase : {conversation_phase::active, conversation_phase::inactive,
                           conversation_phase::closed}) {
    const auto page = shared.reader.list(
      {.organization = between.organization,
       .scope = store::listing_scope::party,
       .scope_id = store::party_scope(between.ours, between.theirs.identifier),
       .phase = phase,
       .limit = phase == conversation_phase::closed ? closed_groups_max : open_groups_max});
    for (const auto& line : page)
      if (std::ranges::find(keys, line.pair_key) == keys.end())
        keys.push_back(line.pair_key);
  }
  std::vector<thread> groups;
  for (const auto& key : keys)
    if (auto group = load_thread(shared, key, dedupe))
      groups.push_back(std::move(*group));
  return groups;
}

/// The group that the message belongs to, or null when it belongs to the party alone.
const thread* choose(const std::optional<thread>& alone, const std::vector<thread>& groups) {
  if (alone && alone->seen)
    return nullptr;
  const auto has_it = std::ranges::find_if(groups, &thread::seen);
  if (has_it != groups.end())
    return &*has_it;
  const thread* chosen = nullptr;
  auto latest = alone ? alone->last_used : model::timestamp{};
  for (const auto& group : groups)
    if (group.open && group.last_used > latest) {
      chosen = &group;
      latest = group.last_used;
    }
  return chosen;
}

}  // namespace

envelope_ptr group_threads::redirected(const services& shared, const number_facts& number,
                                       const envelope& asked) try {
  if (asked.pair.theirs.kind != model::channel::sms)
    return nullptr;
  if (asked.pair.theirs.is_group()) {
    any_ = true;
    return nullptr;
  }
  const auto* received = std::get_if<model::receive_message>(&asked.what);
  if (received == nullptr)
    return nullptr;
  if (!any_)
    any_ = shared.reader.has_groups(number.organization, asked.pair.ours);
  if (!*any_)
    return nullptr;
  const auto groups = load_groups(shared, asked.pair, received->dedupe);
  if (groups.empty())
    return nullptr;
  const auto* group
    = choose(load_thread(shared, asked.pair.key(), received->dedupe), groups);
  if (group == nullptr)
    return nullptr;
  auto changed = std::make_shared<envelope>(asked);
  std::get<model::receive_message>(changed->what).from = asked.pair.theirs.text();
  changed->pair.theirs = group->theirs;
  return changed;
} catch (const store::store_error& fault) {
  log().error("number: groups cannot be read, number={} cause=\"{}\"", number.identifier,
              fault.what());
  return nullptr;
}

}  // namespace parley::actors
