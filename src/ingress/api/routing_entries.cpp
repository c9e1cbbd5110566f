#include "src/ingress/api/directory_entries.hpp"

#include "parley/model/clock_time.hpp"
#include "parley/model/directory_words.hpp"
#include "src/ingress/api/entry_members.hpp"

#include <cstdint>
#include <string>

// The entries that say where a message goes, and when.

namespace parley::ingress {

namespace {

void read_conditions(const object_reader& in, model::message_conditions& when) {
  in.allow_only({"numbers", "channels", "senders", "countries", "languages", "body_contains",
                 "keywords", "body_matches", "attribute", "attribute_value", "first_ever", "hours"},
                {});
  read_texts(in, "numbers", when.numbers);
  read_texts(in, "channels", when.channels);
  read_texts(in, "senders", when.senders);
  read_texts(in, "countries", when.countries);
  read_texts(in, "languages", when.languages);
  read_text(in, "body_contains", when.body_contains);
  read_texts(in, "keywords", when.keywords);
  read_text(in, "body_matches", when.body_matches);
  read_text(in, "attribute", when.attribute);
  read_text(in, "attribute_value", when.attribute_value);
  read_flag(in, "first_ever", when.first_ever);
  read_word(in, "hours", when.hours);
}

/// Conditions are given as a whole; null asks for nothing.
void read_when(const object_reader& in, model::message_conditions& when) {
  const auto* given = in.find("when");
  if (given == nullptr)
    return;
  when = {};
  if (!given->is_null())
    read_within(*given, "when",
                [&](const object_reader& within) { read_conditions(within, when); });
}

void write_when(json_writer& json, const model::message_conditions& when) {
  json.key("when").begin_object();
  write_texts(json, "numbers", when.numbers);
  write_texts(json, "channels", when.channels);
  write_texts(json, "senders", when.senders);
  write_texts(json, "countries", when.countries);
  write_texts(json, "languages", when.languages);
  json.key("body_contains").text_or_null(when.body_contains);
  write_texts(json, "keywords", when.keywords);
  json.key("body_matches").text_or_null(when.body_matches);
  json.key("attribute").text_or_null(when.attribute);
  json.key("attribute_value").text_or_null(when.attribute_value);
  json.key("first_ever").flag(when.first_ever);
  json.key("hours").text(model::word_for(when.hours));
  json.end_object();
}

std::int32_t read_minute(const object_reader& in, std::string_view member) {
  const auto text = in.text(member, member_bytes_max);
  const auto minute = model::minute_of_clock(text);
  if (!minute)
    refuse_member(member, "must be a time such as 09:00, not `" + text + '`');
  return *minute;
}

void read_period(const object_reader& in, model::hours_period& period) {
  in.allow_only({"days", "from", "to"}, {});
  read_texts(in, "days", period.days);
  period.from_minute = read_minute(in, "from");
  period.to_minute = read_minute(in, "to");
}

void read_step(const object_reader& in, model::escalation_step& step) {
  in.allow_only({"after_s", "user", "team"}, {});
  read_number(in, "after_s", step.after_s);
  read_text(in, "user", step.user);
  read_text(in, "team", step.team);
}

void read_variant(const object_reader& in, model::auto_reply_variant& variant) {
  in.allow_only({"text", "when"}, {});
  read_text(in, "text", variant.text);
  read_when(in, variant.when);
}

}  // namespace

// -- inboxes --------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::inbox& entry) {
  in.allow_only({"team", "strategy", "outbound", "auto_reply", "close_after_s", "inactive_after_s",
                 "claim_expiry_s", "available_only", "max_open_per_user", "escalation",
                 "reopen_within_s", "history", "business_hours", "auto_replies", "data_action"},
                {});
  read_id(in, "team", entry.team);
  read_word(in, "strategy", entry.strategy);
  read_word(in, "outbound", entry.outbound);
  read_text(in, "auto_reply", entry.auto_reply);
  read_seconds(in, "close_after_s", entry.close_after_s);
  read_seconds(in, "inactive_after_s", entry.inactive_after_s);
  read_number(in, "claim_expiry_s", entry.claim_expiry_s);
  read_flag(in, "available_only", entry.available_only);
  read_number(in, "max_open_per_user", entry.max_open_per_user);
  read_each(in, "escalation", entry.escalation, read_step);
  read_number(in, "reopen_within_s", entry.reopen_within_s);
  read_word(in, "history", entry.history);
  read_text(in, "business_hours", entry.business_hours);
  read_each(in, "auto_replies", entry.auto_replies, read_variant);
  read_text(in, "data_action", entry.data_action);
}

