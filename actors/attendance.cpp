#include "actors/attendance.hpp"

#include <optional>

#include "actors/log.hpp"
#include "parley/conversation/rules.hpp"

namespace parley::actors {

model::pair presence_pair(std::uint32_t organization, const std::string& user) {
  const model::address own{model::channel::chat, user};
  return {organization, own, own};
}

model::presence attendance::of(std::uint32_t organization, const std::string& user) {
  const name who{organization, user};
  std::optional<entry> fresh;
  {
    const std::lock_guard lock{mutex_};
    if (!known_.contains(who))
      fresh.emplace();
  }
  if (fresh)
    fresh = read(who);  // Not under the lock: it may have to come from the disk.
  bool lapsed = false;
  model::presence found{};
  {
    const std::lock_guard lock{mutex_};
    // What a PARTICIPANT has said meanwhile is newer than what was read, and stays.
    auto& known = fresh ? known_.try_emplace(who, *fresh).first->second : known_.at(who);
    lapsed = known.by_earlier_stream && std::chrono::steady_clock::now() >= earlier_end_;
    if (lapsed)
      known = {};
    found = known.presence;
  }
  if (lapsed)
    if (const auto* whose = board_.participant(organization, user))
      caf::anon_send(*whose, atom::lapsed::value);
  return found;
}

void attendance::put(std::uint32_t organization, const std::string& user, model::presence now) {
  const std::lock_guard lock{mutex_};
  known_[{organization, user}] = {now, false};
}

attendance::entry attendance::read(const name& who) const try {
  const auto stored = reader_.load(presence_pair(who.first, who.second).key());
  auto state = stored.snapshot.value_or(model::conversation_state{});
  for (const auto& record : stored.tail)
    conversation::apply(state, record.event, record.seq);
  return {state.presence,
          state.presence == model::presence::available && state.present_by_stream};
} catch (const store::store_error& fault) {
  log().error("attendance: a presence cannot be read, user={} cause=\"{}\"", who.second,
              fault.what());
  return {};
}

}  // namespace parley::actors
