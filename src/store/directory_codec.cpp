#include "src/store/directory_codec.hpp"

#include "src/store/codec_parts.hpp"
#include "src/store/packing.hpp"
#include "src/store/unpacking.hpp"

#include <algorithm>

namespace parley::store {
namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t organization_fields_min = 14;
constexpr std::size_t organization_fields_routing = 21;  // Those with rules and data actions.
constexpr std::size_t organization_fields_consent = 24;  // Those with webhooks and consent too.
constexpr std::size_t organization_fields = 25;
constexpr std::size_t user_fields_min = 5;
constexpr std::size_t user_fields = 7;
constexpr std::size_t team_fields = 2;
constexpr std::size_t inbox_fields_min = 6;
constexpr std::size_t inbox_fields_claims = 7;  // Those with `claim_expiry_s`.
constexpr std::size_t inbox_fields = 16;
constexpr std::size_t link_fields_min = 7;
constexpr std::size_t link_fields = 8;
constexpr std::size_t number_fields = 6;
constexpr std::size_t list_fields = 3;
constexpr std::size_t key_fields_min = 3;
constexpr std::size_t key_fields = 4;
constexpr std::size_t period_fields = 3;
constexpr std::size_t hours_fields = 4;
constexpr std::size_t conditions_fields = 12;
constexpr std::size_t variant_fields = 2;
constexpr std::size_t step_fields = 3;
constexpr std::size_t rule_fields = 11;
constexpr std::size_t action_fields = 4;
constexpr std::size_t webhook_fields = 5;
constexpr std::size_t component_fields = 2;
constexpr std::size_t template_fields = 7;
constexpr std::size_t keywords_fields = 9;
constexpr std::size_t consent_fields = 5;
constexpr std::size_t prices_fields = 2;
constexpr std::size_t sms_price_fields = 2;
constexpr std::int64_t minutes_of_a_day = 1'440;

// How the elements of an array are written and read; the overloads for each kind follow.

template <class T>
void pack_all(packer& out, const std::vector<T>& all);
template <class T>
void unpack_all(unpacker& in, std::size_t fields_min, std::vector<T>& all);

void pack_seconds(packer& out, const std::optional<std::int64_t>& seconds) {
  if (seconds)
    out.signed_number(*seconds);
  else
    out.nothing();
}

[[nodiscard]] std::optional<std::int64_t> unpack_seconds(unpacker& in) {
  if (in.take_nothing())
    return std::nullopt;
  return in.signed_number();
}

void pack_one(packer& out, const model::user& user) {
  out.array(user_fields).text(user.id).text(user.name).choice(user.licence);
  out.text(user.extension).text(user.email).choice(user.role).text(user.time_zone);
}

std::size_t unpack_one(unpacker& in, model::user& user, std::size_t fields) {
  user.id = in.text();
  user.name = in.text();
  user.licence = in.choice(model::licence::standard, model::licence::pro_cx);
  user.extension = in.text();
  user.email = in.text();
  if (fields < user_fields)
    return user_fields_min;
  user.role = in.choice(model::role::owner, model::role::read_only);
  user.time_zone = in.text();
  return user_fields;
}

void pack_one(packer& out, const model::team& team) {
  out.array(team_fields).text(team.id);
  pack_texts(out, team.members);
}

void unpack_one(unpacker& in, model::team& team) {
  team.id = in.text();
  team.members = unpack_texts(in);
}

void pack_conditions(packer& out, const model::message_conditions& when) {
  out.array(conditions_fields);
  pack_texts(out, when.numbers);
  pack_texts(out, when.channels);
  pack_texts(out, when.senders);
  pack_texts(out, when.countries);
  pack_texts(out, when.languages);
  out.text(when.body_contains);
  pack_texts(out, when.keywords);
  out.text(when.body_matches).text(when.attribute).text(when.attribute_value);
  out.flag(when.first_ever).choice(when.hours);
}

[[nodiscard]] model::message_conditions unpack_conditions(unpacker& in) {
  const auto fields = in.array(conditions_fields);
  model::message_conditions when;
  when.numbers = unpack_texts(in);
  when.channels = unpack_texts(in);
  when.senders = unpack_texts(in);
  when.countries = unpack_texts(in);
  when.languages = unpack_texts(in);
  when.body_contains = in.text();
  when.keywords = unpack_texts(in);
  when.body_matches = in.text();
  when.attribute = in.text();
  when.attribute_value = in.text();
  when.first_ever = in.flag();
  when.hours = in.choice(model::hours_condition::any, model::hours_condition::outside);
  in.skip(fields - conditions_fields);
  return when;
}

[[nodiscard]] model::assignment_strategy unpack_strategy(unpacker& in) {
  return in.choice(model::assignment_strategy::everyone, model::assignment_strategy::least_busy);
}

void pack_one(packer& out, const model::auto_reply_variant& variant) {
  out.array(variant_fields).text(variant.text);
  pack_conditions(out, variant.when);
}

void unpack_one(unpacker& in, model::auto_reply_variant& variant) {
  variant.text = in.text();
  variant.when = unpack_conditions(in);
}

void pack_one(packer& out, const model::escalation_step& step) {
  out.array(step_fields).signed_number(step.after_s).text(step.user).text(step.team);
}

void unpack_one(unpacker& in, model::escalation_step& step) {
  step.after_s = in.signed_number();
  step.user = in.text();
  step.team = in.text();
}

void pack_one(packer& out, const model::inbox& inbox) {
  out.array(inbox_fields).text(inbox.team).choice(inbox.strategy).choice(inbox.outbound);
  out.text(inbox.auto_reply);
  pack_seconds(out, inbox.close_after_s);
  pack_seconds(out, inbox.inactive_after_s);
  out.signed_number(inbox.claim_expiry_s).flag(inbox.available_only);
  out.signed_number(inbox.max_open_per_user);
  pack_all(out, inbox.escalation);
  out.signed_number(inbox.reopen_within_s).choice(inbox.history).text(inbox.business_hours);
  pack_all(out, inbox.auto_replies);
  out.text(inbox.data_action);
}

std::size_t unpack_one(unpacker& in, model::inbox& inbox, std::size_t fields) {
  inbox.team = in.text();
  inbox.strategy = unpack_strategy(in);
  inbox.outbound
    = in.choice(model::outbound_policy::forbidden, model::outbound_policy::allowed_copy_team);
  inbox.auto_reply = in.text();
  inbox.close_after_s = unpack_seconds(in);
  inbox.inactive_after_s = unpack_seconds(in);
  if (fields < inbox_fields_claims)
    return inbox_fields_min;
  inbox.claim_expiry_s = in.signed_number();
  if (fields < inbox_fields)
    return inbox_fields_claims;
  inbox.available_only = in.flag();
  inbox.max_open_per_user = in.signed_number();
  unpack_all(in, step_fields, inbox.escalation);
  inbox.reopen_within_s = in.signed_number();
  inbox.history = in.choice(model::history_policy::all, model::history_policy::from_join);
  inbox.business_hours = in.text();
  unpack_all(in, variant_fields, inbox.auto_replies);
  inbox.data_action = in.text();
  return inbox_fields;
}

void pack_one(packer& out, const model::link& link) {
  out.array(link_fields).text(link.id).choice(link.format).text(link.account_sid);
  out.text(link.auth_token).text(link.api_base).text(link.public_url);
  out.choice(link.unknown_outcome).signed_number(link.connections_max);
}

std::size_t unpack_one(unpacker& in, model::link& link, std::size_t fields) {
  link.id = in.text();
  link.format = in.choice(model::link_format::twilio, model::link_format::http);
  link.account_sid = in.text();
  link.auth_token = in.text();
  link.api_base = in.text();
  link.public_url = in.text();
  link.unknown_outcome
    = in.choice(model::unknown_outcome_policy::hold, model::unknown_outcome_policy::resend);
  if (fields < link_fields)
    return link_fields_min;
  link.connections_max = in.signed_number();
  return link_fields;
}

void pack_one(packer& out, const model::number& number) {
  out.array(number_fields).text(number.identifier);
  pack_texts(out, number.channels);
  out.text(number.link).text(number.user).text(number.inbox);
  out.real(number.rate_segments_per_s);
}

void unpack_one(unpacker& in, model::number& number) {
  number.identifier = in.text();
  number.channels = unpack_texts(in);
  number.link = in.text();
  number.user = in.text();
  number.inbox = in.text();
  number.rate_segments_per_s = in.real();
}

void pack_one(packer& out, const model::caller_id_list& list) {
  out.array(list_fields).text(list.id);
  pack_texts(out, list.numbers);
  pack_texts(out, list.users);
}

void unpack_one(unpacker& in, model::caller_id_list& list) {
  list.id = in.text();
  list.numbers = unpack_texts(in);
  list.users = unpack_texts(in);
}

void pack_one(packer& out, const model::api_key& key) {
  out.array(key_fields).text(key.name).binary(key.digest.data(), key.digest.size());
  pack_texts(out, key.scopes);
  out.text(key.user);
}

std::size_t unpack_one(unpacker& in, model::api_key& key, std::size_t fields) {
  key.name = in.text();
  const auto digest = in.binary();
  if (digest.size() != key.digest.size())
    in.fail("has a digest of the wrong length");
  std::ranges::transform(digest, key.digest.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  key.scopes = unpack_texts(in);
  if (fields < key_fields)
    return key_fields_min;
  key.user = in.text();
  return key_fields;
}

[[nodiscard]] std::int32_t unpack_minute(unpacker& in) {
  const auto minute = in.signed_number();
  if (minute < 0 || minute > minutes_of_a_day)
    in.fail("has a minute that no day has");
  return static_cast<std::int32_t>(minute);
}

void pack_one(packer& out, const model::hours_period& period) {
  out.array(period_fields);
  pack_texts(out, period.days);
  out.signed_number(period.from_minute).signed_number(period.to_minute);
}

void unpack_one(unpacker& in, model::hours_period& period) {
  period.days = unpack_texts(in);
  period.from_minute = unpack_minute(in);
  period.to_minute = unpack_minute(in);
}

void pack_one(packer& out, const model::business_hours& hours) {
  out.array(hours_fields).text(hours.id).text(hours.time_zone);
  pack_all(out, hours.periods);
  pack_texts(out, hours.holidays);
}

void unpack_one(unpacker& in, model::business_hours& hours) {
  hours.id = in.text();
  hours.time_zone = in.text();
  unpack_all(in, period_fields, hours.periods);
  hours.holidays = unpack_texts(in);
}

void pack_one(packer& out, const model::rule& rule) {
  out.array(rule_fields).text(rule.id).signed_number(rule.position);
  pack_conditions(out, rule.when);
  pack_texts(out, rule.users);
  pack_texts(out, rule.teams);
  if (rule.strategy)
    out.choice(*rule.strategy);
  else
    out.nothing();
  out.text(rule.auto_reply);
  pack_texts(out, rule.labels);
  out.text(rule.priority).flag(rule.close).text(rule.data_action);
}

void unpack_one(unpacker& in, model::rule& rule) {
  rule.id = in.text();
  rule.position = in.signed_number();
  rule.when = unpack_conditions(in);
  rule.users = unpack_texts(in);
  rule.teams = unpack_texts(in);
  if (!in.take_nothing())
    rule.strategy = unpack_strategy(in);
  rule.auto_reply = in.text();
  rule.labels = unpack_texts(in);
  rule.priority = in.text();
  rule.close = in.flag();
  rule.data_action = in.text();
}

void pack_one(packer& out, const model::data_action& action) {
  out.array(action_fields).text(action.id).text(action.url).text(action.secret);
  out.choice(action.trigger);
}

void unpack_one(unpacker& in, model::data_action& action) {
  action.id = in.text();
  action.url = in.text();
  action.secret = in.text();
  action.trigger
    = in.choice(model::action_trigger::conversation_opened, model::action_trigger::outbound);
}

void pack_one(packer& out, const model::webhook& webhook) {
  out.array(webhook_fields).text(webhook.id).text(webhook.url).text(webhook.secret);
  pack_texts(out, webhook.types);
  out.flag(webhook.enabled);
}

void unpack_one(unpacker& in, model::webhook& webhook) {
  webhook.id = in.text();
  webhook.url = in.text();
  webhook.secret = in.text();
  webhook.types = unpack_texts(in);
  webhook.enabled = in.flag();
}

void pack_one(packer& out, const model::template_component& component) {
  out.array(component_fields).choice(component.type).text(component.text);
}

void unpack_one(unpacker& in, model::template_component& component) {
  component.type = in.choice(model::component_type::header, model::component_type::button);
  component.text = in.text();
}

void pack_one(packer& out, const model::message_template& one) {
  out.array(template_fields).text(one.id).text(one.name).text(one.language);
  out.choice(one.category).choice(one.state).text(one.carrier_id);
  pack_all(out, one.components);
}

void unpack_one(unpacker& in, model::message_template& one) {
  one.id = in.text();
  one.name = in.text();
  one.language = in.text();
  one.category
    = in.choice(model::template_category::marketing, model::template_category::authentication);
  one.state = in.choice(model::template_state::draft, model::template_state::paused);
  one.carrier_id = in.text();
  unpack_all(in, component_fields, one.components);
}

void pack_one(packer& out, const model::consent_keywords& set) {
  out.array(keywords_fields).text(set.language).text(set.country);
  pack_texts(out, set.opt_out);
  pack_texts(out, set.opt_in);
  pack_texts(out, set.opt_in_again);
  pack_texts(out, set.help);
  out.text(set.opt_out_text).text(set.opt_in_text).text(set.help_text);
}

void unpack_one(unpacker& in, model::consent_keywords& set) {
  set.language = in.text();
  set.country = in.text();
  set.opt_out = unpack_texts(in);
  set.opt_in = unpack_texts(in);
  set.opt_in_again = unpack_texts(in);
  set.help = unpack_texts(in);
  set.opt_out_text = in.text();
  set.opt_in_text = in.text();
  set.help_text = in.text();
}

void pack_consent(packer& out, const model::consent_settings& consent) {
  out.array(consent_fields).flag(consent.reads_keywords).choice(consent.scope);
  out.choice(consent.intent);
  pack_texts(out, consent.intent_phrases);
  pack_all(out, consent.keywords);
}

[[nodiscard]] model::consent_settings unpack_consent(unpacker& in) {
  const auto fields = in.array(consent_fields);
  model::consent_settings consent;
  consent.reads_keywords = in.flag();
  consent.scope = in.choice(model::consent_scope::number, model::consent_scope::organization);
  consent.intent = in.choice(model::intent_policy::off, model::intent_policy::opt_out);
  consent.intent_phrases = unpack_texts(in);
  unpack_all(in, keywords_fields, consent.keywords);
  in.skip(fields - consent_fields);
  return consent;
}

void pack_one(packer& out, const model::sms_price& price) {
  out.array(sms_price_fields).text(price.to).text(price.per_segment);
}

void unpack_one(unpacker& in, model::sms_price& price) {
  price.to = in.text();
  price.per_segment = in.text();
}

void pack_prices(packer& out, const model::price_settings& prices) {
  out.array(prices_fields).text(prices.currency);
  pack_all(out, prices.sms);
}

[[nodiscard]] model::price_settings unpack_prices(unpacker& in) {
  const auto fields = in.array(prices_fields);
  model::price_settings prices;
  prices.currency = in.text();
  unpack_all(in, sms_price_fields, prices.sms);
  in.skip(fields - prices_fields);
  return prices;
}

template <class T>
void pack_all(packer& out, const std::vector<T>& all) {
  out.array(all.size());
  for (const auto& one : all)
    pack_one(out, one);
}

template <class T>
void unpack_all(unpacker& in, std::size_t fields_min, std::vector<T>& all) {
  const auto count = in.array(0);
  all.reserve(in.room_for(count));
  if constexpr (requires(T& one) { unpack_one(in, one, fields_min); })
    unpack_each(in, count, fields_min,
                [&](std::size_t fields) { return unpack_one(in, all.emplace_back(), fields); });
  else
    unpack_each(in, count, fields_min, [&] { unpack_one(in, all.emplace_back()); });
}

/// Everything that came with rules, business hours and data actions.
void unpack_routing(unpacker& in, model::organization& organization) {
  organization.business_hours = in.text();
  organization.data_action = in.text();
  organization.outbound_data_action = in.text();
  organization.hide_contact_numbers = in.flag();
  unpack_all(in, hours_fields, organization.hours);
  unpack_all(in, rule_fields, organization.rules);
  unpack_all(in, action_fields, organization.data_actions);
}

}  // namespace

void encode(const model::organization& organization, std::string& out) {
  packer pack{out};
  pack.array(organization_fields).number(version).text(organization.id).text(organization.name);
  pack.text(organization.time_zone).text(organization.default_inbox);
  pack.signed_number(organization.close_after_s).signed_number(organization.inactive_after_s);
  pack_all(pack, organization.users);
  pack_all(pack, organization.teams);
  pack_all(pack, organization.inboxes);
  pack_all(pack, organization.links);
  pack_all(pack, organization.numbers);
  pack_all(pack, organization.caller_id_lists);
  pack_all(pack, organization.keys);
  pack.text(organization.business_hours).text(organization.data_action);
  pack.text(organization.outbound_data_action).flag(organization.hide_contact_numbers);
  pack_all(pack, organization.hours);
  pack_all(pack, organization.rules);
  pack_all(pack, organization.data_actions);
  pack_all(pack, organization.webhooks);
  pack_all(pack, organization.templates);
  pack_consent(pack, organization.consent);
  pack_prices(pack, organization.prices);
}

model::organization decode_organization(std::string_view bytes) {
  unpacker in{bytes, "an organisation"};
  const auto fields = in.array(organization_fields_min);
  if (in.number() < version)
    in.fail("has no version");
  model::organization organization;
  organization.id = in.text();
  organization.name = in.text();
  organization.time_zone = in.text();
  organization.default_inbox = in.text();
  organization.close_after_s = in.signed_number();
  organization.inactive_after_s = in.signed_number();
  unpack_all(in, user_fields_min, organization.users);
  unpack_all(in, team_fields, organization.teams);
  unpack_all(in, inbox_fields_min, organization.inboxes);
  unpack_all(in, link_fields_min, organization.links);
  unpack_all(in, number_fields, organization.numbers);
  unpack_all(in, list_fields, organization.caller_id_lists);
  unpack_all(in, key_fields_min, organization.keys);
  auto known = organization_fields_min;
  if (fields >= organization_fields_routing) {
    unpack_routing(in, organization);
    known = organization_fields_routing;
  }
  if (fields >= organization_fields_consent) {
    unpack_all(in, webhook_fields, organization.webhooks);
    unpack_all(in, template_fields, organization.templates);
    organization.consent = unpack_consent(in);
    known = organization_fields_consent;
  }
  if (fields >= organization_fields) {
    organization.prices = unpack_prices(in);
    known = organization_fields;
  }
  in.skip(fields - known);
  in.finish();
  return organization;
}

}  // namespace parley::store
