#include "src/cli/routing_tables.hpp"

#include "parley/model/clock_time.hpp"
#include "parley/model/directory_rules.hpp"
#include "src/cli/toml_words.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cstdint>
#include <limits>

namespace parley::cli {

namespace {

constexpr auto inbox_fields = std::to_array<std::string_view>(
  {"team", "strategy", "outbound", "auto_reply", "close_after_s", "inactive_after_s",
   "claim_expiry_s", "available_only", "max_open_per_user", "escalation", "reopen_within_s",
   "history", "business_hours", "auto_reply_variant", "data_action"});
constexpr auto step_fields = std::to_array<std::string_view>({"after_s", "user", "team"});
constexpr auto variant_fields = std::to_array<std::string_view>({"text", "when"});
constexpr auto hours_fields
  = std::to_array<std::string_view>({"id", "time_zone", "period", "holidays"});
constexpr auto period_fields = std::to_array<std::string_view>({"days", "from", "to"});
constexpr auto rule_fields = std::to_array<std::string_view>(
  {"id", "position", "when", "users", "teams", "strategy", "auto_reply", "labels", "priority",
   "close", "data_action"});
constexpr auto condition_fields = std::to_array<std::string_view>(
  {"numbers", "channels", "senders", "countries", "languages", "body_contains", "keywords",
   "body_matches", "attribute", "attribute_value", "first_ever", "hours"});
constexpr auto consent_fields = std::to_array<std::string_view>(
  {"reads_keywords", "scope", "intent", "intent_phrases", "keywords"});
constexpr auto keywords_fields = std::to_array<std::string_view>(
  {"language", "country", "opt_out", "opt_in", "opt_in_again", "help", "opt_out_text",
   "opt_in_text", "help_text"});
constexpr auto prices_fields = std::to_array<std::string_view>({"currency", "sms"});
constexpr auto sms_price_fields = std::to_array<std::string_view>({"to", "per_segment"});
constexpr auto data_action_fields
  = std::to_array<std::string_view>({"id", "url", "secret", "trigger"});
constexpr auto webhook_fields
  = std::to_array<std::string_view>({"id", "url", "secret", "types", "enabled"});

/// The conditions of `[….when]`; none when it is not there.
model::message_conditions read_when(const table_reader& around, const std::string& file) {
  model::message_conditions when;
  const auto* table = around.table("when");
  if (table == nullptr)
    return when;
  const table_reader from{*table, "a condition", file, condition_fields};
  when.numbers = from.texts("numbers");
  when.channels = from.texts("channels");
  when.senders = from.texts("senders");
  when.countries = from.texts("countries");
  when.languages = from.texts("languages");
  when.body_contains = from.text_or("body_contains", "");
  when.keywords = from.texts("keywords");
  when.body_matches = from.text_or("body_matches", "");
  when.attribute = from.text_or("attribute", "");
  when.attribute_value = from.text_or("attribute_value", "");
  when.first_ever = from.flag_or("first_ever", false);
  when.hours = one_of<model::hours_condition>(from, "hours", "any");
  return when;
}

std::int32_t minute(const table_reader& from, std::string_view key) {
  const auto text = from.text(key);
  const auto found = model::minute_of_clock(text);
  if (!found)
    from.refuse(key, fmt::format("must be a time such as 09:00, not `{}`", text));
  return *found;
}

}  // namespace

std::span<const std::string_view> inbox_keys() noexcept { return inbox_fields; }
std::span<const std::string_view> hours_keys() noexcept { return hours_fields; }
std::span<const std::string_view> rule_keys() noexcept { return rule_fields; }
std::span<const std::string_view> data_action_keys() noexcept { return data_action_fields; }
std::span<const std::string_view> webhook_keys() noexcept { return webhook_fields; }

model::inbox read_inbox(const table_reader& from, const std::string& file) {
  constexpr auto any_count = std::numeric_limits<std::int64_t>::max();
  model::inbox inbox;
  inbox.team = from.text("team");
  inbox.strategy = one_of<model::assignment_strategy>(from, "strategy", "everyone");
  inbox.outbound = one_of<model::outbound_policy>(from, "outbound", "forbidden");
  inbox.auto_reply = from.text_or("auto_reply", "");
  inbox.close_after_s = from.integer("close_after_s", 1, model::seconds_max);
  inbox.inactive_after_s = from.integer("inactive_after_s", 0, model::seconds_max);
  inbox.claim_expiry_s = from.integer("claim_expiry_s", 0, model::seconds_max).value_or(0);
  inbox.available_only = from.flag_or("available_only", false);
  inbox.max_open_per_user = from.integer("max_open_per_user", 0, any_count).value_or(0);
  inbox.reopen_within_s = from.integer("reopen_within_s", 0, model::seconds_max).value_or(0);
  inbox.history = one_of<model::history_policy>(from, "history", "all");
  inbox.business_hours = from.text_or("business_hours", "");
  inbox.data_action = from.text_or("data_action", "");
  for (const auto* table : from.tables("escalation")) {
    const table_reader one{*table, "an escalation step", file, step_fields};
    auto& step = inbox.escalation.emplace_back();
    step.after_s = one.integer("after_s", 1, model::seconds_max).value_or(0);
    step.user = one.text_or("user", "");
    step.team = one.text_or("team", "");
  }
  return inbox;
}

std::vector<model::auto_reply_variant> read_auto_replies(const table_reader& from,
                                                         const std::string& file) {
  std::vector<model::auto_reply_variant> all;
  for (const auto* table : from.tables("auto_reply_variant")) {
    const table_reader one{*table, "an automatic reply", file, variant_fields};
    auto& variant = all.emplace_back();
    variant.text = one.text("text");
    variant.when = read_when(one, file);
  }
  return all;
}

model::business_hours read_hours(const table_reader& from, const std::string& file) {
  model::business_hours hours;
  hours.id = from.text("id");
  hours.time_zone = from.text("time_zone");
  hours.holidays = from.texts("holidays");
  for (const auto* table : from.tables("period")) {
    const table_reader one{*table, "a period", file, period_fields};
    auto& period = hours.periods.emplace_back();
    period.days = one.texts("days");
    period.from_minute = minute(one, "from");
    period.to_minute = minute(one, "to");
  }
  return hours;
}

model::rule read_rule(const table_reader& from, const std::string& file) {
  using limits = std::numeric_limits<std::int64_t>;
  model::rule rule;
  rule.id = from.text("id");
  rule.position = from.integer("position", limits::min(), limits::max()).value_or(0);
  rule.when = read_when(from, file);
  rule.users = from.texts("users");
  rule.teams = from.texts("teams");
  if (!from.text_or("strategy", "").empty())
    rule.strategy = one_of<model::assignment_strategy>(from, "strategy", "");
  rule.auto_reply = from.text_or("auto_reply", "");
  rule.labels = from.texts("labels");
  rule.priority = from.text_or("priority", "");
  rule.close = from.flag_or("close", false);
  rule.data_action = from.text_or("data_action", "");
  return rule;
}

model::data_action read_data_action(const table_reader& from) {
  model::data_action action;
  action.id = from.text("id");
  action.url = from.text("url");
  action.secret = from.text("secret");
  action.trigger = one_of<model::action_trigger>(from, "trigger", "conversation_opened");
  return action;
}

model::webhook read_webhook(const table_reader& from) {
  model::webhook webhook;
  webhook.id = from.text("id");
  webhook.url = from.text("url");
  webhook.secret = from.text("secret");
  webhook.types = from.texts("types");
  webhook.enabled = from.flag_or("enabled", true);
  return webhook;
}

model::consent_settings read_consent(const table_reader& organization, const std::string& file) {
  model::consent_settings consent;
  const auto* table = organization.table("consent");
  if (table == nullptr)
    return consent;
  const table_reader from{*table, "consent", file, consent_fields};
  consent.reads_keywords = from.flag_or("reads_keywords", true);
  consent.scope = one_of<model::consent_scope>(from, "scope", "number");
  consent.intent = one_of<model::intent_policy>(from, "intent", "off");
  consent.intent_phrases = from.texts("intent_phrases");
  for (const auto* words : from.tables("keywords")) {
    const table_reader one{*words, "a set of keywords", file, keywords_fields};
    auto& set = consent.keywords.emplace_back();
    set.language = one.text_or("language", "");
    set.country = one.text_or("country", "");
    set.opt_out = one.texts("opt_out");
    set.opt_in = one.texts("opt_in");
    set.opt_in_again = one.texts("opt_in_again");
    set.help = one.texts("help");
    set.opt_out_text = one.text_or("opt_out_text", "");
    set.opt_in_text = one.text_or("opt_in_text", "");
    set.help_text = one.text_or("help_text", "");
  }
  return consent;
}

model::price_settings read_prices(const table_reader& organization, const std::string& file) {
  model::price_settings prices;
  const auto* table = organization.table("prices");
  if (table == nullptr)
    return prices;
  const table_reader from{*table, "prices", file, prices_fields};
  prices.currency = from.text("currency");
  for (const auto* one : from.tables("sms")) {
    const table_reader price{*one, "a price", file, sms_price_fields};
    prices.sms.push_back({price.text("to"), price.text("per_segment")});
  }
  return prices;
}

}  // namespace parley::cli
