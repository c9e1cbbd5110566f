#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "parley/routing/assignment.hpp"

namespace parley::actors {

/// What a TEAM_INBOX knows of its inbox. Shared and never changed; when the directory changes, new
/// ones are sent.
struct inbox_facts {
  std::uint32_t organization = 0;
  std::string team;                   ///< Which is the inbox's id, too.
  std::vector<std::string> members;   ///< `routing::receivers_of` it.
  routing::assignment_rules rules;
};

}  // namespace parley::actors
