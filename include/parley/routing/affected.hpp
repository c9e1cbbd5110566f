#pragma once

#include <vector>

#include "parley/model/directory.hpp"

namespace parley::routing {

/// The numbers of `now` whose facts may be others than in `before`: those that are new, and those
/// whose entry, link, inbox, team, a member of the team or somebody whom the inbox escalates to has
/// changed. Every number when `before` is null, when what all numbers share has changed (settings,
/// rules, business hours, data actions), or whom a rule leads to. In `now`'s order. Pure.
[[nodiscard]] std::vector<const model::number*> affected_numbers(const model::organization* before,
                                                                 const model::organization& now);

/// The inboxes of `now` whose entry, team or a member of the team has changed, and those that are
/// new. Every inbox when `before` is null. In `now`'s order. Pure.
[[nodiscard]] std::vector<const model::inbox*> affected_inboxes(const model::organization* before,
                                                                const model::organization& now);

}  // namespace parley::routing
