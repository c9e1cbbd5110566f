#include "actors/questioner.hpp"
#include "src/ingress/api/acting.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/licences.hpp"
#include "src/ingress/api/lookup.hpp"
#include "src/ingress/api/media.hpp"
#include "src/ingress/api/origin.hpp"
#include "src/ingress/api/requests.hpp"
#include "src/ingress/api/schedule.hpp"
#include "src/ingress/api/templates.hpp"
#include "src/ingress/chat_pair.hpp"
#include "src/ingress/idempotency.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

#include "parley/conversation/rules.hpp"
#include "parley/model/limits.hpp"
#include "parley/routing/route.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parley::ingress {

namespace {

/// The conversation; 201 when this request opened it.
model::answer render_started(const actors::outcome& what) {
  auto made = render_conversation(what);
  if (!what.refusal && std::ranges::any_of(what.events, [](const model::event& event) {
        return std::holds_alternative<model::conversation_opened>(event.body);
      }))
    made.status = 201;
  return made;
}

model::route require_route(const model::organization& owner, const model::number& number,
                           const start_request& request, const model::address& to) {
  auto route = require_outbound_route(owner, number, request.first.author);
  const bool for_pro_cx
    = to.kind == model::channel::whatsapp || to.is_group() || !route.inbox.empty();
  if (request.first.author.type == model::author::kind::user && for_pro_cx)
    require_pro_cx(*owner.find_user(request.first.author.id));
  return route;
}

bool is_open(const std::optional<model::conversation_state>& state) {
  return state
         && (state->phase == model::conversation_phase::active
             || state->phase == model::conversation_phase::inactive);
}

/// The pair's open conversation is joined, and it may be one that the starter's licence is not for.
void require_licence_to_join(const model::organization& owner,
                             const std::optional<model::conversation_state>& state,
                             const model::author& starter) {
  if (starter.type == model::author::kind::user && is_open(state))
    require_licence(owner, *state, starter.id);
}

/// A request to start a conversation, checked, with what it was asked with and whatever it became.
struct start_plan {
  model::start_conversation what;
  model::pair between;
  std::optional<model::conversation_state> state;  ///< The pair's, as it is stored.
};

bool knows_key(const std::optional<model::conversation_state>& state, const model::id128& key) {
  return state && key.has_value()
         && std::ranges::find(state->keys, key, &model::used_key::key) != state->keys.end();
}

/// Mission 7: outside the customer's window a template starts a conversation, and nothing else.
/// What is said in an open one is the conversation's to refuse, and so is what repeats a request.
void require_window(const api_call& call, const start_request& request, const start_plan& plan) {
  model::conversation_state fresh;
  fresh.pair = plan.between;
  if (request.first.made_from || is_open(plan.state)
      || knows_key(plan.state, idempotency_key_of(call)))
    return;
  if (conversation::takes_templates_only(plan.state.value_or(fresh), model::wall_clock()))
    throw refusal{model::errc::outside_window,
                  "`to` has written nothing to `from` within 24 hours: only a template starts a "
                  "conversation"};
}

/// The other end of the pair: an address, or a group's (mission 2: two to nine parties by SMS).
model::address other_end(const start_request& request, const model::address& from) {
  if (std::ranges::find(request.to, from) != request.to.end())
    throw refusal{model::errc::malformed, "`to` names the number in `from`"};
  if (request.to.size() == 1)
    return request.to.front();
  std::vector<std::string> identifiers;
  for (const auto& one : request.to)
    identifiers.push_back(one.identifier);
  auto group = model::address::group_of(from.kind, std::move(identifiers));
  if (!group)
    throw refusal{model::errc::malformed,
                  "several addresses in `to` are a group by SMS, of at most "
                    + std::to_string(model::group_parties_max)};
  return std::move(*group);
}

std::span<const model::used_key> keys_of(const std::optional<model::conversation_state>& state) {
  return state ? std::span{state->keys} : std::span<const model::used_key>{};
}

void set_first_message(const api_context& context, const api_call& call,
                       const start_request& request, start_plan& plan) {
  const auto& made_from = request.first.made_from;
  auto content = made_from ? content_asked_for(*made_from) : model::content{};
  content.body = request.first.body;
  content.files = request.first.files;
  require_media(context, call, plan.between, content.files);
  require_schedule(context, request.first, plan.between.theirs.kind == model::channel::chat,
                   is_repeated(keys_of(plan.state), idempotency_key_of(call)),
                   model::wall_clock());
  auto& first = plan.what.first;
  first.what = std::make_shared<const model::content>(std::move(content));
  first.segments = plan.between.theirs.kind == model::channel::whatsapp ? 1
                                                                        : request.first.segments;
  first.idempotency_key = idempotency_key_of(call);
  first.send_at = request.first.send_at;
  first.validity_ms = request.first.validity_ms;
  // Of the request as it was made, whichever number it goes out from.
  auto place = request.from.text();
  for (const auto& one : request.to)
    place += " " + one.text();
  first.request_digest = request_digest(first, place);
  if (made_from)
    make_from_template(context, call, plan.between, keys_of(plan.state), *made_from, first);
}

/// A chat among users: everybody's licence is enough, and no number is needed.
start_plan make_chat_plan(const api_context& context, const api_call& call,
                          const start_request& request) {
  const auto& owner = *call.caller.owner;
  std::vector<std::string> users{request.from.identifier};
  for (const auto& one : request.to)
    users.push_back(one.identifier);
  std::ranges::sort(users);
  if (std::ranges::adjacent_find(users) != users.end())
    throw refusal{model::errc::malformed, "`to` names the user in `from`"};
  if (users.size() > model::participants_max)
    throw refusal{model::errc::too_many, "a chat is among at most "
                                           + std::to_string(model::participants_max) + " users"};
  for (const auto& user : users)
    if (owner.find_user(user) == nullptr)
      throw refusal{model::errc::unknown_user, "there is no user `" + user + "`"};
  start_plan plan;
  plan.between = chat_among(owner, users);
  plan.state = load_pair(context.reader, plan.between.key());
  plan.what.route = routing::route_chat(owner, std::move(users));
  plan.what.first.author = request.first.author;
  plan.what.subject = request.subject;
  if (request.says_something)
    set_first_message(context, call, request, plan);
  return plan;
}

start_plan make_plan(const api_context& context, const api_call& call,
                     const start_request& request, const model::address& from) {
  if (from.kind == model::channel::chat)
    return make_chat_plan(context, call, request);
  const auto& owner = *call.caller.owner;
  const auto found = call.directory->find_number(owner.index, from.identifier);
  if (!found)
    throw refusal{model::errc::unknown_number,
                  "`from`: `" + from.text() + "` is no number of the organisation"};
  require_channel(*found->number, from.kind);
  require_author(owner, request.first.author);
  start_plan plan;
  plan.between = {owner.index, from, other_end(request, from)};
  plan.what.route = require_route(owner, *found->number, request, plan.between.theirs);
  plan.state = load_pair(context.reader, plan.between.key());
  require_licence_to_join(owner, plan.state, request.first.author);
  require_window(call, request, plan);
  plan.what.first.author = request.first.author;
  plan.what.subject = request.subject;
  if (request.says_something)
    set_first_message(context, call, request, plan);
  return plan;
}

/// Mission 4.8: before an outbound conversation's first message. Not before a message of an open
/// one, nor when the request repeats one that was carried out.
bool asks_first(const model::organization& owner, const start_plan& plan) {
  const bool chat = plan.between.theirs.kind == model::channel::chat;
  return !owner.outbound_data_action.empty() && !chat && !is_open(plan.state)
         && !knows_key(plan.state, plan.what.first.idempotency_key);
}

/// Our address that a request under this key was carried out from, if it was: the data action may
/// have chosen another one than the request names (I5). Not one that still waits for its answer.
std::optional<model::address> carried_out_from(const api_context& context,
                                               const model::organization& owner,
                                               const start_plan& plan) {
  const auto& key = plan.what.first.idempotency_key;
  if (!key.has_value())
    return std::nullopt;
  for (const auto& number : owner.numbers) {
    auto between = plan.between;
    between.ours.identifier = number.identifier;
    if (knows_key(load_pair(context.reader, between.key()), key))
      return between.ours;
  }
  return std::nullopt;
}

actions::question question_about(const api_context& context, const model::organization& owner,
                                 const start_plan& plan) {
  const auto now = model::wall_clock();
  const auto& first = plan.what.first;
  return {.type = actions::question_type::conversation_outbound,
          .action = owner.outbound_data_action,
          .between = plan.between,
          .conversation = {},
          .message = {},
          .index = 0,
          .direction = model::direction::outbound,
          .author = first.author,
          .what = first.what ? first.what : std::make_shared<const model::content>(),
          .created_at = now,
          .contact = std::nullopt,
          .default_users = plan.what.route.users,
          .default_team = plan.what.route.inbox,
          .until = now + context.question_patience};
}

/// What the data action has said: the conversation is started, maybe from another number, or not.
std::optional<model::answer> go_on(const api_context& context, const api_call& call,
                                   const start_request& request, actors::renderer render,
                                   const actors::outbound_verdict& verdict) {
  using kind = actors::outbound_verdict::kind;
  if (verdict.what == kind::ended)
    throw refusal{model::errc::shutting_down, {}};
  if (verdict.what == kind::refused)
    throw refusal{model::errc::action_refused, verdict.reason};
  auto from = request.from;
  if (!verdict.from.empty())
    from.identifier = verdict.from;
  auto plan = make_plan(context, call, request, from);
  const auto now = model::wall_clock();
  plan.what.first.message = model::thread_ids().next_as<model::message_id>(now);
  submit_admitted(context, call, plan.between, std::move(plan.what), now, render);
  return std::nullopt;
}

/// No thread waits for the endpoint; the request is counted as admitted meanwhile.
void ask_first(const api_context& context, const api_call& call, start_request request,
               const start_plan& plan, actors::renderer render) {
  auto about = question_about(context, *call.caller.owner, plan);
  auto kept = std::make_shared<api_call>(call);
  kept->body.clear();  // It is read already.
  auto answered = [&context, kept = std::move(kept), request = std::move(request),
                   render](const actors::outbound_verdict& verdict) {
    context.resume(kept, [request, render, verdict](const api_context& around,
                                                    const api_call& resumed) {
      return go_on(around, resumed, request, render, verdict);
    });
  };
  if (const auto refused = context.admitted.try_admit())
    throw refusal{*refused, {}};
  actors::ask_outbound(context.questioner, std::move(about), std::move(answered));
}

void start(const api_context& context, const api_call& call, start_request request,
           actors::renderer render) {
  auto plan = make_plan(context, call, request, request.from);
  if (asks_first(*call.caller.owner, plan)) {
    const auto before = carried_out_from(context, *call.caller.owner, plan);
    if (!before) {
      ask_first(context, call, std::move(request), plan, render);
      return;
    }
    plan = make_plan(context, call, request, *before);
  }
  const auto now = model::wall_clock();
  plan.what.first.message = model::thread_ids().next_as<model::message_id>(now);
  submit(context, call, plan.between, std::move(plan.what), now, render);
}

}  // namespace

std::optional<model::answer> post_conversation(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  start(context, call, parse_start_conversation(acting_body(context, call), context.json_depth_max),
        render_started);
  return std::nullopt;
}

std::optional<model::answer> post_first_message(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  start(context, call,
        parse_start_message(acting_body(context, call), context.json_depth_max), render_message);
  return std::nullopt;
}

}  // namespace parley::ingress
