#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "actors/name_table.hpp"
#include "actors/protocol.hpp"

namespace parley::actors {

/// Finds an actor by the directory's names. Every thread may look things up at any time, without a
/// lock, while `lines` adds to it. Who was once there stays, also when the directory lets the name
/// go: whoever needs to know whether a number is still one asks the directory.
class switchboard {
public:
  /// Null when there is none of that name; else valid for as long as the switchboard.
  [[nodiscard]] const number_actor* number(std::uint32_t organization,
                                           std::string_view identifier) const noexcept;
  [[nodiscard]] const sender_actor* sender(std::uint32_t organization,
                                           const model::address& ours) const;
  [[nodiscard]] const team_inbox_actor* team_inbox(std::uint32_t organization,
                                                   std::string_view team) const noexcept;
  [[nodiscard]] const participant_actor* participant(std::uint32_t organization,
                                                     std::string_view user) const noexcept;
  [[nodiscard]] const webhook_actor* webhook(std::uint32_t organization,
                                             std::string_view id) const noexcept;
  void each_webhook(const std::function<void(const webhook_actor&)>& call) const;
  void each_number(const std::function<void(const number_actor&)>& call) const;
  void each_team_inbox(const std::function<void(const team_inbox_actor&)>& call) const;

private:
  friend class lines;
  name_table<number_actor> numbers_;
  name_table<sender_actor> senders_;  ///< By the text of the address.
  name_table<team_inbox_actor> team_inboxes_;
  name_table<participant_actor> participants_;
  name_table<webhook_actor> webhooks_;
};

}  // namespace parley::actors
