#include "parley/model/address.hpp"
#include "parley/model/clock_time.hpp"
#include "parley/model/directory_words.hpp"
#include "parley/model/event_types.hpp"
#include "parley/model/limits.hpp"
#include "parley/model/price.hpp"
#include "src/model/entry_checks.hpp"

#include <algorithm>
#include <array>
#include <utility>

// Rules about the entries that say where a message goes, and when: inboxes, business hours, rules,
// data actions, and the organisation's own settings.

namespace parley::model {

namespace {

constexpr std::size_t values_max = 1'000;       // Of one condition.
constexpr std::size_t value_bytes_max = 128;    // Of a keyword, a sender, an attribute.
constexpr std::size_t expression_bytes_max = 512;
constexpr std::size_t periods_max = 100;
constexpr std::size_t consent_sets_max = 100;   // One a language and country.
constexpr std::size_t consent_words_max = 100;  // Of one list.
constexpr std::size_t prices_max = 1'000;       // Of one channel.
constexpr std::size_t e164_digits_max = 15;
constexpr std::size_t holidays_max = 1'000;
constexpr std::size_t label_bytes_max = 64;
constexpr std::size_t teams_max = 100;
constexpr std::size_t secret_bytes_min = 16;
constexpr std::string_view test_word = "test";
constexpr std::int64_t open_per_user_max = 1'000'000;
constexpr auto condition_channels = std::to_array<std::string_view>({"sms", "whatsapp"});
constexpr auto days_of_week
  = std::to_array<std::string_view>({"mon", "tue", "wed", "thu", "fri", "sat", "sun"});

/// The first fault of several; the rest is not looked at.
fault first_of(std::initializer_list<fault> faults) {
  const auto found = std::ranges::find_if(faults, [](const fault& one) { return one.has_value(); });
  return found == faults.end() ? std::nullopt : *found;
}

/// That every text is as `fits` wants it, which `wanted` says.
fault all_fit(std::string_view member, const std::vector<std::string>& texts,
              bool (*fits)(std::string_view), std::string_view wanted) {
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (!fits(texts[i]))
      return entry_fault{member, "must be " + std::string{wanted} + ", not " + quoted(texts[i]), i};
  return std::nullopt;
}

bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

bool is_country(std::string_view text) noexcept {
  return text.size() == 2 && std::ranges::all_of(text, is_upper);
}

/// ISO 639 with or without a country: `de`, `fil`, `de-AT`.
bool is_language(std::string_view text) noexcept {
  const auto dash = text.find('-');
  const auto language = text.substr(0, dash);
  return (language.size() == 2 || language.size() == 3) && std::ranges::all_of(language, is_lower)
         && (dash == std::string_view::npos || is_country(text.substr(dash + 1)));
}

bool is_condition_channel(std::string_view text) noexcept {
  return contains(condition_channels, text);
}

bool is_day(std::string_view text) noexcept { return contains(days_of_week, text); }

bool is_sender(std::string_view text) {
  return address::parse(text) || address::parse("whatsapp:" + std::string{text});
}

fault attribute_of(const message_conditions& when) {
  if (when.attribute.empty() && !when.attribute_value.empty())
    return entry_fault{"attribute_value", "needs `attribute`, whose value it is"};
  return first_of({short_enough("attribute", when.attribute, value_bytes_max),
                   short_enough("attribute_value", when.attribute_value, value_bytes_max)});
}

fault fault_of(const organization& owner, const message_conditions& when) {
  return first_of({
    few_enough("numbers", when.numbers.size(), values_max),
    all_known<number>("numbers", when.numbers, owner),
    all_fit("channels", when.channels, is_condition_channel, "of sms, whatsapp"),
    few_enough("senders", when.senders.size(), values_max),
    all_fit("senders", when.senders, is_sender, "addresses, with or without a channel"),
    few_enough("countries", when.countries.size(), values_max),
    all_fit("countries", when.countries, is_country, "countries by two capital letters, as DE"),
    few_enough("languages", when.languages.size(), values_max),
    all_fit("languages", when.languages, is_language, "languages such as de or de-AT"),
    sendable("body_contains", when.body_contains),
    bounded("keywords", when.keywords, values_max, value_bytes_max),
    short_enough("body_matches", when.body_matches, expression_bytes_max),
    attribute_of(when),
  });
}

/// A data action that is asked when a conversation opens, or on its messages.
fault inbound_action(std::string_view member, std::string_view id, const organization& owner) {
  if (auto found = known_if_any<data_action>(member, id, owner))
    return found;
  const auto* action = owner.find_data_action(id);
  if (action != nullptr && action->trigger == action_trigger::outbound)
    return entry_fault{member, "names the data action " + quoted(id)
                                 + ", which is for outbound conversations"};
  return std::nullopt;
}

fault outbound_action(std::string_view member, std::string_view id, const organization& owner) {
  if (auto found = known_if_any<data_action>(member, id, owner))
    return found;
  const auto* action = owner.find_data_action(id);
  if (action != nullptr && action->trigger != action_trigger::outbound)
    return entry_fault{member, "names the data action " + quoted(id)
                                 + ", which is not for outbound conversations"};
  return std::nullopt;
}

fault step_fault(const organization& owner, const escalation_step& step, std::int64_t earliest_s) {
  if (auto found = in_range("after_s", step.after_s, 1))
    return found;
  if (step.after_s < earliest_s)
    return entry_fault{"after_s", "must not be less than that of the step before"};
  if (step.user.empty() == step.team.empty())
    return entry_fault{"user", "or `team`, and not both, must say who is added"};
  return first_of({known_if_any<user>("user", step.user, owner),
                   known_if_any<team>("team", step.team, owner)});
}

fault escalation_fault(const organization& owner, const std::vector<escalation_step>& steps) {
  if (auto found = few_enough("escalation", steps.size(), escalation_steps_max))
    return found;
  std::int64_t earliest_s = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (auto found = step_fault(owner, steps[i], earliest_s))
      return within("escalation", i, std::move(found));
    earliest_s = steps[i].after_s;
  }
  return std::nullopt;
}

fault variants_fault(const organization& owner, const std::vector<auto_reply_variant>& variants) {
  if (auto found = few_enough("auto_replies", variants.size(), auto_replies_max))
    return found;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const auto& one = variants[i];
    auto found = one.text.empty() ? fault{{"text", "must not be empty"}}
                                  : sendable("text", one.text);
    if (!found)
      found = within("when", {}, fault_of(owner, one.when));
    if (found)
      return within("auto_replies", i, std::move(found));
  }
  return std::nullopt;
}

