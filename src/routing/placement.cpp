#include "parley/routing/placement.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "parley/model/directory_words.hpp"
#include "parley/model/limits.hpp"
#include "parley/routing/hours.hpp"
#include "parley/text/template.hpp"
#include "src/routing/route_parts.hpp"

namespace parley::routing {

namespace {

/// A number as good as random that is the same for the same seed (splitmix64's last step).
std::uint64_t scattered(std::uint64_t seed) noexcept {
  seed += 0x9e3779b97f4a7c15U;
  seed = (seed ^ (seed >> 30U)) * 0xbf58476d1ce4e5b9U;
  seed = (seed ^ (seed >> 27U)) * 0x94d049bb133111ebU;
  return seed ^ (seed >> 31U);
}

bool gives_to_one(const model::rule& rule) noexcept {
  return rule.strategy && *rule.strategy != model::assignment_strategy::everyone;
}

/// Adds those of the rule's users who may take part in a conversation of several users.
void add_licensed_users(const model::organization& owner, const model::rule& rule,
                        routing_result& out) {
  for (const auto& id : rule.users) {
    const auto* user = owner.find_user(id);
    if (user == nullptr)
      continue;
    const bool may = user->licence == model::licence::pro_cx;
    add_once(may ? out.route.users : out.members_without_licence, id);
  }
}

/// The conversation of the first of the rule's teams whose inbox can answer, with the members of
/// the other teams.
routing_result route_to_teams(const model::organization& owner, const model::rule& rule) {
  routing_result out;
  out.route.unrouted = true;
  for (const auto& id : rule.teams)
    if (out.route.unrouted)
      out = route_to_inbox(owner, id);
  for (const auto& id : rule.teams) {
    const auto* team = owner.find_team(id);
    if (team != nullptr && id != out.route.inbox)
      add_members(owner, *team, out);
  }
  return out;
}

/// The rule's users without a team: all, or one of them where the rule wants one.
routing_result route_to_users(const model::organization& owner, const model::rule& rule,
                              const sample& message) {
  std::vector<std::string> known;
  for (const auto& id : rule.users)
    if (owner.find_user(id) != nullptr)
      add_once(known, id);
  routing_result out;
  if (message.channel == model::channel::whatsapp || (known.size() > 1 && !gives_to_one(rule)))
    add_licensed_users(owner, rule, out);
  else
    out.route.users = std::move(known);
  auto& users = out.route.users;
  if (gives_to_one(rule)) {
    std::erase_if(users, [&](const std::string& id) { return !may_act(owner, id); });
    if (users.size() > 1)
      users = {users[scattered(message.seed) % users.size()]};
  }
  out.route.unrouted = users.empty();
  if (out.route.unrouted)
    return out;
  auto timed = route_to_user(owner, users.front());
  timed.users = std::move(users);
  out.route = std::move(timed);
  return out;
}

/// Where the rule leads; `unrouted` when that is to nobody.
routing_result route_by(const model::organization& owner, const model::rule& rule,
                        const sample& message) {
  auto out = route_to_teams(owner, rule);
  if (!out.route.unrouted) {
    add_licensed_users(owner, rule, out);
    if (out.route.users.size() > model::participants_max)
      out.route.users.resize(model::participants_max);
    return out;
  }
  auto left_out = std::move(out.members_without_licence);
  out = route_to_users(owner, rule, message);
  for (const auto& member : left_out)
    add_once(out.members_without_licence, member);
  return out;
}

/// The action of that id, unless there is none or it is about outbound conversations.
const model::data_action* inbound_action(const model::organization& owner,
                                         const std::string& id) noexcept {
  const auto* found = id.empty() ? nullptr : owner.find_data_action(id);
  return found != nullptr && found->trigger != model::action_trigger::outbound ? found : nullptr;
}

void set_data_action(const model::organization& owner, const model::rule* rule,
                     const model::inbox* inbox, model::route& route) {
  const auto* action = rule == nullptr ? nullptr : inbound_action(owner, rule->data_action);
  if (action == nullptr && inbox != nullptr)
    action = inbound_action(owner, inbox->data_action);
  if (action == nullptr)
    action = inbound_action(owner, owner.data_action);
  route.data_action = action == nullptr ? std::string{} : action->id;
  route.asks_every_message
    = action != nullptr && action->trigger == model::action_trigger::every_message;
}

/// The text that answers, its fields not filled in; null: none.
const std::string* answer_of(const model::organization& owner, const model::rule* rule,
                             const model::inbox* inbox, const rule_set& rules,
                             const sample& message, model::timestamp now) {
  if (rule != nullptr && !rule->auto_reply.empty())
    return &rule->auto_reply;
  if (inbox == nullptr)
    return nullptr;
  if (!inbox->auto_replies.empty()) {
    auto by_inbox = message;
    by_inbox.inside_hours = is_inside_hours(owner, std::string_view{inbox->team}, now);
    if (const auto* chosen = rules.auto_reply(inbox->team, by_inbox))
      return chosen;
  }
  return inbox->auto_reply.empty() ? nullptr : &inbox->auto_reply;
}

}  // namespace

placement place_inbound(const model::organization& owner, const model::number& number,
                        const rule_set& rules, const sample& message, model::timestamp now) {
  placement out;
  const auto* matched = rules.match(message);
  const auto* rule = matched == nullptr ? nullptr : &matched->rule;
  routing_result routed;
  routed.route.unrouted = true;
  if (rule != nullptr)
    routed = route_by(owner, *rule, message);
  out.members_without_licence = routed.members_without_licence.size();
  if (routed.route.unrouted) {
    routed = route_inbound(owner, number, message.channel);
    out.members_without_licence += routed.members_without_licence.size();
  }
  out.route = std::move(routed.route);
  if (rule != nullptr) {
    out.rule = rule->id;
    out.close = rule->close;
    out.priority
      = model::value_of<model::priority>(rule->priority).value_or(model::priority::normal);
    out.labels = rule->labels;
    std::ranges::sort(out.labels);
    const auto repeated = std::ranges::unique(out.labels);
    out.labels.erase(repeated.begin(), repeated.end());
    if (rule->strategy && !out.route.inbox.empty())
      out.route.assigned = gives_to_one(*rule);
  }
  const auto* inbox = out.route.inbox.empty() ? nullptr : owner.find_inbox(out.route.inbox);
  set_data_action(owner, rule, inbox, out.route);
  if (const auto* text = answer_of(owner, rule, inbox, rules, message, now))
    out.reply_text = text::fill_in(*text, {message.contact_name, message.attributes});
  return out;
}

}  // namespace parley::routing
