#include "parley/model/directory_rules.hpp"

#include "parley/model/address.hpp"
#include "src/model/entry_checks.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace parley::model {

namespace {

constexpr std::size_t slug_characters_max = 64;
constexpr std::int64_t link_connections_max = 10'000;
constexpr std::size_t extension_bytes_max = 32;
constexpr std::size_t scopes_max = 64;
constexpr std::string_view bulk_word = "bulk";
constexpr auto channels = std::to_array<std::string_view>({"sms", "mms", "whatsapp"});

bool is_account_sid(std::string_view text) noexcept {
  return text.size() == 34 && text.starts_with("AC")
         && text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
}

/// `*`, or `resource:read` and `resource:write`.
bool is_scope(std::string_view text) noexcept {
  const auto colon = text.find(':');
  if (text == "*")
    return true;
  if (colon == 0 || colon == std::string_view::npos || text.size() > slug_characters_max)
    return false;
  const auto verb = text.substr(colon + 1);
  return (verb == "read" || verb == "write")
         && std::ranges::all_of(text.substr(0, colon),
                                [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

fault number_channels(const number& entry) {
  if (entry.channels.empty())
    return entry_fault{"channels", "must name at least one channel"};
  for (std::size_t i = 0; i < entry.channels.size(); ++i)
    if (!contains(channels, entry.channels[i]))
      return entry_fault{"channels", "must be of sms, mms, whatsapp, not "
                                       + quoted(entry.channels[i]), i};
  return std::nullopt;
}

fault number_owner(const organization& owner, const number& entry) {
  if (auto found = known_if_any<user>("user", entry.user, owner))
    return found;
  if (auto found = known_if_any<inbox>("inbox", entry.inbox, owner))
    return found;
  if (!entry.user.empty() && !entry.inbox.empty())
    return entry_fault{"inbox", "excludes `user`: a number belongs to one of them"};
  return std::nullopt;
}

}  // namespace

bool is_slug(std::string_view text) noexcept {
  const auto lower = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= slug_characters_max && lower(text.front())
         && std::ranges::all_of(
           text, [&](char c) { return lower(c) || c == '.' || c == '_' || c == '-'; });
}

std::string slug_fault(std::string_view text) {
  return "must be 1 to 64 of a-z, 0-9, `.`, `_` and `-`, not " + quoted(text);
}

std::optional<entry_fault> fault_of(const organization& owner, const user& entry) {
  for (auto found : {slug("id", entry.id), short_enough("name", entry.name, name_bytes_max),
                     short_enough("extension", entry.extension, extension_bytes_max),
                     short_enough("email", entry.email, name_bytes_max),
                     short_enough("time_zone", entry.time_zone, name_bytes_max)})
    if (found)
      return found;
  if (entry.id == bulk_word)
    return entry_fault{"id", "must not be `bulk`, which stands for many users in the API's paths"};
  if (entry.extension.empty())
    return std::nullopt;
  for (const auto& other : owner.users)
    if (other.extension == entry.extension && other.id != entry.id)
      return entry_fault{"extension",
                         quoted(entry.extension) + " is the extension of the user "
                           + quoted(other.id),
                         {},
                         errc::already_exists};
  return std::nullopt;
}

std::optional<entry_fault> fault_of(const organization& owner, const team& entry) {
  if (auto found = slug("id", entry.id))
    return found;
  return all_known<user>("members", entry.members, owner);
}

std::optional<entry_fault> fault_of(const organization&, const link& entry) {
  for (auto found :
       {slug("id", entry.id), present("account_sid", entry.account_sid, name_bytes_max),
        entry.format == link_format::twilio && !is_account_sid(entry.account_sid)
          ? fault{{"account_sid",
                   "must be AC and 32 hexadecimal digits, not " + quoted(entry.account_sid)}}
          : std::nullopt,
        present("auth_token", entry.auth_token, secret_bytes_max),
        base_url("api_base", entry.api_base), base_url("public_url", entry.public_url),
        entry.connections_max < 0 || entry.connections_max > link_connections_max
          ? fault{{"connections_max",
                   "must be from 0 to 10000, not " + std::to_string(entry.connections_max)}}
          : std::nullopt})
    if (found)
      return found;
  return std::nullopt;
}

std::optional<entry_fault> fault_of(const organization& owner, const number& entry) {
  if (!address::parse("sms:" + entry.identifier))
    return entry_fault{"address", "must be + and 7 to 15 digits, or a short code of 3 to 8 digits, "
                                  "not "
                                    + quoted(entry.identifier)};
  if (auto found = number_channels(entry))
    return found;
  if (auto found = known<link>("link", entry.link, owner))
    return found;
  if (auto found = number_owner(owner, entry))
    return found;
  if (!(entry.rate_segments_per_s > 0) || entry.rate_segments_per_s > rate_max)
    return entry_fault{"rate", "must be more than 0 and at most 10000 segments a second"};
  return std::nullopt;
}

std::optional<entry_fault> fault_of(const organization& owner, const caller_id_list& entry) {
  if (auto found = slug("id", entry.id))
    return found;
  if (auto found = all_known<number>("numbers", entry.numbers, owner))
    return found;
  return all_known<user>("users", entry.users, owner);
}

std::optional<entry_fault> fault_of(const organization& owner, const api_key& entry) {
  if (auto found = present("name", entry.name, name_bytes_max))
    return found;
  if (auto found = known_if_any<user>("user", entry.user, owner))
    return found;
  if (entry.scopes.empty())
    return entry_fault{"scopes", "must name at least one scope; \"*\" is all of them"};
  if (entry.scopes.size() > scopes_max)
    return entry_fault{"scopes", "names more than 64 scopes"};
  for (std::size_t i = 0; i < entry.scopes.size(); ++i)
    if (!is_scope(entry.scopes[i]))
      return entry_fault{
        "scopes", "must be \"*\" or such as messages:write, not " + quoted(entry.scopes[i]), i};
  for (const auto& other : owner.keys)
    if (other.digest == entry.digest && other.name != entry.name)
      return entry_fault{"key", "is the same as another key's", {}, errc::already_exists};
  return std::nullopt;
}


}  // namespace parley::model
