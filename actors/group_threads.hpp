#pragma once

#include <optional>

#include "actors/envelope.hpp"
#include "actors/number_facts.hpp"
#include "actors/services.hpp"

namespace parley::actors {

/// The groups that parties of one number are in (mission 2, group SMS). Where the carrier has no
/// group messages a party's reply comes from that party alone, and says nothing of a group.
///
/// Its thread is the one that was last used among the open groups with that party and the
/// conversation with the party alone. A message that one of them has seen is that one's, so that a
/// carrier's repetition is found even if another thread was used meanwhile (I5).
///
/// Owned by a NUMBER and used on its thread. A number that has never had a group costs one look-up
/// after a start, any other two or more short reads for each message that comes in.
class group_threads {
public:
  /// The message as one to a group; null when it is none of a group's and goes where it says.
  [[nodiscard]] envelope_ptr redirected(const services& shared, const number_facts& number,
                                        const envelope& asked);

private:
  std::optional<bool> any_;  ///< Whether the number has had a group; not known before a look.
};

}  // namespace parley::actors
