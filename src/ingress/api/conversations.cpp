#include "src/ingress/api/acting.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/listing.hpp"
#include "src/ingress/api/lookup.hpp"
#include "src/ingress/api/requests.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/representation.hpp"

namespace parley::ingress {

std::optional<model::answer> list_conversations_call(const api_context& context,
                                                     const api_call& call) {
  const auto query = read_conversation_query(call.query);
  require_may_list(call.who, query);
  const auto page = list_conversations(context.reader, call.who, query);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  for (const auto& state : page.items)
    write_conversation(json, state, call.caller.owner->id, call.who.numbers);
  json.end_array().key("next").text_or_null(page.next).end_object();
  return made;
}

std::optional<model::answer> get_conversation(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  const auto state = require_conversation(context.reader, call.who, call.id);
  model::answer made;
  json_writer json{made.body};
  write_conversation(json, state, call.caller.owner->id, call.who.numbers);
  return made;
}

std::optional<model::answer> post_close(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  auto request = parse_user(call.body, context.json_depth_max, false);
  const auto state = require_conversation(context.reader, call.who, call.id);
  submit(context, call, state.pair,
         model::close_conversation{state.id,
                                   acting_user(call, state, std::move(request.user))},
         model::wall_clock(), render_conversation);
  return std::nullopt;
}

std::optional<model::answer> post_read(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  auto request = parse_read(acting_body(context, call), context.json_depth_max);
  const auto state = require_conversation(context.reader, call.who, call.id);
  submit(context, call, state.pair,
         model::mark_read{state.id, std::move(request.user), request.index}, model::wall_clock(),
         render_conversation);
  return std::nullopt;
}

}  // namespace parley::ingress
