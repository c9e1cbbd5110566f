#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <caf/all.hpp>

#include "actors/number_facts.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "actors/switchboard.hpp"
#include "parley/model/directory.hpp"
#include "parley/routing/route.hpp"
#include "parley/routing/rules.hpp"

namespace parley::actors {

/// Makes the actors that a directory asks for, puts them on the switchboard, and tells those that
/// are there what has changed for them. Used by one thread at a time.
class lines {
public:
  /// All three must outlive it.
  lines(caf::actor_system& system, const services& shared, switchboard& board);

  /// Follows one organisation from `before`, null when it is new, to `now`.
  ///
  /// New users, inboxes and numbers get their actors; numbers that are routed or carried otherwise
  /// get new facts, for the conversations that are opened from then on; inboxes whose team or
  /// settings are others get new facts at once, for what waits; so do webhooks. The actors of what
  /// is gone stay, idle.
  void follow(const model::organization* before, const model::organization& now);

  /// Tells the senders for which an earlier process left rows. Once, after the first directory has
  /// been followed; numbers that come later are looked at one by one.
  void take_up_backlog();

  /// Ends every actor that was made: those who make work first. An exit queues behind what is in
  /// the mailbox, so exit means drain.
  void end();

private:
  using name = std::pair<std::uint32_t, std::string>;
  using counter = std::shared_ptr<std::atomic<std::int64_t>>;

  void keep_chats(const model::organization& now);
  void keep_links(const model::organization& now);
  void keep_rules(const model::organization* before, const model::organization& now);
  void keep_webhooks(const model::organization* before, const model::organization& now);
  void keep_inbox(const model::organization& owner, const model::inbox& described);
  void connect(const model::organization& owner, const model::number& described);
  void warn_of_left_out(const model::organization& owner, const model::number& described,
                        const routing::routing_result& routed);
  [[nodiscard]] number_facts_ptr make_facts(const model::organization& owner,
                                            const model::number& described);

  caf::actor_system& system_;
  const services& shared_;
  switchboard& board_;
  bool backlog_taken_up_ = false;
  std::map<name, std::shared_ptr<const model::link>> links_;  ///< One copy for all its numbers.
  std::map<name, counter> queued_;
  /// By organisation; null where nothing is told apart.
  std::map<std::uint32_t, std::shared_ptr<const routing::rule_set>> rules_;
  std::map<std::uint32_t, std::shared_ptr<const consent_facts>> consent_;
};

}  // namespace parley::actors