void write_members(json_writer& json, const model::inbox& entry) {
  json.key("team").text(entry.team);
  json.key("strategy").text(model::word_for(entry.strategy));
  json.key("outbound").text(model::word_for(entry.outbound));
  json.key("auto_reply").text_or_null(entry.auto_reply);
  write_seconds(json, "close_after_s", entry.close_after_s);
  write_seconds(json, "inactive_after_s", entry.inactive_after_s);
  json.key("claim_expiry_s").number(entry.claim_expiry_s);
  json.key("available_only").flag(entry.available_only);
  json.key("max_open_per_user").number(entry.max_open_per_user);
  json.key("escalation").begin_array();
  for (const auto& step : entry.escalation) {
    json.begin_object().key("after_s").number(step.after_s);
    json.key("user").text_or_null(step.user).key("team").text_or_null(step.team).end_object();
  }
  json.end_array().key("reopen_within_s").number(entry.reopen_within_s);
  json.key("history").text(model::word_for(entry.history));
  json.key("business_hours").text_or_null(entry.business_hours);
  json.key("auto_replies").begin_array();
  for (const auto& variant : entry.auto_replies) {
    json.begin_object().key("text").text(variant.text);
    write_when(json, variant.when);
    json.end_object();
  }
  json.end_array().key("data_action").text_or_null(entry.data_action);
}

// -- business hours -------------------------------------------------------------------------------

void read_members(const object_reader& in, model::business_hours& entry) {
  in.allow_only({"id", "time_zone", "periods", "holidays"}, {});
  read_id(in, "id", entry.id);
  read_text(in, "time_zone", entry.time_zone);
  read_each(in, "periods", entry.periods, read_period);
  read_texts(in, "holidays", entry.holidays);
}

void write_members(json_writer& json, const model::business_hours& entry) {
  json.key("id").text(entry.id).key("time_zone").text(entry.time_zone);
  json.key("periods").begin_array();
  for (const auto& period : entry.periods) {
    json.begin_object();
    write_texts(json, "days", period.days);
    json.key("from").text(model::clock_of_minute(period.from_minute));
    json.key("to").text(model::clock_of_minute(period.to_minute)).end_object();
  }
  json.end_array();
  write_texts(json, "holidays", entry.holidays);
}

// -- rules ----------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::rule& entry) {
  in.allow_only({"id", "position", "when", "users", "teams", "strategy", "auto_reply", "labels",
                 "priority", "close", "data_action"},
                {});
  read_id(in, "id", entry.id);
  read_number(in, "position", entry.position);
  read_when(in, entry.when);
  read_texts(in, "users", entry.users);
  read_texts(in, "teams", entry.teams);
  if (const auto* given = in.find("strategy"); given != nullptr && given->is_null())
    entry.strategy.reset();
  else if (given != nullptr)
    read_word(in, "strategy", entry.strategy.emplace());
  read_text(in, "auto_reply", entry.auto_reply);
  read_texts(in, "labels", entry.labels);
  read_text(in, "priority", entry.priority);
  read_flag(in, "close", entry.close);
  read_text(in, "data_action", entry.data_action);
}

void write_members(json_writer& json, const model::rule& entry) {
  json.key("id").text(entry.id).key("position").number(entry.position);
  write_when(json, entry.when);
  write_texts(json, "users", entry.users);
  write_texts(json, "teams", entry.teams);
  json.key("strategy");
  json.text_or_null(entry.strategy ? model::word_for(*entry.strategy) : std::string_view{});
  json.key("auto_reply").text_or_null(entry.auto_reply);
  write_texts(json, "labels", entry.labels);
  json.key("priority").text_or_null(entry.priority);
  json.key("close").flag(entry.close);
  json.key("data_action").text_or_null(entry.data_action);
}

// -- data actions ---------------------------------------------------------------------------------

void read_members(const object_reader& in, model::data_action& entry) {
  in.allow_only({"id", "url", "secret", "trigger"}, {});
  read_id(in, "id", entry.id);
  read_text(in, "url", entry.url);
  read_text(in, "secret", entry.secret);
  read_word(in, "trigger", entry.trigger);
}

void write_members(json_writer& json, const model::data_action& entry) {
  json.key("id").text(entry.id).key("url").text(entry.url);
  json.key("trigger").text(model::word_for(entry.trigger));
}

// -- webhooks -------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::webhook& entry) {
  in.allow_only({"id", "url", "secret", "types", "enabled"}, {});
  read_id(in, "id", entry.id);
  read_text(in, "url", entry.url);
  read_text(in, "secret", entry.secret);
  read_texts(in, "types", entry.types);
  read_flag(in, "enabled", entry.enabled);
}

void write_members(json_writer& json, const model::webhook& entry) {
  json.key("id").text(entry.id).key("url").text(entry.url);
  write_texts(json, "types", entry.types);
  json.key("enabled").flag(entry.enabled);
}

// -- the organisation itself ----------------------------------------------------------------------

