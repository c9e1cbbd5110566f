#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "actors/protocol.hpp"

namespace parley::actors {

/// Finds an actor by the directory's names. Filled once before the door opens and then only read,
/// so every thread may look things up without a lock.
class switchboard {
public:
  switchboard();
  ~switchboard();
  switchboard(const switchboard&) = delete;
  switchboard& operator=(const switchboard&) = delete;

  /// Null when there is none of that name.
  [[nodiscard]] const number_actor* number(std::uint32_t organization,
                                           std::string_view identifier) const noexcept;
  [[nodiscard]] const sender_actor* sender(std::uint32_t organization,
                                           const model::address& ours) const;
  [[nodiscard]] const team_inbox_actor* team_inbox(std::uint32_t organization,
                                                   std::string_view team) const noexcept;
  [[nodiscard]] const participant_actor* participant(std::uint32_t organization,
                                                     std::string_view user) const noexcept;
  void each_number(const std::function<void(const number_actor&)>& call) const;

private:
  friend class cast;
  struct entries;
  std::unique_ptr<entries> entries_;
};

}  // namespace parley::actors