fault period_fault(const hours_period& period) {
  if (period.days.empty())
    return entry_fault{"days", "must name at least one day"};
  if (auto found = all_fit("days", period.days, is_day, "of mon, tue, wed, thu, fri, sat, sun"))
    return found;
  if (period.from_minute < 0 || period.from_minute >= minutes_of_a_day)
    return entry_fault{"from", "must be a time of the day"};
  if (period.to_minute <= period.from_minute || period.to_minute > minutes_of_a_day)
    return entry_fault{"to", "must be after `from`, and 24:00 at the latest"};
  return std::nullopt;
}

/// Who gets it, and by what strategy.
fault destination_fault(const organization& owner, const rule& entry) {
  const bool chooses = entry.strategy && *entry.strategy != assignment_strategy::everyone
                       && *entry.strategy != assignment_strategy::random_one;
  if (chooses && entry.teams.empty())
    return entry_fault{"strategy", quoted(word_for(*entry.strategy))
                                     + " needs `teams`: it keeps count by a team's inbox"};
  return first_of({few_enough("users", entry.users.size(), participants_max),
                   all_known<user>("users", entry.users, owner),
                   few_enough("teams", entry.teams.size(), teams_max),
                   all_known<team>("teams", entry.teams, owner)});
}

fault keywords_fault(const consent_keywords& set) {
  const auto words = [](std::string_view member, const std::vector<std::string>& all) -> fault {
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].empty())
        return entry_fault{member, "must not be empty", i};
    return bounded(member, all, consent_words_max, value_bytes_max);
  };
  if (!set.language.empty() && !is_language(set.language))
    return entry_fault{"language", "must be a language such as de or de-AT, not "
                                     + quoted(set.language)};
  if (!set.country.empty() && !is_country(set.country))
    return entry_fault{"country", "must be a country by two capital letters, as DE, not "
                                    + quoted(set.country)};
  return first_of({words("opt_out", set.opt_out), words("opt_in", set.opt_in),
                   words("opt_in_again", set.opt_in_again), words("help", set.help),
                   sendable("opt_out_text", set.opt_out_text),
                   sendable("opt_in_text", set.opt_in_text),
                   sendable("help_text", set.help_text)});
}

