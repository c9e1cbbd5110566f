#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/address.hpp"

namespace parley::model {

enum class licence : std::uint8_t { standard = 1, pro, pro_cx };
/// What a user may do in the organisation (mission 9). Larger may less.
enum class role : std::uint8_t { owner = 1, admin, agent, read_only };
/// Who gets a conversation that is opened for a team inbox (mission 4.6).
enum class assignment_strategy : std::uint8_t { everyone = 1, random_one, round_robin, least_busy };
/// What somebody sees of a conversation who joins it later (mission 3).
enum class history_policy : std::uint8_t { all = 1, from_join };
/// Whether something is for business hours only, or for the time outside.
enum class hours_condition : std::uint8_t { any = 1, inside, outside };
/// What a data action is asked for (mission 4.8).
enum class action_trigger : std::uint8_t { conversation_opened = 1, every_message, outbound };
/// Meta's categories of message templates (mission 7).
enum class template_category : std::uint8_t { marketing = 1, utility, authentication };
/// Whether the carrier lets a message template be sent (mission 7).
enum class template_state : std::uint8_t { draft = 1, pending, approved, rejected, paused };
/// Parts of a message template, in the order in which they are shown.
enum class component_type : std::uint8_t { header = 1, body, footer, button };
/// How far an opt-out reaches (mission 5): one of our numbers, or all of them.
enum class consent_scope : std::uint8_t { number = 1, organization };
/// What is done about a text that most likely means an opt-out without being a keyword (mission 5).
enum class intent_policy : std::uint8_t { off = 1, mark, opt_out };
enum class outbound_policy : std::uint8_t { forbidden = 1, allowed, allowed_copy_team };
enum class link_format : std::uint8_t { twilio = 1, whatsapp, http };
enum class unknown_outcome_policy : std::uint8_t { hold = 1, resend };

/// A SHA-256; how API keys are kept.
using sha256_digest = std::array<std::uint8_t, 32>;

struct user {
  std::string id;
  std::string name;
  model::licence licence = licence::standard;
  std::string extension;
  std::string email;
  model::role role = model::role::agent;
  std::string time_zone{};  ///< Of the tz database; empty: the organisation's.

  friend bool operator==(const user&, const user&) = default;
};

struct team {
  std::string id;
  std::vector<std::string> members;

  friend bool operator==(const team&, const team&) = default;
};

/// Business hours of one day of the week, in local time. Several a day make a break.
struct hours_period {
  std::vector<std::string> days;  ///< `mon` … `sun`.
  std::int32_t from_minute = 0;   ///< After midnight.
  std::int32_t to_minute = 0;     ///< After `from_minute`; 1440 is the end of the day.

  friend bool operator==(const hours_period&, const hours_period&) = default;
};

/// When somebody is there (mission 4.9).
struct business_hours {
  std::string id;
  std::string time_zone;               ///< Of the tz database.
  std::vector<hours_period> periods;
  std::vector<std::string> holidays;   ///< Local dates, `2026-12-25`: closed all day.

  friend bool operator==(const business_hours&, const business_hours&) = default;
};

/// What a message must be like. What is empty asks for nothing; of a list one must fit; everything
/// that is asked for must hold.
struct message_conditions {
  std::vector<std::string> numbers;    ///< Ours, by identifier.
  std::vector<std::string> channels;   ///< `sms`, `whatsapp`.
  std::vector<std::string> senders;    ///< Addresses, with or without channel.
  std::vector<std::string> countries;  ///< Of the sender's number, ISO 3166 alpha-2: `DE`.
  std::vector<std::string> languages;  ///< Of the contact: `de`, which `de-AT` fits too.
  std::string body_contains;           ///< Without regard to case.
  std::vector<std::string> keywords;   ///< The whole message, without case and punctuation.
  std::string body_matches;            ///< An RE2 expression that is found somewhere in the text.
  std::string attribute;               ///< A contact's attribute …
  std::string attribute_value;         ///< … and its value; empty: that there is one.
  bool first_ever = false;             ///< Nothing came from this address to this number before.
  hours_condition hours = hours_condition::any;

  friend bool operator==(const message_conditions&, const message_conditions&) = default;
};

/// One text of an inbox's auto-responder; the first whose conditions hold is sent.
struct auto_reply_variant {
  std::string text;  ///< `{{contact.name}}` and `{{contact.<attribute>}}` are filled in.
  message_conditions when;

  friend bool operator==(const auto_reply_variant&, const auto_reply_variant&) = default;
};

/// Adds somebody when nobody has replied for so long (mission 4.6). One of `user` and `team`.
struct escalation_step {
  std::int64_t after_s = 0;  ///< Since the oldest message that waits for a reply.
  std::string user;
  std::string team;

