#include "src/ingress/api/call.hpp"
#include "src/ingress/api/lookup.hpp"
#include "src/ingress/api/requests.hpp"
#include "src/ingress/idempotency.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

#include "parley/routing/route.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>

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

void require_channel(const model::number& number, model::channel kind) {
  const auto carries = [&](std::string_view name) {
    return std::ranges::find(number.channels, name) != number.channels.end();
  };
  const bool can = kind == model::channel::whatsapp ? carries("whatsapp")
                                                    : carries("sms") || carries("mms");
  if (!can)
    throw refusal{model::errc::number_not_allowed,
                  "`" + number.identifier + "` does not carry " + std::string{to_string(kind)}};
}

void require_author(const model::organization& owner, const model::author& who) {
  if (who.type == model::author::kind::user && owner.find_user(who.id) == nullptr)
    throw refusal{model::errc::unknown_user, "`user`: there is no user `" + who.id + "`"};
  if (who.type == model::author::kind::team && owner.find_inbox(who.id) == nullptr)
    throw refusal{model::errc::unknown_team, "`team`: there is no team inbox `" + who.id + "`"};
}

model::route require_route(const model::organization& owner, const model::number& number,
                           const start_request& request) {
  const auto routed = routing::route_outbound(owner, number, request.first.author);
  if (const auto* no = std::get_if<model::errc>(&routed))
    throw refusal{*no, "`" + request.first.author.id + "` may not start a conversation from `"
                         + number.identifier + "`"};
  auto route = std::get<model::route>(routed);
  const bool whatsapp = request.to.kind == model::channel::whatsapp;
  if (request.first.author.type == model::author::kind::user
      && (whatsapp || !route.inbox.empty()))
    require_pro_cx(*owner.find_user(request.first.author.id));
  return route;
}

/// Mission 7: without a message of the customer's no window is open, and templates are not built.
void require_window(const store::reader& reader, const model::pair& between) {
  if (between.theirs.kind != model::channel::whatsapp)
    return;
  const auto state = load_pair(reader, between.key());
  const bool open = state
                    && (state->phase == model::conversation_phase::active
                        || state->phase == model::conversation_phase::inactive);
  if (!open)
    throw refusal{model::errc::outside_window, "`to` has no open conversation with `from`"};
}

void start(const api_context& context, const api_call& call, start_request request,
           actors::renderer render) {
  const auto& owner = *call.caller.owner;
  const auto found = call.directory->find_number(owner.index, request.from.identifier);
  if (!found)
    throw refusal{model::errc::unknown_number,
                  "`from`: `" + request.from.text() + "` is no number of the organisation"};
  require_channel(*found->number, request.from.kind);
  require_author(owner, request.first.author);
  model::start_conversation what;
  what.route = require_route(owner, *found->number, request);
  const model::pair between{owner.index, request.from, request.to};
  require_window(context.reader, between);
  const auto now = model::wall_clock();
  model::content content;
  content.body = std::move(request.first.body);
  content.files = std::move(request.first.files);
  what.first.message = ids().next_as<model::message_id>(now);
  what.first.author = std::move(request.first.author);
  if (request.says_something) {
    what.first.what = std::make_shared<const model::content>(std::move(content));
    what.first.segments
      = request.to.kind == model::channel::whatsapp ? 1 : request.first.segments;
    what.first.idempotency_key = idempotency_key_of(call);
    what.first.request_digest
      = request_digest(what.first, between.ours.text() + " " + between.theirs.text());
  }
  submit(context, call, between, std::move(what), now, render);
}

}  // namespace

std::optional<model::answer> post_conversation(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  start(context, call, parse_start_conversation(call.body, context.json_depth_max),
        render_started);
  return std::nullopt;
}

std::optional<model::answer> post_first_message(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  start(context, call, parse_start_message(call.body, context.json_depth_max), render_message);
  return std::nullopt;
}

}  // namespace parley::ingress