fault consent_fault(const consent_settings& consent) {
  if (auto found = first_of({bounded("intent_phrases", consent.intent_phrases, consent_words_max,
                                     value_bytes_max),
                             few_enough("keywords", consent.keywords.size(), consent_sets_max)}))
    return found;
  for (std::size_t i = 0; i < consent.keywords.size(); ++i)
    if (auto found = keywords_fault(consent.keywords[i]))
      return within("keywords", i, std::move(found));
  return std::nullopt;
}

/// A `+`, and no more digits than E.164 has.
bool is_beginning_of_number(std::string_view text) noexcept {
  return text.starts_with('+') && text.size() <= 1 + e164_digits_max
         && std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

fault sms_price_fault(const std::vector<sms_price>& all, std::size_t at) {
  const auto& price = all[at];
  if (!is_beginning_of_number(price.to))
    return entry_fault{"to", "must be how a number begins, such as +44, or + for all others, not "
                               + quoted(price.to)};
  const auto before = all.begin() + static_cast<std::ptrdiff_t>(at);
  if (std::find_if(all.begin(), before, [&](const auto& other) { return other.to == price.to; })
      != before)
    return entry_fault{"to", "names " + quoted(price.to) + " twice"};
  if (!read_price(price.per_segment))
    return entry_fault{"per_segment", "must be a number such as 0.0079, from 0 to 100 with at most "
                                      "six decimal places, not " + quoted(price.per_segment)};
  return std::nullopt;
}

fault prices_fault(const price_settings& prices) {
  const bool is_currency = prices.currency.size() == 3
                           && std::ranges::all_of(prices.currency,
                                                  [](char c) { return c >= 'A' && c <= 'Z'; });
  const bool none = prices.currency.empty() && prices.sms.empty();
  if (!is_currency && !none)
    return entry_fault{"currency", "must be a currency by three capital letters, as EUR, not "
                                     + quoted(prices.currency)};
  if (auto found = few_enough("sms", prices.sms.size(), prices_max))
    return found;
  for (std::size_t i = 0; i < prices.sms.size(); ++i)
    if (auto found = sms_price_fault(prices.sms, i))
      return within("sms", i, std::move(found));
  return std::nullopt;
}

}  // namespace

std::optional<entry_fault> fault_of(const organization& owner, const inbox& entry) {
  if (auto found = first_of({slug("team", entry.team), known<team>("team", entry.team, owner),
                             sendable("auto_reply", entry.auto_reply),
                             in_range("close_after_s", entry.close_after_s, 1),
                             in_range("inactive_after_s", entry.inactive_after_s, 0),
                             in_range("claim_expiry_s", entry.claim_expiry_s, 0),
                             in_range("reopen_within_s", entry.reopen_within_s, 0)}))
    return found;
  if (entry.max_open_per_user < 0 || entry.max_open_per_user > open_per_user_max)
    return entry_fault{"max_open_per_user", "must be from 0 to 1000000, not "
                                              + std::to_string(entry.max_open_per_user)};
  return first_of({known_if_any<business_hours>("business_hours", entry.business_hours, owner),
                   inbound_action("data_action", entry.data_action, owner),
                   escalation_fault(owner, entry.escalation),
                   variants_fault(owner, entry.auto_replies)});
}

std::optional<entry_fault> fault_of(const organization&, const business_hours& entry) {
  if (auto found = first_of({slug("id", entry.id),
                             present("time_zone", entry.time_zone, name_bytes_max),
                             few_enough("periods", entry.periods.size(), periods_max),
                             few_enough("holidays", entry.holidays.size(), holidays_max),
                             all_fit("holidays", entry.holidays, is_date,
                                     "dates such as 2026-12-25")}))
    return found;
  for (std::size_t i = 0; i < entry.periods.size(); ++i)
    if (auto found = period_fault(entry.periods[i]))
      return within("periods", i, std::move(found));
  return std::nullopt;
}

