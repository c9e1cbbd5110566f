#include "src/model/entry_checks.hpp"

#include <algorithm>

namespace parley::model {

namespace {

/// The first that holds `id` among `texts` of each.
template <class T>
const T* holder_of(const std::vector<T>& all, std::vector<std::string> T::*texts,
                    std::string_view id) {
  const auto found
    = std::ranges::find_if(all, [&](const T& one) { return contains(one.*texts, id); });
  return found == all.end() ? nullptr : &*found;
}

/// The inbox whose escalation adds `id`, which this member of a step names; or null.
const inbox* escalating(const organization& owner, std::string escalation_step::*member,
                        std::string_view id) {
  const auto found = std::ranges::find_if(owner.inboxes, [&](const inbox& one) {
    return std::ranges::find(one.escalation, id, member) != one.escalation.end();
  });
  return found == owner.inboxes.end() ? nullptr : &*found;
}

/// The inbox one of whose automatic replies is for this number only; or null.
const inbox* replying(const organization& owner, std::string_view identifier) {
  const auto found = std::ranges::find_if(owner.inboxes, [&](const inbox& one) {
    return std::ranges::any_of(one.auto_replies, [&](const auto_reply_variant& variant) {
      return contains(variant.when.numbers, identifier);
    });
  });
  return found == owner.inboxes.end() ? nullptr : &*found;
}

/// The first that names `id` in this member, as a sentence; empty when none does.
template <class T>
std::string named_by(const std::vector<T>& all, std::string T::*member, std::string_view id,
                     std::string_view how) {
  const auto found = std::ranges::find(all, id, member);
  return found == all.end() ? std::string{}
                            : "the " + std::string{entry_kind<T>::noun} + ' '
                                + quoted((*found).*entry_kind<T>::id) + ' ' + std::string{how};
}

/// The rule that holds `id` among `texts`, as a sentence; empty when none does.
std::string rule_with(const organization& owner, std::vector<std::string> rule::*texts,
                      std::string_view id) {
  const auto* found = holder_of(owner.rules, texts, id);
  return found == nullptr ? std::string{} : "the rule " + quoted(found->id) + " names it";
}

}  // namespace

std::string use_of(const organization& owner, const user& entry) {
  if (const auto* team = holder_of(owner.teams, &team::members, entry.id))
    return "it is a member of the team " + quoted(team->id);
  if (auto number = named_by(owner.numbers, &number::user, entry.id, "belongs to it");
      !number.empty())
    return number;
  if (const auto* list = holder_of(owner.caller_id_lists, &caller_id_list::users, entry.id))
    return "it is on the caller id list " + quoted(list->id);
  if (const auto* inbox = escalating(owner, &escalation_step::user, entry.id))
    return "the inbox " + quoted(inbox->team) + " escalates to it";
  if (auto rule = rule_with(owner, &rule::users, entry.id); !rule.empty())
    return rule;
  return named_by(owner.keys, &api_key::user, entry.id, "acts for it");
}

std::string use_of(const organization& owner, const team& entry) {
  if (owner.find_inbox(entry.id) != nullptr)
    return "it has an inbox";
  if (const auto* inbox = escalating(owner, &escalation_step::team, entry.id))
    return "the inbox " + quoted(inbox->team) + " escalates to it";
  return rule_with(owner, &rule::teams, entry.id);
}

std::string use_of(const organization& owner, const inbox& entry) {
  if (owner.default_inbox == entry.team)
    return "it is the default inbox of the organization";
  return named_by(owner.numbers, &number::inbox, entry.team, "belongs to it");
}

std::string use_of(const organization& owner, const link& entry) {
  return named_by(owner.numbers, &number::link, entry.id, "is carried by it");
}

std::string use_of(const organization& owner, const number& entry) {
  const auto& id = entry.identifier;
  if (const auto* list = holder_of(owner.caller_id_lists, &caller_id_list::numbers, id))
    return "it is on the caller id list " + quoted(list->id);
  if (const auto* inbox = replying(owner, id))
    return "an automatic reply of the inbox " + quoted(inbox->team) + " is for it only";
  const auto rule = std::ranges::find_if(
    owner.rules, [&](const model::rule& one) { return contains(one.when.numbers, id); });
  return rule == owner.rules.end() ? std::string{}
                                   : "the rule " + quoted(rule->id) + " is for it only";
}

std::string use_of(const organization&, const caller_id_list&) { return {}; }

std::string use_of(const organization&, const api_key&) { return {}; }

std::string use_of(const organization& owner, const business_hours& entry) {
  if (owner.business_hours == entry.id)
    return "they are the business hours of the organization";
  return named_by(owner.inboxes, &inbox::business_hours, entry.id, "keeps them");
}

std::string use_of(const organization&, const rule&) { return {}; }

std::string use_of(const organization& owner, const data_action& entry) {
  if (owner.outbound_data_action == entry.id)
    return "it is the outbound data action of the organization";
  return inbound_use_of(owner, entry);
}

std::string use_of(const organization&, const webhook&) { return {}; }

std::string use_of(const organization&, const message_template&) { return {}; }

std::string inbound_use_of(const organization& owner, const data_action& entry) {
  if (owner.data_action == entry.id)
    return "it is the data action of the organization";
  if (auto inbox = named_by(owner.inboxes, &inbox::data_action, entry.id, "asks it");
      !inbox.empty())
    return inbox;
  return named_by(owner.rules, &rule::data_action, entry.id, "asks it");
}

}  // namespace parley::model
