#include "src/ingress/api/acting.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/history.hpp"
#include "src/ingress/api/licences.hpp"
#include "src/ingress/api/lookup.hpp"
#include "src/ingress/api/media.hpp"
#include "src/ingress/api/messages.hpp"
#include "src/ingress/api/requests.hpp"
#include "src/ingress/api/schedule.hpp"
#include "src/ingress/api/templates.hpp"
#include "src/ingress/idempotency.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/representation.hpp"
#include "src/ingress/viewer.hpp"

#include "parley/conversation/rules.hpp"
#include "parley/text/mentions.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parley::ingress {

namespace {

/// The users of the organisation whom a note calls by name.
std::vector<std::string> mentioned_users(const model::organization& owner,
                                         std::string_view body) {
  auto names = text::mentions(body);
  std::erase_if(names, [&](const std::string& name) { return owner.find_user(name) == nullptr; });
  return names;
}

model::answer render_nothing(const actors::outcome& what) {
  if (what.refusal)
    return render_refusal(what);
  model::answer made;
  made.status = 204;
  return made;
}

}  // namespace

found_message require_message(const api_context& context, const api_call& call) {
  const auto parsed = model::message_id::parse(call.id);
  if (parsed)
    if (auto record = context.reader.find_message(*parsed))
      if (record->organization == call.caller.owner->index)
        if (auto state = find_conversation(context.reader, record->event.conversation)) {
          found_message found{std::move(*record), std::move(*state)};
          if (may_see(call.who, found.state)
              && found.added().index > hidden_up_to(call.who, found.state))
            return found;
        }
  throw refusal{model::errc::not_found, "there is no such message"};
}

history_item require_item(const api_context& context, const found_message& found) {
  const auto index = found.added().index;
  auto items = read_history(context.reader, found.state, {index, index});
  if (items.empty())
    throw refusal{model::errc::not_found, "there is no such message"};
  return std::move(items.front());
}

std::optional<model::answer> list_messages(const api_context& context, const api_call& call) {
  auto query = read_history_query(call.query);
  const auto state = require_conversation(context.reader, call.who, call.id);
  query.hidden_up_to = hidden_up_to(call.who, state);
  const auto range = range_of(query, state.last_index);
  const auto items = read_history(context.reader, state, range);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  for (const auto& item : items)
    write_history_item(json, item, state.pair, call.who.numbers, context.urls);
  json.end_array().key("next").text_or_null(next_of(query, range, state.last_index)).end_object();
  return made;
}

std::optional<model::answer> post_message(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  const auto key = idempotency_key_of(call);
  auto request = parse_send(acting_body(context, call), context.json_depth_max);
  const auto state = require_conversation(context.reader, call.who, call.id);
  if (request.author.type == model::author::kind::user)
    require_licence(*call.caller.owner, state, request.author.id);
  const auto now = model::wall_clock();
  const bool chat = conversation::is_chat(state);
  require_schedule(context, request, request.note || chat, is_repeated(state.keys, key), now);
  auto content = request.made_from ? content_asked_for(*request.made_from) : model::content{};
  content.body = std::move(request.body);
  content.files = std::move(request.files);
  if (request.note)
    require_note_media(context, call, content.files);
  else
    require_media(context, call, state.pair, content.files);
  model::send_message what;
  what.message = model::thread_ids().next_as<model::message_id>(now);
  what.conversation = state.id;
  what.author = std::move(request.author);
  what.what = std::make_shared<const model::content>(std::move(content));
  // Segments are a matter of SMS: WhatsApp takes a text as one message, however long.
  what.segments = state.pair.theirs.kind == model::channel::whatsapp ? 1 : request.segments;
  what.idempotency_key = key;
  what.note = request.note;
  what.send_at = request.send_at;
  what.validity_ms = request.validity_ms;
  if (what.note || chat)
    what.mentions = mentioned_users(*call.caller.owner, what.what->body);
  what.request_digest = request_digest(what);
  if (request.made_from)
    make_from_template(context, call, state.pair, state.keys, *request.made_from, what);
  submit(context, call, state.pair, std::move(what), now, render_message);
  return std::nullopt;
}

std::optional<model::answer> get_message(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  const auto found = require_message(context, call);
  const auto item = require_item(context, found);
  model::answer made;
  json_writer json{made.body};
  write_history_item(json, item, found.state.pair, call.who.numbers, context.urls);
  return made;
}

std::optional<model::answer> post_redact(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  if (!call.body.empty())
    throw refusal{model::errc::malformed, "there is nothing to say in the body"};
  const auto found = require_message(context, call);
  require_part(call, found.state);
  submit(context, call, found.state.pair,
         model::redact_message{found.state.id, found.added().message, found.added().index,
                               found.record.seq},
         model::wall_clock(), render_nothing);
  return std::nullopt;
}

}  // namespace parley::ingress
