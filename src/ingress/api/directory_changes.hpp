#pragma once

#include "actors/registrar.hpp"
#include "parley/model/directory.hpp"
#include "parley/model/directory_rules.hpp"
#include "parley/routing/entry_soundness.hpp"
#include "src/ingress/api/directory_entries.hpp"
#include "src/ingress/api/object_reader.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::ingress {

// Changes of one organisation, as an API call asks for them. Each is checked as a whole before
// anything is changed: whoever gets a `refusal` knows that nothing was. No I/O.

/// Throws `refusal` when there is a fault.
void require_none(const std::optional<model::entry_fault>& fault);

/// Throws `refusal` when the entry is not sound within `owner`.
template <class T>
void require_sound(const model::organization& owner, const T& entry) {
  require_none(routing::entry_fault_of(owner, entry));
}

/// Throws `refusal` (already_exists) when another organisation has what must be unique over all of
/// them: callbacks name only the link, requests only the key. The other one is not named (I11).
void require_unique(const std::vector<model::organization>& all, const model::organization& owner,
                    const model::link& entry);
void require_unique(const std::vector<model::organization>& all, const model::organization& owner,
                    const model::api_key& entry);
template <class T>
void require_unique(const std::vector<model::organization>&, const model::organization&,
                    const T&) {}

/// The entry of that id, or null.
template <class T, class Organization>
auto* find_entry(Organization& owner, std::string_view id) {
  using kind = model::entry_kind<T>;
  auto& all = owner.*kind::all;
  const auto found = std::ranges::find(all, id, kind::id);
  return found == all.end() ? nullptr : &*found;
}

/// As `find_entry`. Throws `refusal` (not_found).
template <class T, class Organization>
auto& require_entry(Organization& owner, std::string_view id) {
  auto* found = find_entry<T>(owner, id);
  if (found == nullptr)
    throw refusal{model::errc::not_found,
                  "there is no " + std::string{model::entry_kind<T>::noun} + " of that name"};
  return *found;
}

/// The resource as the directory has it.
template <class T>
[[nodiscard]] model::answer shown_entry(int status, const T& entry) {
  model::answer made;
  made.status = status;
  json_writer json{made.body};
  json.begin_object();
  write_members(json, entry);
  json.end_object();
  return made;
}

/// Throws `refusal` (too_many) when the organisation has `entries_max` entries of all kinds.
void require_room(const model::organization& owner, std::size_t entries_max);

/// Adds an entry. Throws `refusal`: malformed, already_exists, too_many.
template <class T>
const T& add_entry(model::organization& owner, const std::vector<model::organization>& all,
                   T entry, std::size_t entries_max) {
  using kind = model::entry_kind<T>;
  require_room(owner, entries_max);
  if (find_entry<T>(owner, entry.*kind::id) != nullptr)
    throw refusal{model::errc::already_exists,
                  "the " + std::string{kind::noun} + " `" + entry.*kind::id + "` is there already"};
  require_sound(owner, entry);
  require_unique(all, owner, entry);
  return (owner.*kind::all).emplace_back(std::move(entry));
}

/// Changes the members that are given. Throws `refusal`: not_found, malformed, already_exists.
template <class T>
const T& change_entry(model::organization& owner, std::string_view id, const object_reader& in) {
  auto& entry = require_entry<T>(owner, id);
  auto changed = entry;
  read_members(in, changed);
  require_sound(owner, changed);
  entry = std::move(changed);
  return entry;
}

/// Changes the settings that are given. Throws `refusal`: malformed.
void change_settings(model::organization& owner, const object_reader& in);

/// Removes what nothing uses. Throws `refusal`: not_found, in_use.
template <class T>
void remove_entry(model::organization& owner, std::string_view id) {
  const auto& entry = require_entry<T>(owner, id);
  if (auto use = model::use_of(owner, entry); !use.empty())
    throw refusal{model::errc::in_use, std::move(use)};
  auto& all = owner.*model::entry_kind<T>::all;
  all.erase(all.begin() + (&entry - all.data()));
}

/// Adds each user that is sound and within the reach of `mine`, in order, and answers with a report
/// on every row.
[[nodiscard]] actors::change_outcome add_users(model::organization& owner,
                                               const std::vector<boost::json::value>& rows,
                                               std::size_t entries_max, model::role mine);

}  // namespace parley::ingress