  friend bool operator==(const escalation_step&, const escalation_step&) = default;
};

/// Where inbound messages go, without code (mission 4.7). The first rule that holds wins.
struct rule {
  std::string id;
  std::int64_t position = 0;  ///< Rules are looked at in this order, then by id.
  message_conditions when;
  std::vector<std::string> users;  ///< Takes part; with `teams`, besides their members.
  std::vector<std::string> teams;  ///< The first one's inbox has the conversation.
  std::optional<assignment_strategy> strategy;  ///< Empty: the inbox's, or everyone.
  std::string auto_reply;          ///< Empty: the inbox's auto-responder.
  std::vector<std::string> labels;
  std::string priority;            ///< A word of `priority`; empty: as it is.
  bool close = false;
  std::string data_action;         ///< Empty: the inbox's or organisation's.

  friend bool operator==(const rule&, const rule&) = default;
};

/// An HTTPS endpoint of the organisation that is asked about conversations (mission 4.8).
struct data_action {
  std::string id;
  std::string url;
  std::string secret;  ///< Signs the questions; never shown.
  action_trigger trigger = action_trigger::conversation_opened;

  friend bool operator==(const data_action&, const data_action&) = default;
};

/// An endpoint of the organisation that is told its events (mission 10).
struct webhook {
  std::string id;
  std::string url;
  std::string secret;              ///< Signs what is posted; never shown.
  std::vector<std::string> types;  ///< External names of events; empty: all.
  bool enabled = true;             ///< Else nothing is posted, until it goes on where it stopped.

  friend bool operator==(const webhook&, const webhook&) = default;
};

struct template_component {
  component_type type = component_type::body;
  std::string text;  ///< With variables, `{{name}}`.

  friend bool operator==(const template_component&, const template_component&) = default;
};

/// A text with variables that the carrier has approved, or not yet (mission 7).
struct message_template {
  std::string id;
  std::string name;      ///< The carrier's; unique with `language`.
  std::string language;  ///< As the carrier writes it: `de`, `en_US`.
  template_category category = template_category::utility;
  template_state state = template_state::draft;
  std::string carrier_id;  ///< Twilio's `HX…`; empty: it is sent as the text that it makes.
  std::vector<template_component> components;

  friend bool operator==(const message_template&, const message_template&) = default;
};

/// Words by which people opt out, opt in and ask for help, where they are looked for, and what is
/// answered (mission 5).
struct consent_keywords {
  std::string language;  ///< Of the contact: `de`, which `de-AT` fits too; empty: any.
  std::string country;   ///< Of the sender's number, ISO 3166 alpha-2; empty: any.
  std::vector<std::string> opt_out;
  std::vector<std::string> opt_in;
  std::vector<std::string> opt_in_again;  ///< Opt in whoever has opted out; else they are a text.
  std::vector<std::string> help;
  std::string opt_out_text;  ///< The one text that is still sent. Empty: none.
  std::string opt_in_text;   ///< Empty: none.
  std::string help_text;     ///< Empty: none.

  friend bool operator==(const consent_keywords&, const consent_keywords&) = default;
};

/// How an organisation keeps to what people want (mission 5).
struct consent_settings {
  bool reads_keywords = true;
  consent_scope scope = consent_scope::number;
  intent_policy intent = intent_policy::off;
  std::vector<std::string> intent_phrases;  ///< Empty: the built-in ones.
  std::vector<consent_keywords> keywords;   ///< The first that fits; if none does, the built-in.

  friend bool operator==(const consent_settings&, const consent_settings&) = default;
};

/// What a segment costs to recipients whose number begins so.
struct sms_price {
  std::string to;           ///< `+44`; the longest that fits counts, and `+` is for all others.
  std::string per_segment;  ///< As it is written, `0.0079`; see `read_price`.

  friend bool operator==(const sms_price&, const sms_price&) = default;
};

/// What messages cost an organisation: what a dry run of a bulk job counts with (mission 8).
struct price_settings {
  std::string currency;  ///< ISO 4217, `EUR`; empty: there are no prices.
  std::vector<sms_price> sms;

  friend bool operator==(const price_settings&, const price_settings&) = default;
};

/// A team's shared inbox; its id is the team's.
struct inbox {
  std::string team;
  assignment_strategy strategy = assignment_strategy::everyone;
  outbound_policy outbound = outbound_policy::forbidden;
  std::string auto_reply;
  std::optional<std::int64_t> close_after_s;     ///< Empty: the organisation's.
  std::optional<std::int64_t> inactive_after_s;  ///< Empty: the organisation's.
  std::int64_t claim_expiry_s = 0;  ///< A claimer who is silent for so long loses it; 0: never.
  bool available_only = false;      ///< The strategy passes over who is busy or offline.
  std::int64_t max_open_per_user = 0;  ///< Nobody is given more than that; 0: no limit.
  std::vector<escalation_step> escalation{};  ///< In order of time.
  std::int64_t reopen_within_s = 0;    ///< A closed one is reopened within this; 0: never.
  history_policy history = history_policy::all;
  std::string business_hours{};        ///< Empty: the organisation's.
  std::vector<auto_reply_variant> auto_replies{};  ///< Before `auto_reply`, which is for the rest.
  std::string data_action{};           ///< Asked about what is opened; empty: the organisation's.