namespace {

void read_keywords(const object_reader& in, model::consent_keywords& set) {
  in.allow_only({"language", "country", "opt_out", "opt_in", "opt_in_again", "help",
                 "opt_out_text", "opt_in_text", "help_text"},
                {});
  read_text(in, "language", set.language);
  read_text(in, "country", set.country);
  read_texts(in, "opt_out", set.opt_out);
  read_texts(in, "opt_in", set.opt_in);
  read_texts(in, "opt_in_again", set.opt_in_again);
  read_texts(in, "help", set.help);
  read_text(in, "opt_out_text", set.opt_out_text);
  read_text(in, "opt_in_text", set.opt_in_text);
  read_text(in, "help_text", set.help_text);
}

void read_consent(const object_reader& in, model::consent_settings& consent) {
  const auto* given = in.find("consent");
  if (given == nullptr)
    return;
  read_within(*given, "consent", [&](const object_reader& within) {
    within.allow_only({"reads_keywords", "scope", "intent", "intent_phrases", "keywords"}, {});
    read_flag(within, "reads_keywords", consent.reads_keywords);
    read_word(within, "scope", consent.scope);
    read_word(within, "intent", consent.intent);
    read_texts(within, "intent_phrases", consent.intent_phrases);
    read_each(within, "keywords", consent.keywords, read_keywords);
  });
}

void read_sms_price(const object_reader& in, model::sms_price& price) {
  in.allow_only({"to", "per_segment"}, {});
  read_text(in, "to", price.to);
  read_text(in, "per_segment", price.per_segment);
}

void read_prices(const object_reader& in, model::price_settings& prices) {
  const auto* given = in.find("prices");
  if (given == nullptr)
    return;
  read_within(*given, "prices", [&](const object_reader& within) {
    within.allow_only({"currency", "sms"}, {});
    read_text(within, "currency", prices.currency);
    read_each(within, "sms", prices.sms, read_sms_price);
  });
}

void write_prices(json_writer& json, const model::price_settings& prices) {
  json.key("prices").begin_object();
  json.key("currency").text_or_null(prices.currency).key("sms").begin_array();
  for (const auto& price : prices.sms) {
    json.begin_object().key("to").text(price.to);
    json.key("per_segment").text(price.per_segment).end_object();
  }
  json.end_array().end_object();
}

void write_consent(json_writer& json, const model::consent_settings& consent) {
  json.key("consent").begin_object();
  json.key("reads_keywords").flag(consent.reads_keywords);
  json.key("scope").text(model::word_for(consent.scope));
  json.key("intent").text(model::word_for(consent.intent));
  write_texts(json, "intent_phrases", consent.intent_phrases);
  json.key("keywords").begin_array();
  for (const auto& set : consent.keywords) {
    json.begin_object().key("language").text_or_null(set.language);
    json.key("country").text_or_null(set.country);
    write_texts(json, "opt_out", set.opt_out);
    write_texts(json, "opt_in", set.opt_in);
    write_texts(json, "opt_in_again", set.opt_in_again);
    write_texts(json, "help", set.help);
    json.key("opt_out_text").text_or_null(set.opt_out_text);
    json.key("opt_in_text").text_or_null(set.opt_in_text);
    json.key("help_text").text_or_null(set.help_text).end_object();
  }
  json.end_array().end_object();
}

}  // namespace

void read_members(const object_reader& in, model::organization& entry) {
  in.allow_only({"id", "name", "time_zone", "default_inbox", "close_after_s", "inactive_after_s",
                 "business_hours", "data_action", "outbound_data_action", "hide_contact_numbers",
                 "consent", "prices"},
                {});
  read_id(in, "id", entry.id);
  read_text(in, "name", entry.name);
  read_text(in, "time_zone", entry.time_zone);
  read_text(in, "default_inbox", entry.default_inbox);
  read_number(in, "close_after_s", entry.close_after_s);
  read_number(in, "inactive_after_s", entry.inactive_after_s);
  read_text(in, "business_hours", entry.business_hours);
  read_text(in, "data_action", entry.data_action);
  read_text(in, "outbound_data_action", entry.outbound_data_action);
  read_flag(in, "hide_contact_numbers", entry.hide_contact_numbers);
  read_consent(in, entry.consent);
  read_prices(in, entry.prices);
}

void write_members(json_writer& json, const model::organization& entry) {
  json.key("id").text(entry.id).key("name").text(entry.name);
  json.key("time_zone").text(entry.time_zone);
  json.key("default_inbox").text_or_null(entry.default_inbox);
  json.key("close_after_s").number(entry.close_after_s);
  json.key("inactive_after_s").number(entry.inactive_after_s);
  json.key("business_hours").text_or_null(entry.business_hours);
  json.key("data_action").text_or_null(entry.data_action);
  json.key("outbound_data_action").text_or_null(entry.outbound_data_action);
  json.key("hide_contact_numbers").flag(entry.hide_contact_numbers);
  write_consent(json, entry.consent);
  write_prices(json, entry.prices);
}

}  // namespace parley::ingress
