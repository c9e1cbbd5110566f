#include "parley/text/mentions.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/history.hpp"
#include "src/ingress/api/lookup.hpp"
#include "src/ingress/api/requests.hpp"
#include "src/ingress/idempotency.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/representation.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parley::ingress {

namespace {

/// Mission 2: team inboxes and WhatsApp are for users with `pro_cx`.
void require_licence(const model::organization& owner, const model::conversation_state& state,
                     const model::author& author) {
  if (author.type != model::author::kind::user)
    return;
  // Nobody of that name takes part either: the conversation refuses it.
  const auto* user = owner.find_user(author.id);
  if (user != nullptr
      && (!state.route.inbox.empty() || state.pair.theirs.kind == model::channel::whatsapp))
    require_pro_cx(*user);
}

/// The users of the organisation whom a note calls by name.
std::vector<std::string> mentioned_users(const model::organization& owner,
                                         std::string_view body) {
  auto names = text::mentions(body);
  std::erase_if(names, [&](const std::string& name) { return owner.find_user(name) == nullptr; });
  return names;
}

/// A message of this organisation by the id in a path. Throws `refusal` (not_found) for every
/// other, so that nobody learns what exists elsewhere (I11).
store::record require_message(const api_context& context, const api_call& call) {
  const auto parsed = model::message_id::parse(call.id);
  if (parsed)
    if (auto found = context.reader.find_message(*parsed))
      if (found->organization == call.caller.owner->index)
        return std::move(*found);
  throw refusal{model::errc::not_found, "there is no such message"};
}

/// The conversation of a message that was found.
model::conversation_state conversation_of(const store::reader& reader,
                                          const store::record& message) {
  auto found = find_conversation(reader, message.event.conversation);
  if (!found)
    throw refusal{model::errc::not_found, "there is no such message"};
  return std::move(*found);
}

model::answer render_nothing(const actors::outcome& what) {
  if (what.refusal)
    return render_refusal(what);
  model::answer made;
  made.status = 204;
  return made;
}

void write_item(json_writer& json, const history_item& item, const model::pair& between) {
  const auto& added = std::get<model::message_added>(item.event.body);
  write_message(json, shown(item.event, added, between,
                            {.state = item.state,
                             .error_code = item.error_code,
                             .provider_id = item.provider_id,
                             .updated_at = item.updated_at}));
}

}  // namespace

std::optional<model::answer> list_messages(const api_context& context, const api_call& call) {
  const auto query = read_history_query(call.query);
  const auto state = require_conversation(context.reader, call.caller.owner->index, call.id);
  const auto range = range_of(query, state.last_index);
  const auto items = read_history(context.reader, state, range);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  for (const auto& item : items)
    write_item(json, item, state.pair);
  json.end_array().key("next").text_or_null(next_of(query, range, state.last_index)).end_object();
  return made;
}

std::optional<model::answer> post_message(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  const auto key = idempotency_key_of(call);
  auto request = parse_send(call.body, context.json_depth_max);
  const auto state = require_conversation(context.reader, call.caller.owner->index, call.id);
  require_licence(*call.caller.owner, state, request.author);
  const auto now = model::wall_clock();
  model::content content;
  content.body = std::move(request.body);
  content.files = std::move(request.files);
  model::send_message what;
  what.message = ids().next_as<model::message_id>(now);
  what.conversation = state.id;
  what.author = std::move(request.author);
  what.what = std::make_shared<const model::content>(std::move(content));
  // Segments are a matter of SMS: WhatsApp takes a text as one message, however long.
  what.segments = state.pair.theirs.kind == model::channel::whatsapp ? 1 : request.segments;
  what.idempotency_key = key;
  what.note = request.note;
  if (what.note)
    what.mentions = mentioned_users(*call.caller.owner, what.what->body);
  what.request_digest = request_digest(what);
  submit(context, call, state.pair, std::move(what), now, render_message);
  return std::nullopt;
}

std::optional<model::answer> get_message(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  const auto found = require_message(context, call);
  const auto index = std::get<model::message_added>(found.event.body).index;
  const auto state = conversation_of(context.reader, found);
  const auto items = read_history(context.reader, state, {index, index});
  if (items.empty())
    throw refusal{model::errc::not_found, "there is no such message"};
  model::answer made;
  json_writer json{made.body};
  write_item(json, items.front(), state.pair);
  return made;
}

std::optional<model::answer> post_redact(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  if (!call.body.empty())
    throw refusal{model::errc::malformed, "there is nothing to say in the body"};
  const auto found = require_message(context, call);
  const auto& added = std::get<model::message_added>(found.event.body);
  const auto between = model::pair::from_key(found.pair_key);
  if (!between)
    throw refusal{model::errc::internal, {}};
  submit(context, call, *between,
         model::redact_message{found.event.conversation, added.message, added.index, found.seq},
         model::wall_clock(), render_nothing);
  return std::nullopt;
}

}  // namespace parley::ingress
