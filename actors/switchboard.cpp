#include "actors/switchboard.hpp"

namespace parley::actors {

const number_actor* switchboard::number(std::uint32_t organization,
                                        std::string_view identifier) const noexcept {
  return numbers_.find(organization, identifier);
}

const sender_actor* switchboard::sender(std::uint32_t organization,
                                        const model::address& ours) const {
  return senders_.find(organization, ours.text());
}

const team_inbox_actor* switchboard::team_inbox(std::uint32_t organization,
                                                std::string_view team) const noexcept {
  return team_inboxes_.find(organization, team);
}

const participant_actor* switchboard::participant(std::uint32_t organization,
                                                  std::string_view user) const noexcept {
  return participants_.find(organization, user);
}

void switchboard::each_number(const std::function<void(const number_actor&)>& call) const {
  numbers_.each(call);
}

void switchboard::each_team_inbox(
  const std::function<void(const team_inbox_actor&)>& call) const {
  team_inboxes_.each(call);
}

const webhook_actor* switchboard::webhook(std::uint32_t organization,
                                          std::string_view id) const noexcept {
  return webhooks_.find(organization, id);
}

void switchboard::each_webhook(const std::function<void(const webhook_actor&)>& call) const {
  webhooks_.each(call);
}

}  // namespace parley::actors
