#include "src/ingress/api/acting.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/licences.hpp"
#include "src/ingress/api/lookup.hpp"
#include "src/ingress/api/requests.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

#include "parley/conversation/rules.hpp"
#include "parley/routing/route.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace parley::ingress {

namespace {

/// What each of these requests has in common: JSON, no query, a conversation of the organisation.
model::conversation_state begin(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  return require_conversation(context.reader, call.who, call.id);
}

std::nullopt_t carry_out(const api_context& context, const api_call& call,
                         const model::conversation_state& state, model::command what) {
  submit(context, call, state.pair, std::move(what), model::wall_clock(), render_conversation);
  return std::nullopt;
}

const model::user& require_user(const model::organization& owner, std::string_view member,
                                const std::string& id) {
  const auto* user = owner.find_user(id);
  if (user == nullptr)
    throw refusal{model::errc::unknown_user,
                  "`" + std::string{member} + "`: there is no user `" + id + "`"};
  return *user;
}

}  // namespace

std::optional<model::answer> post_claim(const api_context& context, const api_call& call) {
  const auto state = begin(context, call);
  auto request = parse_user(acting_body(context, call), context.json_depth_max, true);
  require_licence(*call.caller.owner, state, request.user);
  return carry_out(context, call, state,
                   model::claim_conversation{state.id, std::move(request.user)});
}

std::optional<model::answer> post_release(const api_context& context, const api_call& call) {
  const auto state = begin(context, call);
  auto request = parse_user(call.body, context.json_depth_max, false);
  return carry_out(context, call, state,
                   model::release_conversation{
                     state.id, acting_user(call, state, std::move(request.user))});
}

std::optional<model::answer> post_transfer(const api_context& context, const api_call& call) {
  const auto state = begin(context, call);
  const auto& owner = *call.caller.owner;
  auto request = parse_transfer(call.body, context.json_depth_max);
  model::transfer_conversation what{
    state.id, acting_user(call, state, std::move(request.by)), {}, {}};
  if (!request.to_user.empty()) {
    const auto& user = require_user(owner, "to_user", request.to_user);
    require_role({&owner, &user, {}}, model::role::agent);  // Who carries on must be able to.
    if (needs_pro_cx(state))
      require_pro_cx(user);
    what.to_user = user.id;
  } else {
    what.to = routing::route_to_inbox(owner, request.to_team).route;
    if (owner.find_inbox(request.to_team) == nullptr)
      throw refusal{model::errc::unknown_team,
                    "`to_team`: there is no team inbox `" + request.to_team + "`"};
    if (what.to.unrouted)
      throw refusal{model::errc::licence_required,
                    "`to_team`: nobody of `" + request.to_team + "` has the licence pro_cx"};
  }
  return carry_out(context, call, state, std::move(what));
}

std::optional<model::answer> post_participant(const api_context& context, const api_call& call) {
  const auto state = begin(context, call);
  require_part(call, state);
  const auto& owner = *call.caller.owner;
  const auto request = parse_user(call.body, context.json_depth_max, true);
  const auto& user = require_user(owner, "user", request.user);
  // With a second user the conversation is one to a group, which each of them needs it for.
  const bool joins_others
    = !conversation::is_chat(state) && !state.participants.empty()
      && std::ranges::find(state.participants, user.id, &model::participant::user)
           == state.participants.end();
  if (joins_others || needs_pro_cx(state))
    require_pro_cx(user);
  if (joins_others)
    for (const auto& who : state.participants)
      if (const auto* known = owner.find_user(who.user))
        require_pro_cx(*known);
  return carry_out(context, call, state, model::add_participant{state.id, user.id});
}

std::optional<model::answer> delete_participant(const api_context& context, const api_call& call) {
  const auto state = begin(context, call);
  require_part(call, state);
  return carry_out(context, call, state, model::remove_participant{state.id, call.part});
}

std::optional<model::answer> post_snooze(const api_context& context, const api_call& call) {
  const auto state = begin(context, call);
  auto request = parse_snooze(call.body, context.json_depth_max);
  return carry_out(
    context, call, state,
    model::snooze_conversation{state.id, acting_user(call, state, std::move(request.user)),
                               request.until});
}

std::optional<model::answer> post_priority(const api_context& context, const api_call& call) {
  const auto state = begin(context, call);
  auto request = parse_priority(call.body, context.json_depth_max);
  return carry_out(
    context, call, state,
    model::change_priority{state.id, acting_user(call, state, std::move(request.user)),
                           request.priority});
}

std::optional<model::answer> post_labels(const api_context& context, const api_call& call) {
  const auto state = begin(context, call);
  require_part(call, state);
  auto request = parse_labels(call.body, context.json_depth_max);
  return carry_out(
    context, call, state,
    model::change_labels{state.id, std::move(request.add), std::move(request.remove)});
}

}  // namespace parley::ingress
