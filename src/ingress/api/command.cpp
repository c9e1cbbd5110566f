#include "src/ingress/api/call.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/media_type.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/representation.hpp"

#include <memory>
#include <utility>

namespace parley::ingress {

void require_json(const api_call& call) {
  if (call.body.empty() && call.content_type.empty())
    return;
  if (!is_media_type(call.content_type, "application/json"))
    throw refusal{model::errc::unsupported_media, "the body must be application/json"};
}

void submit(const api_context& context, const api_call& call, const model::pair& between,
            model::command what, model::timestamp received_at, actors::renderer render) {
  const auto* number = context.board.number(between.organization, between.ours.identifier);
  if (number == nullptr)
    throw refusal{model::errc::unknown_number,
                  "`" + between.ours.text() + "` is no longer a number of the organisation"};
  auto command = std::make_shared<api_envelope>();
  command->pair = between;
  command->what = std::move(what);
  command->received_at = received_at;
  command->answer_to = {call.where.lane, call.where.slot, call.where.generation};
  command->render = render;
  command->organization = call.caller.owner->id;
  command->retry_after_s = context.retry_after_s;
  if (const auto refused = context.admitted.try_admit())
    throw refusal{*refused, {}};
  caf::anon_send(*number, actors::envelope_ptr{std::move(command)});
}

model::answer render_refusal(const actors::outcome& what) {
  const auto& asked = static_cast<const api_envelope&>(what.asked);
  return problem(*what.refusal, {}, asked.retry_after_s);
}

model::answer render_conversation(const actors::outcome& what) {
  if (what.refusal)
    return render_refusal(what);
  const auto& asked = static_cast<const api_envelope&>(what.asked);
  model::answer made;
  json_writer json{made.body};
  write_conversation(json, what.state, asked.organization);
  return made;
}

}  // namespace parley::ingress
