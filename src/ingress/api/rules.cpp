#include "src/ingress/api/call.hpp"
#include "src/ingress/api/entry_members.hpp"
#include "src/ingress/api/object_reader.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

#include "parley/model/directory_words.hpp"
#include "parley/model/limits.hpp"
#include "parley/routing/hours.hpp"
#include "parley/routing/placement.hpp"
#include "parley/routing/rules.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <utility>
#include <vector>

namespace parley::ingress {

namespace {

/// A character of UTF-8 has four bytes at most.
constexpr std::size_t body_bytes_max = 4 * model::body_characters_max;
constexpr std::size_t address_bytes_max = 80;
constexpr std::size_t contact_text_bytes_max = 1'024;
constexpr std::size_t contact_attributes_max = 64;

/// The message that rules are tried with; what a `routing::sample` refers to.
struct sample_request {
  const model::number* number = nullptr;
  model::address from;
  std::string body;
  model::timestamp at{};
  bool first_ever = false;
  std::string contact_name;
  std::string contact_language;
  std::vector<model::attribute> attributes;
};

/// Of an address with or without a channel, what is behind it.
std::string identifier_of(std::string text) {
  auto whole = model::address::parse(text);
  return whole ? std::move(whole->identifier) : std::move(text);
}

const model::number& require_number(const api_call& call, const object_reader& in) {
  const auto identifier = identifier_of(in.name("number"));
  if (identifier.empty())
    refuse_member("number", "is needed: the number of ours that the message comes to");
  const auto found = call.directory->find_number(call.caller.owner->index, identifier);
  if (!found)
    throw refusal{model::errc::unknown_number,
                  "`number`: `" + identifier + "` is no number of the organisation"};
  return *found->number;
}

model::address require_sender(const object_reader& in) {
  const auto text = in.text("from", address_bytes_max);
  const auto channel = in.text("channel", address_bytes_max);
  if (!channel.empty() && channel != "sms" && channel != "whatsapp")
    refuse_member("channel", "must be one of sms, whatsapp, not `" + channel + '`');
  auto whole = model::address::parse(text);
  if (!whole)
    whole = model::address::parse((channel.empty() ? "sms" : channel) + ':' + text);
  if (!whole || whole->kind == model::channel::chat)
    refuse_member("from", "must be an address such as sms:+15551230001, not `" + text + '`');
  if (!channel.empty() && to_string(whole->kind) != channel)
    refuse_member("channel", "is not that of `from`");
  return std::move(*whole);
}

model::timestamp time_of(const object_reader& in) {
  const auto text = in.text_or_null("at", address_bytes_max);
  if (text.empty())
    return model::wall_clock();
  const auto at = model::from_rfc3339(text);
  if (!at)
    refuse_member("at", "must be a time such as 2026-01-31T09:00:00.000Z");
  return *at;
}

std::vector<model::attribute> attributes_of(const object_reader& contact) {
  std::vector<model::attribute> found;
  const auto* given = contact.find("attributes");
  if (given == nullptr || given->is_null())
    return found;
  if (!given->is_object() || given->get_object().size() > contact_attributes_max)
    refuse_member("attributes", "must be an object of at most "
                                  + std::to_string(contact_attributes_max) + " texts");
  const object_reader texts{*given};
  for (const auto& member : given->get_object()) {
    const std::string name{view_of(member.key())};
    found.push_back({name, texts.text(name, contact_text_bytes_max)});
  }
  return found;
}

sample_request read_sample(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  const object_reader in{call.body, context.json_depth_max};
  in.allow_only({"number", "from", "channel", "body", "at", "first_ever", "contact"}, {});
  sample_request read;
  read.number = &require_number(call, in);
  read.from = require_sender(in);
  read.body = in.text("body", body_bytes_max);
  read.at = time_of(in);
  read_flag(in, "first_ever", read.first_ever);
  const auto* contact = in.find("contact");
  if (contact != nullptr && !contact->is_null())
    read_within(*contact, "contact", [&](const object_reader& of) {
      of.allow_only({"name", "language", "attributes"}, {});
      read.contact_name = of.text_or_null("name", contact_text_bytes_max);
      read.contact_language = of.text_or_null("language", contact_text_bytes_max);
      read.attributes = attributes_of(of);
    });
  return read;
}

routing::sample sample_of(const model::organization& owner, const sample_request& read) {
  routing::sample made;
  made.number = read.number->identifier;
  made.channel = read.from.kind;
  made.sender = read.from.identifier;
  made.body = read.body;
  made.contact_name = read.contact_name;
  made.contact_language = read.contact_language;
  made.attributes = read.attributes;
  made.first_ever = read.first_ever;
  made.inside_hours = routing::is_inside_hours(owner, *read.number, read.at);
  return made;
}

void write_rules(json_writer& json, const std::vector<routing::rule_verdict>& verdicts) {
  json.key("rules").begin_array();
  for (const auto& one : verdicts) {
    json.begin_object().key("id").text(one.rule->rule.id).key("held").flag(one.held);
    json.key("conditions").begin_array();
    for (const auto& condition : one.conditions) {
      json.begin_object().key("condition").text(condition.condition);
      json.key("held").flag(condition.held).key("why").text(condition.why).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void write_placement(json_writer& json, const routing::placement& placed) {
  json.key("route").begin_object();
  json.key("team").text_or_null(placed.route.inbox);
  write_texts(json, "users", placed.route.users);
  json.key("unrouted").flag(placed.route.unrouted);
  json.key("assigned").flag(placed.route.assigned);
  json.key("members_without_licence").number(std::uint64_t{placed.members_without_licence});
  write_texts(json, "labels", placed.labels);
  json.key("priority").text(model::word_for(placed.priority));
  json.key("close").flag(placed.close);
  json.key("auto_reply").text_or_null(placed.reply_text);
  json.key("data_action").text_or_null(placed.route.data_action);
  json.end_object();
}

}  // namespace

std::optional<model::answer> post_rules_test(const api_context& context, const api_call& call) {
  const auto& owner = *call.caller.owner;
  const auto read = read_sample(context, call);
  const auto rules = routing::rule_set::of(owner);
  const auto message = sample_of(owner, read);
  const auto placed = routing::place_inbound(owner, *read.number, *rules, message, read.at);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("matched").text_or_null(placed.rule);
  write_rules(json, rules->explain(message));
  write_placement(json, placed);
  json.end_object();
  return made;
}

}  // namespace parley::ingress
