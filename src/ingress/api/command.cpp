#include "src/ingress/api/acting.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/history.hpp"
#include "src/ingress/idempotency.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/media_type.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/representation.hpp"

#include "parley/conversation/rules.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

namespace parley::ingress {

namespace {

constexpr std::size_t idempotency_key_bytes_max = 255;

}  // namespace

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
  const bool is_known
    = between.ours.kind == model::channel::chat
      || call.directory->find_number(between.organization, between.ours.identifier).has_value();
  if (number == nullptr || !is_known)
    throw refusal{model::errc::unknown_number,
                  "`" + between.ours.text() + "` is no longer a number of the organisation"};
  auto command = std::make_shared<api_envelope>();
  command->pair = between;
  command->what = std::move(what);
  command->received_at = received_at;
  command->fresh_conversation = model::thread_ids().next_as<model::conversation_id>(received_at);
  command->answer_to = {call.where.lane, call.where.slot, call.where.generation};
  command->render = render;
  command->organization = call.caller.owner->id;
  command->numbers = call.who.numbers;
  command->urls = &context.urls;
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

void submit_about(const api_context& context, const api_call& call, const model::pair& between,
                  history_item about, model::command what, model::timestamp received_at,
                  actors::renderer render) {
  auto made = address_command(context, call, between, std::move(what), received_at, render);
  made.what->about = std::make_shared<const history_item>(std::move(about));
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

namespace {

/// Whom the message went to, as long as its deliveries are known; else whoever would get it now.
std::vector<std::string> recipients_then(const model::conversation_state& state,
                                         const model::message_id& message,
                                         const model::author& author) {
  std::vector<std::string> all;
  for (const auto& one : state.deliveries)
    if (one.message == message && !one.to.empty())
      all.push_back(one.to);
  return all.empty() ? conversation::recipients_of(state, author) : all;
}

/// The message of a send that was carried out earlier, as far as its first use is remembered.
model::event repeated(const actors::outcome& what, const model::send_message& sent) {
  const auto& first = *what.first;
  model::message_added added;
  added.message = first.message;
  added.index = first.index;
  added.direction = conversation::direction_of(what.state, sent);
  added.author = sent.author;
  added.what = sent.what;
  added.segments = first.segments;
  added.mentions = sent.mentions;
  added.send_at = sent.send_at;
  added.validity_ms = sent.validity_ms;
  if (!sent.note)
    added.recipients = recipients_then(what.state, first.message, sent.author);
  // Earlier versions did not keep the conversation.
  const auto& where = first.conversation.has_value() ? first.conversation : what.state.id;
  return {where, first.at, std::move(added)};
}

bool adds_message(const model::event& event) {
  return std::holds_alternative<model::message_added>(event.body);
}

}  // namespace

model::answer render_message(const actors::outcome& what) {
  if (what.refusal)
    return render_refusal(what);
  const auto& asked = static_cast<const api_envelope&>(what.asked);
  const auto* start = std::get_if<model::start_conversation>(&asked.what);
  const auto& sent = start != nullptr ? start->first
                                      : std::get<model::send_message>(asked.what);
  const auto fresh = std::ranges::find_if(what.events, adds_message);
  if (fresh == what.events.end() && what.first == nullptr)
    return problem(model::errc::internal, {}, asked.retry_after_s);
  const auto event = fresh != what.events.end() ? *fresh : repeated(what, sent);
  const auto& added = std::get<model::message_added>(event.body);
  const auto deliveries = fresh_deliveries(added, event.at);
  model::answer answer;
  answer.status = 201;
  json_writer json{answer.body};
  write_message(json, shown(event, added, what.asked.pair, deliveries), asked.numbers,
                *asked.urls);
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
