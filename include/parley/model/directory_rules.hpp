#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/directory.hpp"
#include "parley/model/error.hpp"

namespace parley::model {

// What entries of the directory must be like, whoever makes them: the provisioning file and the API
// ask the same rules. All pure.

/// The longest time that can be asked for: a century.
inline constexpr std::int64_t seconds_max = 3'153'600'000;
/// Segments a second of a number.
inline constexpr double rate_max = 10'000;
/// Rules of one organisation.
inline constexpr std::size_t rules_max = 1'000;
/// Message templates of one organisation, each language of its own: what Meta lets one have.
inline constexpr std::size_t templates_max = 6'000;
/// Webhooks of one organisation: each reads the journal for itself.
inline constexpr std::size_t webhooks_max = 100;
/// Variants of one inbox's automatic reply.
inline constexpr std::size_t auto_replies_max = 32;

/// A kind of entry: where an organisation keeps it, and what it is called.
template <class T>
struct entry_kind;

template <>
struct entry_kind<user> {
  static constexpr std::string_view noun = "user", id_member = "id";
  static constexpr auto id = &user::id;
  static constexpr auto all = &organization::users;
};
template <>
struct entry_kind<team> {
  static constexpr std::string_view noun = "team", id_member = "id";
  static constexpr auto id = &team::id;
  static constexpr auto all = &organization::teams;
};
template <>
struct entry_kind<inbox> {
  static constexpr std::string_view noun = "inbox", id_member = "team";
  static constexpr auto id = &inbox::team;
  static constexpr auto all = &organization::inboxes;
};
template <>
struct entry_kind<link> {
  static constexpr std::string_view noun = "link", id_member = "id";
  static constexpr auto id = &link::id;
  static constexpr auto all = &organization::links;
};
template <>
struct entry_kind<number> {
  static constexpr std::string_view noun = "number", id_member = "address";
  static constexpr auto id = &number::identifier;
  static constexpr auto all = &organization::numbers;
};
template <>
struct entry_kind<caller_id_list> {
  static constexpr std::string_view noun = "caller id list", id_member = "id";
  static constexpr auto id = &caller_id_list::id;
  static constexpr auto all = &organization::caller_id_lists;
};
template <>
struct entry_kind<api_key> {
  static constexpr std::string_view noun = "key", id_member = "name";
  static constexpr auto id = &api_key::name;
  static constexpr auto all = &organization::keys;
};

template <>
struct entry_kind<business_hours> {
  static constexpr std::string_view noun = "business hours", id_member = "id";
  static constexpr auto id = &business_hours::id;
  static constexpr auto all = &organization::hours;
};
template <>
struct entry_kind<rule> {
  static constexpr std::string_view noun = "rule", id_member = "id";
  static constexpr auto id = &rule::id;
  static constexpr auto all = &organization::rules;
};
template <>
struct entry_kind<data_action> {
  static constexpr std::string_view noun = "data action", id_member = "id";
  static constexpr auto id = &data_action::id;
  static constexpr auto all = &organization::data_actions;
};
template <>
struct entry_kind<webhook> {
  static constexpr std::string_view noun = "webhook", id_member = "id";
  static constexpr auto id = &webhook::id;
  static constexpr auto all = &organization::webhooks;
};
template <>
struct entry_kind<message_template> {
  static constexpr std::string_view noun = "template", id_member = "id";
  static constexpr auto id = &message_template::id;
  static constexpr auto all = &organization::templates;
};

/// What is wrong with an entry.
struct entry_fault {
  std::string_view member;  ///< As the API calls it, and but for a plural the provisioning file.
  std::string why;          ///< Goes on a sentence that begins with the member.
  std::optional<std::size_t> element{};  ///< Of a member that is an array.
  errc code = errc::malformed;  ///< `already_exists`, `in_use`, `too_many` when it is that.
  /// Within that element, or within the member: `user`, `when.countries`.
  std::string part{};

  /// The member with its part, `escalation[1].user`. An element without a part is not named.
  [[nodiscard]] std::string place() const;
};

/// 1 to 64 of a–z, 0–9, dot, underscore and hyphen, beginning with a letter or a digit.
[[nodiscard]] bool is_slug(std::string_view text) noexcept;
/// What `is_slug` wants, for a sentence about `text`.
[[nodiscard]] std::string slug_fault(std::string_view text);

/// What is wrong with an entry that is put into `owner`, where an entry of the same id may be: that
/// is the one it replaces. References must point to what `owner` has. Empty when it is sound.
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner, const user& entry);
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner, const team& entry);
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner, const inbox& entry);
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner, const link& entry);
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner, const number& entry);
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner,
                                                  const caller_id_list& entry);
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner, const api_key& entry);

[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner,
                                                  const business_hours& entry);
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner, const rule& entry);
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner,
                                                  const data_action& entry);
/// Without the braces of its texts (`routing::deeper_fault_of`).
[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner,
                                                  const message_template& entry);

[[nodiscard]] std::optional<entry_fault> fault_of(const organization& owner, const webhook& entry);

/// What is wrong with the settings of `changed` if they were those of `owner`. Entries of `changed`
/// are not looked at.
[[nodiscard]] std::optional<entry_fault> fault_of_settings(const organization& owner,
                                                           const organization& changed);
/// Gives `to` the settings that `from` has, but not its entries, index and id.
void put_settings(organization& to, const organization& from);

/// What of `owner` uses an entry and so keeps it from being removed, as a sentence that names it;
/// empty when nothing does.
[[nodiscard]] std::string use_of(const organization& owner, const user& entry);
[[nodiscard]] std::string use_of(const organization& owner, const team& entry);
[[nodiscard]] std::string use_of(const organization& owner, const inbox& entry);
[[nodiscard]] std::string use_of(const organization& owner, const link& entry);
[[nodiscard]] std::string use_of(const organization& owner, const number& entry);
[[nodiscard]] std::string use_of(const organization& owner, const caller_id_list& entry);
[[nodiscard]] std::string use_of(const organization& owner, const api_key& entry);
[[nodiscard]] std::string use_of(const organization& owner, const business_hours& entry);
[[nodiscard]] std::string use_of(const organization& owner, const rule& entry);
[[nodiscard]] std::string use_of(const organization& owner, const data_action& entry);
[[nodiscard]] std::string use_of(const organization& owner, const webhook& entry);
/// Nothing: what was made from a template is the message's own.
[[nodiscard]] std::string use_of(const organization& owner, const message_template& entry);

}  // namespace parley::model
