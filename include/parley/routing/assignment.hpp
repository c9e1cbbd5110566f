#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"

namespace parley::routing {

/// How an inbox gives its conversations to its people (mission 4.6).
struct assignment_rules {
  model::assignment_strategy strategy = model::assignment_strategy::everyone;
  bool available_only = false;        ///< Who is busy or offline is passed over.
  std::size_t max_open_per_user = 0;  ///< Nobody is given more than that; 0: no limit.

  friend bool operator==(const assignment_rules&, const assignment_rules&) = default;
};

/// A member of the team who may answer, and what the choice depends on.
struct candidate {
  std::string user;
  model::presence presence = model::presence::offline;
  std::size_t open_count = 0;  ///< Open conversations of team inboxes that the user has.
};

/// Who had the conversation before it waited (mission 4.5).
struct earlier_holder {
  std::string_view user;  ///< Empty: nobody.
  bool wanted = false;    ///< Reopened: that one again, if on shift. Else rather somebody else.
};

/// Whom the inbox gives its next conversation to, or nothing: then it waits.
///
/// Nobody who has the most already is given more, and nobody who is not available where that is
/// asked for. Among the others, what somebody had before goes to who is on shift, if anybody is:
/// `round_robin` takes the next in the team's order behind `last`, `least_busy` whoever has fewest
/// (the next among equals), `random_one` anybody. Conversations that wait in an inbox for everyone,
/// because it had another strategy when they were opened, go round too. Pure.
///
/// @param team the members who may answer, in the team's order.
/// @param last whom the inbox has given a conversation to last; empty: nobody yet.
/// @param random any number; each is as likely as the others.
[[nodiscard]] std::optional<std::string> pick(const assignment_rules& rules,
                                              std::span<const candidate> team,
                                              const earlier_holder& before, std::string_view last,
                                              std::uint64_t random);

}  // namespace parley::routing
