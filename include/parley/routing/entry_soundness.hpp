#pragma once

#include <optional>

#include "parley/model/directory.hpp"
#include "parley/model/directory_rules.hpp"

namespace parley::routing {

/// What is wrong with an entry that the model's rules cannot tell, because it takes the tz
/// database, RE2 or the syntax of texts: a time zone that there is not, an expression that does not
/// compile, braces that cannot be read. Whoever takes entries in asks this after
/// `model::fault_of`. Any thread.
[[nodiscard]] std::optional<model::entry_fault> deeper_fault_of(const model::user& entry);
[[nodiscard]] std::optional<model::entry_fault> deeper_fault_of(const model::inbox& entry);
[[nodiscard]] std::optional<model::entry_fault> deeper_fault_of(const model::business_hours& entry);
[[nodiscard]] std::optional<model::entry_fault> deeper_fault_of(const model::rule& entry);
/// Braces that are no variable's.
[[nodiscard]] std::optional<model::entry_fault>
deeper_fault_of(const model::message_template& entry);
/// Of an organisation's own settings.
[[nodiscard]] std::optional<model::entry_fault> deeper_fault_of(const model::organization& entry);
template <class T>
[[nodiscard]] std::optional<model::entry_fault> deeper_fault_of(const T&) {
  return std::nullopt;
}

/// Everything that is wrong with an entry, by the model's rules and by these.
template <class T>
[[nodiscard]] std::optional<model::entry_fault> entry_fault_of(const model::organization& owner,
                                                               const T& entry) {
  if (auto found = model::fault_of(owner, entry))
    return found;
  return deeper_fault_of(entry);
}

}  // namespace parley::routing