  friend bool operator==(const inbox&, const inbox&) = default;
};

/// A connection to a carrier. Its id is unique over all organisations: callbacks name only it.
struct link {
  std::string id;
  link_format format = link_format::twilio;
  std::string account_sid;
  std::string auth_token;
  std::string api_base;
  std::string public_url;
  unknown_outcome_policy unknown_outcome = unknown_outcome_policy::hold;
  /// Attempts of all its numbers at once, each on a connection of its own; 0: as many as is usual.
  std::int64_t connections_max = 0;

  friend bool operator==(const link&, const link&) = default;
};

/// An address the organisation owns. At most one of `user` and `inbox` is set.
struct number {
  std::string identifier;             ///< E.164 or short code.
  std::vector<std::string> channels;  ///< `sms`, `mms`, `whatsapp`.
  std::string link;
  std::string user;
  std::string inbox;
  double rate_segments_per_s = 1.0;

  friend bool operator==(const number&, const number&) = default;
};

struct caller_id_list {
  std::string id;
  std::vector<std::string> numbers;
  std::vector<std::string> users;

  friend bool operator==(const caller_id_list&, const caller_id_list&) = default;
};

struct api_key {
  std::string name;
  sha256_digest digest{};
  std::vector<std::string> scopes;  ///< `*`, `messages:write`, `conversations:read`, …
  std::string user{};  ///< Whom it acts for, with that user's role; empty: the organisation.

  friend bool operator==(const api_key&, const api_key&) = default;
};

/// A tenant and all it owns. Nothing crosses organisations (I11).
struct organization {
  std::uint32_t index = 0;  ///< Given once, never reused: the organisation in keys and records.
  std::string id;
  std::string name;
  std::string time_zone = "UTC";
  std::string default_inbox;
  std::int64_t close_after_s = 2'592'000;
  std::int64_t inactive_after_s = 0;
  std::string business_hours;         ///< Of whoever has none; empty: always open.
  std::string data_action;            ///< Asked about what is opened for no inbox that has one.
  std::string outbound_data_action;   ///< Asked before an outbound conversation's first message.
  bool hide_contact_numbers = false;  ///< Customers' numbers are masked without the scope.
  std::vector<user> users;
  std::vector<team> teams;
  std::vector<inbox> inboxes;
  std::vector<link> links;
  std::vector<number> numbers;
  std::vector<caller_id_list> caller_id_lists;
  std::vector<api_key> keys;
  std::vector<model::business_hours> hours;
  std::vector<rule> rules;
  std::vector<model::data_action> data_actions;
  std::vector<webhook> webhooks;
  std::vector<message_template> templates;
  consent_settings consent;
  price_settings prices;

  friend bool operator==(const organization&, const organization&) = default;

  [[nodiscard]] const user* find_user(std::string_view id) const noexcept;
  [[nodiscard]] const team* find_team(std::string_view id) const noexcept;
  [[nodiscard]] const inbox* find_inbox(std::string_view team) const noexcept;
  [[nodiscard]] const model::business_hours* find_hours(std::string_view id) const noexcept;
  [[nodiscard]] const model::data_action* find_data_action(std::string_view id) const noexcept;
  [[nodiscard]] const webhook* find_webhook(std::string_view id) const noexcept;
  [[nodiscard]] const message_template* find_template(std::string_view id) const noexcept;
};

/// Everything the directory tables hold, with the look-ups of the hot path. Immutable once made:
/// a change makes a new one (copy-on-write), readers keep the one they have.
class directory {
public:
  struct link_entry {
    const organization* owner;
    const model::link* link;
  };
  struct number_entry {
    const organization* owner;
    const model::number* number;
    const model::link* link;
  };
  struct key_entry {
    const organization* owner;
    const api_key* key;
  };

  explicit directory(std::vector<organization> organizations);
  ~directory();
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;

  [[nodiscard]] const std::vector<organization>& organizations() const noexcept;
  [[nodiscard]] const organization* find_organization(std::uint32_t index) const noexcept;
  [[nodiscard]] const organization* find_organization(std::string_view id) const noexcept;
  /// A carrier link by the id in the callback's path.
  [[nodiscard]] std::optional<link_entry> find_link(std::string_view id) const noexcept;
  /// One of the organisation's numbers by its identifier, with the link that carries it.
  [[nodiscard]] std::optional<number_entry> find_number(std::uint32_t organization_index,
                                                        std::string_view identifier) const noexcept;
  /// An API key by its digest.
  [[nodiscard]] std::optional<key_entry> find_key(const sha256_digest& digest) const noexcept;

private:
  struct indexes;
  std::vector<organization> organizations_;
  std::unique_ptr<indexes> indexes_;
};

using directory_ptr = std::shared_ptr<const directory>;

}  // namespace parley::model
