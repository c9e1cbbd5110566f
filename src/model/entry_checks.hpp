#pragma once

#include "parley/model/directory_rules.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Rules about one member of an entry. Each returns the first fault, named by the member that it is
/// given; nothing when there is none.
namespace parley::model {

using fault = std::optional<entry_fault>;

/// Bytes of what people are called by: names, keys, e-mail addresses.
inline constexpr std::size_t name_bytes_max = 255;
/// Bytes of a token or a secret.
inline constexpr std::size_t secret_bytes_max = 512;

[[nodiscard]] bool contains(const auto& all, std::string_view wanted) {
  return std::ranges::find(all, wanted) != std::ranges::end(all);
}

/// As a name stands in a sentence.
[[nodiscard]] std::string quoted(std::string_view text);

[[nodiscard]] fault short_enough(std::string_view member, std::string_view text,
                                 std::size_t bytes_max);
/// Not empty, and short enough.
[[nodiscard]] fault present(std::string_view member, std::string_view text, std::size_t bytes_max);
/// Not more than so many characters.
[[nodiscard]] fault brief(std::string_view member, std::string_view text,
                          std::size_t characters_max);
/// A text that fits a message.
[[nodiscard]] fault sendable(std::string_view member, std::string_view text);
[[nodiscard]] fault slug(std::string_view member, std::string_view text);
/// Not more than so many elements.
[[nodiscard]] fault few_enough(std::string_view member, std::size_t count, std::size_t count_max);
/// Not more than so many elements, none longer than so many bytes.
[[nodiscard]] fault bounded(std::string_view member, const std::vector<std::string>& texts,
                            std::size_t count_max, std::size_t bytes_max);
/// Seconds from `min` to a century; nothing is in range too.
[[nodiscard]] fault in_range(std::string_view member, const std::optional<std::int64_t>& seconds,
                             std::int64_t min);
/// An absolute http or https URL, without user and fragment.
[[nodiscard]] fault absolute_url(std::string_view member, std::string_view text);
/// An absolute http or https URL that paths are put behind.
[[nodiscard]] fault base_url(std::string_view member, std::string_view text);

/// That `owner` has an entry of this id.
template <class T>
[[nodiscard]] fault known(std::string_view member, std::string_view used,
                          const organization& owner, std::optional<std::size_t> element = {}) {
  using kind = entry_kind<T>;
  if (std::ranges::find(owner.*kind::all, used, kind::id) != (owner.*kind::all).end())
    return std::nullopt;
  return entry_fault{member,
                     "names the " + std::string{kind::noun} + ' ' + quoted(used)
                       + ", which there is not",
                     element};
}

template <class T>
[[nodiscard]] fault known_if_any(std::string_view member, std::string_view used,
                                 const organization& owner) {
  return used.empty() ? std::nullopt : known<T>(member, used, owner);
}

template <class T>
[[nodiscard]] fault all_known(std::string_view member, const std::vector<std::string>& used,
                              const organization& owner) {
  for (std::size_t i = 0; i < used.size(); ++i)
    if (auto found = known<T>(member, used[i], owner, i))
      return found;
  return std::nullopt;
}

/// A fault of a member of an element, or of a table within the entry, as the entry's: its member is
/// what the table is called, and what was the member is a part of it.
[[nodiscard]] fault within(std::string_view member, std::optional<std::size_t> element,
                           fault inner);

/// What asks a data action about inbound conversations, as `use_of` says it.
[[nodiscard]] std::string inbound_use_of(const organization& owner, const data_action& entry);

}  // namespace parley::model