std::optional<entry_fault> fault_of(const organization& owner, const rule& entry) {
  if (auto found = slug("id", entry.id))
    return found;
  if (entry.id == test_word)
    return entry_fault{"id", "must not be `test`, which stands for a trial in the API's paths"};
  const auto others = std::ranges::count_if(
    owner.rules, [&](const rule& other) { return other.id != entry.id; });
  if (static_cast<std::size_t>(others) >= rules_max)
    return entry_fault{"id", "would be that of one rule too many: there are "
                               + std::to_string(rules_max),
                       {}, errc::too_many};
  if (auto found = within("when", {}, fault_of(owner, entry.when)))
    return found;
  if (!entry.priority.empty() && !value_of<priority>(entry.priority))
    return entry_fault{"priority", "must be one of " + all_words<priority>() + ", not "
                                     + quoted(entry.priority)};
  return first_of({destination_fault(owner, entry), sendable("auto_reply", entry.auto_reply),
                   bounded("labels", entry.labels, labels_max, label_bytes_max),
                   inbound_action("data_action", entry.data_action, owner)});
}

std::optional<entry_fault> fault_of(const organization& owner, const data_action& entry) {
  if (auto found = first_of({slug("id", entry.id), absolute_url("url", entry.url)}))
    return found;
  if (entry.secret.size() < secret_bytes_min || entry.secret.size() > secret_bytes_max)
    return entry_fault{"secret", "must be 16 to 512 bytes"};
  // Whoever asks it relies on what it is asked about.
  auto use = entry.trigger == action_trigger::outbound ? inbound_use_of(owner, entry)
             : owner.outbound_data_action == entry.id  ? use_of(owner, entry)
                                                       : std::string{};
  if (use.empty())
    return std::nullopt;
  return entry_fault{"trigger", "cannot be " + quoted(word_for(entry.trigger)) + ": " + use,
                     {}, errc::in_use};
}

std::optional<entry_fault> fault_of(const organization& owner, const webhook& entry) {
  if (auto found = first_of({slug("id", entry.id), absolute_url("url", entry.url)}))
    return found;
  if (entry.secret.size() < secret_bytes_min || entry.secret.size() > secret_bytes_max)
    return entry_fault{"secret", "must be 16 to 512 bytes"};
  if (auto found = all_fit(
        "types", entry.types, [](std::string_view type) { return contains(event_types, type); },
        "an event type such as conversation.message.created"))
    return found;
  if (auto found = few_enough("types", entry.types.size(), event_types.size()))
    return found;
  const auto others = std::ranges::count_if(
    owner.webhooks, [&](const webhook& other) { return other.id != entry.id; });
  if (static_cast<std::size_t>(others) < webhooks_max)
    return std::nullopt;
  return entry_fault{"id", "would be that of one webhook too many: there are "
                             + std::to_string(webhooks_max),
                     {}, errc::too_many};
}

std::optional<entry_fault> fault_of_settings(const organization& owner,
                                             const organization& changed) {
  return first_of({
    present("name", changed.name, name_bytes_max),
    present("time_zone", changed.time_zone, name_bytes_max),
    known_if_any<inbox>("default_inbox", changed.default_inbox, owner),
    in_range("close_after_s", changed.close_after_s, 1),
    in_range("inactive_after_s", changed.inactive_after_s, 0),
    known_if_any<business_hours>("business_hours", changed.business_hours, owner),
    inbound_action("data_action", changed.data_action, owner),
    outbound_action("outbound_data_action", changed.outbound_data_action, owner),
    within("consent", {}, consent_fault(changed.consent)),
    within("prices", {}, prices_fault(changed.prices)),
  });
}

void put_settings(organization& to, const organization& from) {
  to.name = from.name;
  to.time_zone = from.time_zone;
  to.default_inbox = from.default_inbox;
  to.close_after_s = from.close_after_s;
  to.inactive_after_s = from.inactive_after_s;
  to.business_hours = from.business_hours;
  to.data_action = from.data_action;
  to.outbound_data_action = from.outbound_data_action;
  to.hide_contact_numbers = from.hide_contact_numbers;
  to.consent = from.consent;
  to.prices = from.prices;
}

}  // namespace parley::model
