#include "actors/switchboard.hpp"

#include "actors/switchboard_entries.hpp"

namespace parley::actors {
namespace {

template <class Map>
auto find(const Map& map, std::uint32_t organization, std::string_view name) noexcept {
  const auto found = map.find(entry_key_view{organization, name});
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

switchboard::switchboard() : entries_{std::make_unique<entries>()} {}

switchboard::~switchboard() = default;

const number_actor* switchboard::number(std::uint32_t organization,
                                        std::string_view identifier) const noexcept {
  return find(entries_->numbers, organization, identifier);
}

const sender_actor* switchboard::sender(std::uint32_t organization,
                                        const model::address& ours) const {
  return find(entries_->senders, organization, ours.text());
}

const team_inbox_actor* switchboard::team_inbox(std::uint32_t organization,
                                                std::string_view team) const noexcept {
  return find(entries_->team_inboxes, organization, team);
}

const participant_actor* switchboard::participant(std::uint32_t organization,
                                                  std::string_view user) const noexcept {
  return find(entries_->participants, organization, user);
}

void switchboard::each_number(const std::function<void(const number_actor&)>& call) const {
  for (const auto& [key, handle] : entries_->numbers)
    call(handle);
}

}  // namespace parley::actors
