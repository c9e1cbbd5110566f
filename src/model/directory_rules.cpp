#include "parley/model/directory_rules.hpp"

#include "parley/model/address.hpp"
#include "parley/model/limits.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace parley::model {

namespace {

using fault = std::optional<entry_fault>;

constexpr std::size_t slug_characters_max = 64;
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t extension_bytes_max = 32;
constexpr std::size_t secret_bytes_max = 512;
constexpr std::size_t url_bytes_max = 2'048;
constexpr std::size_t scopes_max = 64;
constexpr std::string_view bulk_word = "bulk";
constexpr auto channels = std::to_array<std::string_view>({"sms", "mms", "whatsapp"});

bool contains(const auto& all, std::string_view wanted) {
  return std::ranges::find(all, wanted) != std::ranges::end(all);
}

std::string quoted(std::string_view text) {
  return '`' + std::string{text} + '`';
}

// -- rules that return the first fault of one member ----------------------------------------------

fault short_enough(std::string_view member, std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max)
    return std::nullopt;
  return entry_fault{member, "is longer than " + std::to_string(bytes_max) + " bytes"};
}

/// A text that fits a message. Characters are UTF-8's: every byte that continues none.
fault sendable(std::string_view member, std::string_view text) {
  const auto characters = std::ranges::count_if(
    text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; });
  if (static_cast<std::size_t>(characters) <= body_characters_max)
    return std::nullopt;
  return entry_fault{member,
                     "is longer than " + std::to_string(body_characters_max) + " characters"};
}

fault present(std::string_view member, std::string_view text, std::size_t bytes_max) {
  if (text.empty())
    return entry_fault{member, "must not be empty"};
  return short_enough(member, text, bytes_max);
}

fault slug(std::string_view member, std::string_view text) {
  if (is_slug(text))
    return std::nullopt;
  return entry_fault{member, slug_fault(text)};
}

template <class T>
fault known(std::string_view member, std::string_view used, const organization& owner,
            std::optional<std::size_t> element = {}) {
  using kind = entry_kind<T>;
  if (std::ranges::find(owner.*kind::all, used, kind::id) != (owner.*kind::all).end())
    return std::nullopt;
  return entry_fault{member,
                     "names the " + std::string{kind::noun} + ' ' + quoted(used)
                       + ", which there is not",
                     element};
}

template <class T>
fault known_if_any(std::string_view member, std::string_view used, const organization& owner) {
  return used.empty() ? std::nullopt : known<T>(member, used, owner);
}

template <class T>
fault all_known(std::string_view member, const std::vector<std::string>& used,
                const organization& owner) {
  for (std::size_t i = 0; i < used.size(); ++i)
    if (auto found = known<T>(member, used[i], owner, i))
      return found;
  return std::nullopt;
}

fault in_range(std::string_view member, const std::optional<std::int64_t>& seconds,
               std::int64_t min) {
  if (!seconds || (*seconds >= min && *seconds <= seconds_max))
    return std::nullopt;
  return entry_fault{member, "must be from " + std::to_string(min) + " to "
                               + std::to_string(seconds_max) + ", not "
                               + std::to_string(*seconds)};
}

/// An absolute http or https URL that paths are put behind.
fault base_url(std::string_view member, std::string_view text) {
  const auto refuse = [&](std::string why) {
    return entry_fault{member, std::move(why) + ", not " + quoted(text)};
  };
  if (auto found = short_enough(member, text, url_bytes_max))
    return found;
  const auto scheme = text.starts_with("https://") ? 8U : text.starts_with("http://") ? 7U : 0U;
  if (scheme == 0 || text.size() == scheme || text[scheme] == '/')
    return refuse("must be an absolute http or https URL");
  if (text.ends_with('/'))
    return refuse("must not end with `/`: paths are put behind it");
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; })
      || text.find_first_of("?#@\\\"<>") != std::string_view::npos)
    return refuse("must be a scheme, a host and a path only");
  return std::nullopt;
}

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

/// The first that holds `id` among `texts` of each.
template <class T>
const T* user_among(const std::vector<T>& all, std::vector<std::string> T::*texts,
                    std::string_view id) {
  const auto found
    = std::ranges::find_if(all, [&](const T& one) { return contains(one.*texts, id); });
  return found == all.end() ? nullptr : &*found;
}

/// The number that names `id` in this member, as a sentence.
std::string number_with(const organization& owner, std::string number::*member,
                        std::string_view id, std::string_view how) {
  const auto found = std::ranges::find(owner.numbers, id, member);
  return found == owner.numbers.end()
           ? std::string{}
           : "the number " + quoted(found->identifier) + ' ' + std::string{how};
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

// -- soundness ------------------------------------------------------------------------------------

std::optional<entry_fault> fault_of(const organization& owner, const user& entry) {
  for (auto found : {slug("id", entry.id), short_enough("name", entry.name, name_bytes_max),
                     short_enough("extension", entry.extension, extension_bytes_max),
                     short_enough("email", entry.email, name_bytes_max)})
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

std::optional<entry_fault> fault_of(const organization& owner, const inbox& entry) {
  for (auto found : {slug("team", entry.team), known<team>("team", entry.team, owner),
                     sendable("auto_reply", entry.auto_reply),
                     in_range("close_after_s", entry.close_after_s, 1),
                     in_range("inactive_after_s", entry.inactive_after_s, 0),
                     in_range("claim_expiry_s", entry.claim_expiry_s, 0)})
    if (found)
      return found;
  return std::nullopt;
}

std::optional<entry_fault> fault_of(const organization&, const link& entry) {
  for (auto found :
       {slug("id", entry.id), present("account_sid", entry.account_sid, name_bytes_max),
        entry.format == link_format::twilio && !is_account_sid(entry.account_sid)
          ? fault{{"account_sid",
                   "must be AC and 32 hexadecimal digits, not " + quoted(entry.account_sid)}}
          : std::nullopt,
        present("auth_token", entry.auth_token, secret_bytes_max),
        base_url("api_base", entry.api_base), base_url("public_url", entry.public_url)})
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

// -- use ------------------------------------------------------------------------------------------

std::string use_of(const organization& owner, const user& entry) {
  if (const auto* team = user_among(owner.teams, &team::members, entry.id))
    return "it is a member of the team " + quoted(team->id);
  if (auto number = number_with(owner, &number::user, entry.id, "belongs to it"); !number.empty())
    return number;
  if (const auto* list = user_among(owner.caller_id_lists, &caller_id_list::users, entry.id))
    return "it is on the caller id list " + quoted(list->id);
  return {};
}

std::string use_of(const organization& owner, const team& entry) {
  return owner.find_inbox(entry.id) == nullptr ? std::string{} : "it has an inbox";
}

std::string use_of(const organization& owner, const inbox& entry) {
  if (owner.default_inbox == entry.team)
    return "it is the default inbox of the organization";
  return number_with(owner, &number::inbox, entry.team, "belongs to it");
}

std::string use_of(const organization& owner, const link& entry) {
  return number_with(owner, &number::link, entry.id, "is carried by it");
}

std::string use_of(const organization& owner, const number& entry) {
  const auto* list
    = user_among(owner.caller_id_lists, &caller_id_list::numbers, entry.identifier);
  return list == nullptr ? std::string{} : "it is on the caller id list " + quoted(list->id);
}

std::string use_of(const organization&, const caller_id_list&) { return {}; }

std::string use_of(const organization&, const api_key&) { return {}; }

}  // namespace parley::model
