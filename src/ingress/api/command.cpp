#include "src/ingress/api/acting.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/idempotency.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/media_type.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/representation.hpp"

#include <memory>
#include <utility>
#include <variant>

namespace parley::ingress {

namespace {

constexpr std::size_t idempotency_key_bytes_max = 255;

}  // namespace

model::id_source& ids() {
  thread_local model::id_source source;
  return source;
}

model::id128 idempotency_key_of(const api_call& call) {
  const auto& key = call.idempotency_key;
  if (key.empty())
    return {};
  if (key.size() > idempotency_key_bytes_max)
    throw refusal{model::errc::malformed, "`Idempotency-Key` is longer than 255 bytes"};
  return idempotency_digest(call.caller.owner->id, call.caller.key->name, key);
}

void require_json(const api_call& call) {
  if (call.body.empty() && call.content_type.empty())
    return;
  if (!is_media_type(call.content_type, "application/json"))
    throw refusal{model::errc::unsupported_media, "the body must be application/json"};
}

namespace {

/// A command whose number has an actor that it goes to.
struct addressed_command {
  const actors::number_actor* number;
  std::shared_ptr<api_envelope> what;
};

addressed_command address_command(const api_context& context, const api_call& call,
                                  const model::pair& between, model::command what,
                                  model::timestamp received_at, actors::renderer render) {
  require_may_act(call, what);
  const auto* number = context.board.number(between.organization, between.ours.identifier);
  if (number == nullptr
      || !call.directory->find_number(between.organization, between.ours.identifier))
    throw refusal{model::errc::unknown_number,
                  "`" + between.ours.text() + "` is no longer a number of the organisation"};
  auto command = std::make_shared<api_envelope>();
  command->pair = between;
  command->what = std::move(what);
  command->received_at = received_at;
  command->fresh_conversation = ids().next_as<model::conversation_id>(received_at);
  command->answer_to = {call.where.lane, call.where.slot, call.where.generation};
  command->render = render;
  command->organization = call.caller.owner->id;
  command->numbers = call.who.numbers;
  command->retry_after_s = context.retry_after_s;
  return {number, std::move(command)};
}

}  // namespace

void submit(const api_context& context, const api_call& call, const model::pair& between,
            model::command what, model::timestamp received_at, actors::renderer render) {
  auto made = address_command(context, call, between, std::move(what), received_at, render);
  if (const auto refused = context.admitted.try_admit())
    throw refusal{*refused, {}};
  caf::anon_send(*made.number, actors::envelope_ptr{std::move(made.what)});
}

void submit_admitted(const api_context& context, const api_call& call, const model::pair& between,
                     model::command what, model::timestamp received_at, actors::renderer render) {
  auto made = address_command(context, call, between, std::move(what), received_at, render);
  caf::anon_send(*made.number, actors::envelope_ptr{std::move(made.what)});
}

model::answer render_refusal(const actors::outcome& what) {
  const auto& asked = static_cast<const api_envelope&>(what.asked);
  return problem(*what.refusal, {}, asked.retry_after_s);
}

model::answer render_message(const actors::outcome& what) {
  if (what.refusal)
    return render_refusal(what);
  const auto& asked = static_cast<const api_envelope&>(what.asked);
  const auto* start = std::get_if<model::start_conversation>(&asked.what);
  const auto& sent = start != nullptr ? start->first
                                      : std::get<model::send_message>(asked.what);
  shown_message made{.id = sent.message,
                     .conversation = what.state.id,
                     .direction = sent.note ? model::direction::note : model::direction::outbound,
                     .author = sent.author,
                     .what = *sent.what,
                     .mentions = sent.mentions,
                     .segments = sent.segments,
                     .created_at = what.asked.received_at,
                     .between = what.asked.pair,
                     .delivery = {}};
  if (what.first != nullptr) {
    made.id = what.first->message;
    made.index = what.first->index;
    made.segments = what.first->segments;
    made.created_at = what.first->at;
    if (what.first->conversation.has_value())  // Earlier versions did not keep it.
      made.conversation = what.first->conversation;
  }
  for (const auto& event : what.events)
    if (const auto* added = std::get_if<model::message_added>(&event.body)) {
      made.index = added->index;
      made.segments = added->segments;
      made.created_at = event.at;
    }
  made.delivery.updated_at = made.created_at;
  model::answer answer;
  answer.status = 201;
  json_writer json{answer.body};
  write_message(json, made, asked.numbers);
  return answer;
}

model::answer render_conversation(const actors::outcome& what) {
  if (what.refusal)
    return render_refusal(what);
  const auto& asked = static_cast<const api_envelope&>(what.asked);
  model::answer made;
  json_writer json{made.body};
  write_conversation(json, what.state, asked.organization, asked.numbers);
  return made;
}

}  // namespace parley::ingress
