#include "actors/lines.hpp"

#include <algorithm>
#include <utility>

#include "actors/inbox_facts.hpp"
#include "actors/link_gate.hpp"
#include "actors/log.hpp"
#include "actors/number.hpp"
#include "actors/participant.hpp"
#include "actors/sender.hpp"
#include "actors/team_inbox.hpp"
#include "actors/webhook.hpp"
#include "parley/routing/affected.hpp"
#include "parley/text/segments.hpp"

namespace parley::actors {
namespace {

constexpr model::channel channels[] = {model::channel::sms, model::channel::whatsapp};

std::optional<conversation::automatic_reply> automatic_reply_of(const model::organization& owner,
                                                                const model::route& route) {
  const auto* inbox = owner.find_inbox(route.inbox);
  if (inbox == nullptr || inbox->auto_reply.empty())
    return std::nullopt;
  model::content what;
  what.body = inbox->auto_reply;
  return conversation::automatic_reply{std::make_shared<const model::content>(std::move(what)),
                                       text::segment(inbox->auto_reply).segments};
}

/// Whether messages that open conversations are told apart in any way.
bool tells_apart(const model::organization& owner) {
  const auto has_variants = [](const model::inbox& inbox) {
    return !inbox.auto_replies.empty() || inbox.auto_reply.find("{{") != std::string::npos;
  };
  return !owner.rules.empty() || !owner.data_actions.empty()
         || std::ranges::any_of(owner.inboxes, has_variants);
}

}  // namespace

lines::lines(caf::actor_system& system, const services& shared, switchboard& board)
  : system_(system), shared_(shared), board_(board) {}

void lines::follow(const model::organization* before, const model::organization& now) {
  for (const auto& user : now.users)
    if (board_.participant(now.index, user.id) == nullptr)
      board_.participants_.add(now.index, user.id,
                               system_.spawn(participant, &shared_, now.index, user.id));
  for (const auto* inbox : routing::affected_inboxes(before, now))
    keep_inbox(now, *inbox);
  keep_chats(now);
  keep_links(now);
  keep_rules(before, now);
  if (before == nullptr || before->consent != now.consent)
    consent_[now.index] = std::make_shared<const consent_facts>(now.consent);
  for (const auto* number : routing::affected_numbers(before, now))
    connect(now, *number);
  keep_webhooks(before, now);
}

void lines::keep_chats(const model::organization& now) {
  if (board_.number(now.index, model::internal_identifier) != nullptr)
    return;
  auto facts = std::make_shared<number_facts>();
  facts->organization = now.index;
  facts->identifier = model::internal_identifier;
  facts->link = std::make_shared<const model::link>();  // Nothing leaves: no carrier is asked.
  facts->queued = std::make_shared<std::atomic<std::int64_t>>(0);
  board_.numbers_.add(now.index, std::string{model::internal_identifier},
                      system_.spawn(number, &shared_, number_facts_ptr{std::move(facts)}));
}

void lines::keep_links(const model::organization& now) {
  for (const auto& link : now.links) {
    auto& kept = links_[{now.index, link.id}];
    if (!kept || *kept != link)
      kept = std::make_shared<const model::link>(link);
  }
}

void lines::keep_rules(const model::organization* before, const model::organization& now) {
  if (before != nullptr && before->rules == now.rules && before->inboxes == now.inboxes
      && before->data_actions == now.data_actions)
    return;
  rules_[now.index] = tells_apart(now) ? routing::rule_set::of(now) : nullptr;
  if (rules_[now.index])
    for (const auto& fault : rules_[now.index]->faults())
      log().error("lines: conditions that never hold, organization={} where=\"{}\" cause=\"{}\"",
                  now.id, fault.where, fault.why);
}

void lines::keep_webhooks(const model::organization* before, const model::organization& now) {
  if (shared_.webhooks == nullptr)
    return;
  const auto tell = [&](webhook_facts what) {
    const auto id = what.described.id;
    auto facts = std::make_shared<const webhook_facts>(std::move(what));
    if (const auto* there = board_.webhook(now.index, id)) {
      caf::anon_send(*there, webhook_facts_ptr{std::move(facts)});
      return;
    }
    auto made = system_.spawn(webhook, &shared_, webhook_facts_ptr{std::move(facts)});
    caf::anon_send(made, atom::wake::value);
    board_.webhooks_.add(now.index, id, std::move(made));
  };
  for (const auto& one : now.webhooks) {
    const auto* was = before == nullptr ? nullptr : before->find_webhook(one.id);
    const webhook_facts facts{.organization = now.index,
                              .described = one,
                              .born = before != nullptr && was == nullptr,
                              .start = shared_.journal.committed()};
    // One of the provisioning file: the row is durable no later than anything that comes.
    if (before == nullptr && !shared_.reader.webhook_cursor(now.index, one.id)) {
      const std::vector<store::row> rows{
        store::webhook_cursor_row(now.index, one.id, facts.start)};
      shared_.journal.append({.organization = now.index, .rows = rows});
    }
    if (was == nullptr || *was != one)
      tell(facts);
  }
  if (before != nullptr)
    for (const auto& one : before->webhooks)
      if (now.find_webhook(one.id) == nullptr)
        tell({.organization = now.index, .described = one, .gone = true});
}

void lines::keep_inbox(const model::organization& owner, const model::inbox& described) {
  auto facts = std::make_shared<inbox_facts>();
  facts->organization = owner.index;
  facts->team = described.team;
  facts->members = routing::receivers_of(owner, described.team);
  facts->rules = {described.strategy, described.available_only,
                  static_cast<std::size_t>(std::max<std::int64_t>(described.max_open_per_user, 0))};
  if (const auto* there = board_.team_inbox(owner.index, described.team))
    caf::anon_send(*there, inbox_facts_ptr{std::move(facts)});
  else
    board_.team_inboxes_.add(
      owner.index, described.team,
      system_.spawn(team_inbox, &shared_, inbox_facts_ptr{std::move(facts)}));
}

void lines::connect(const model::organization& owner, const model::number& described) {
  const auto facts = make_facts(owner, described);
  if (const auto* there = board_.number(owner.index, described.identifier)) {
    caf::anon_send(*there, facts);
    for (const auto kind : channels)
      if (const auto* sending = board_.sender(owner.index, {kind, described.identifier}))
        caf::anon_send(*sending, facts);
    return;
  }
  // Senders first: whoever finds the number may have something to send.
  for (const auto kind : channels) {
    auto sending = system_.spawn(sender, &shared_, facts, kind);
    // It may have been a number before an earlier start, and have left rows.
    if (backlog_taken_up_)
      caf::anon_send(sending, atom::backlog::value, shared_.journal.committed());
    board_.senders_.add(owner.index, model::address{kind, described.identifier}.text(),
                        std::move(sending));
  }
  board_.numbers_.add(owner.index, described.identifier,
                      system_.spawn(number, &shared_, facts));
}

void lines::warn_of_left_out(const model::organization& owner, const model::number& described,
                             const routing::routing_result& routed) {
  const auto left_out = routed.members_without_licence.size();
  if (left_out == 0)
    return;
  shared_.counts.members_left_out.fetch_add(left_out, std::memory_order_relaxed);
  log().warn("number: team members without the licence pro_cx are left out, organization={} "
             "number={} members={}",
             owner.id, described.identifier, left_out);
}

number_facts_ptr lines::make_facts(const model::organization& owner,
                                   const model::number& described) {
  auto routed = routing::route_inbound(owner, described, model::channel::sms);
  warn_of_left_out(owner, described, routed);
  auto facts = std::make_shared<number_facts>();
  facts->organization = owner.index;
  facts->identifier = described.identifier;
  facts->route = std::move(routed.route);
  facts->auto_reply = automatic_reply_of(owner, facts->route);
  if (routing::routes_whatsapp_apart(owner, described)) {
    auto apart = routing::route_inbound(owner, described, model::channel::whatsapp);
    auto reply = automatic_reply_of(owner, apart.route);
    facts->whatsapp = std::make_unique<const whatsapp_place>(
      whatsapp_place{std::move(apart.route), std::move(reply)});
  }
  facts->rules = rules_[owner.index];
  facts->consent = consent_[owner.index];
  facts->rate_segments_per_s = described.rate_segments_per_s;
  auto& link = links_[{owner.index, described.link}];
  if (!link)  // Provisioning and the API refuse such a number; an older store may have one.
    link = std::make_shared<const model::link>();
  facts->link = link;
  if (shared_.gates != nullptr)
    facts->gate = shared_.gates->of(owner.index, link->id,
                                    static_cast<std::size_t>(link->connections_max));
  auto& queued = queued_[{owner.index, described.identifier}];
  if (!queued)
    queued = std::make_shared<std::atomic<std::int64_t>>(0);
  facts->queued = queued;
  return facts;
}

void lines::take_up_backlog() {
  for (const auto& [organization, ours] : shared_.reader.outbox_numbers())
    if (const auto* waiting = board_.sender(organization, ours))
      caf::anon_send(*waiting, atom::backlog::value, shared_.journal.committed());
  backlog_taken_up_ = true;
}

void lines::end() {
  const auto stop = [](const auto& handle) {
    caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  };
  board_.webhooks_.each(stop);
  board_.senders_.each(stop);
  board_.numbers_.each(stop);
  board_.team_inboxes_.each(stop);
  board_.participants_.each(stop);
}

}  // namespace parley::actors
