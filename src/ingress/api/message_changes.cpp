#include "src/ingress/api/acting.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/api/history.hpp"
#include "src/ingress/api/lookup.hpp"
#include "src/ingress/api/messages.hpp"
#include "src/ingress/api/requests.hpp"
#include "src/ingress/api/schedule.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/viewer.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace parley::ingress {

namespace {

/// What of the message the command has changed.
void follow(const actors::outcome& what, model::message_added& added) {
  const auto* edit = std::get_if<model::edit_message>(&what.asked.what);
  if (edit == nullptr)
    return;
  for (const auto& event : what.events)
    if (const auto* edited = std::get_if<model::message_edited>(&event.body)) {
      const auto segments = edit->what != nullptr ? edit->segments : segments_of(added);
      added.edited = {event.at, edited->send_at, segments};
      if (edit->what != nullptr)
        added.what = edit->what;
    }
}

/// Renderer of commands that are answered with the message as it is afterwards.
model::answer render_changed(const actors::outcome& what) {
  if (what.refusal)
    return render_refusal(what);
  const auto& asked = static_cast<const api_envelope&>(what.asked);
  auto item = *asked.about;
  auto& added = std::get<model::message_added>(item.event.body);
  follow(what, added);
  for (auto& shown : item.deliveries)
    for (const auto& one : what.state.deliveries)
      if (one.message == added.message && one.to == shown.to)
        shown = {one.to, one.state, one.error_code, one.provider_id, one.updated_at};
  model::answer made;
  json_writer json{made.body};
  write_history_item(json, item, what.asked.pair, asked.numbers, *asked.urls);
  return made;
}

/// Whether the message was called off before, as far as it could be.
bool is_canceled(const history_item& item) {
  using model::delivery_state;
  const auto is = [](const item_delivery& one) { return one.state == delivery_state::canceled; };
  return std::ranges::any_of(item.deliveries, is)
         && std::ranges::all_of(item.deliveries, model::is_final, &item_delivery::state);
}

/// The text that the message has from now on, with everything else as it is.
model::content_ptr edited_content(const model::message_added& added, std::string body) {
  if (added.what->made_from)
    throw refusal{model::errc::malformed,
                  "`body`: the text is a template's; cancel it and send another one"};
  auto after = std::make_shared<model::content>(*added.what);
  after->body = std::move(body);
  if (after->body.empty() && after->files.empty())
    throw refusal{model::errc::body_required, {}};
  return after;
}

/// Whom of a group an unknown outcome is about; empty: the pair's other end.
std::string recipient_of(const model::pair& between, const std::optional<model::address>& to) {
  if (!between.theirs.is_group()) {
    if (to && *to != between.theirs)
      throw refusal{model::errc::malformed, "`to`: the message went to somebody else"};
    return {};
  }
  const auto parties = between.theirs.members();
  if (!to || std::ranges::find(parties, *to) == parties.end())
    throw refusal{model::errc::malformed, "`to` must be the party of the group that it is about"};
  return to->text();
}

}  // namespace

std::optional<model::answer> post_cancel(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  if (!call.body.empty())
    throw refusal{model::errc::malformed, "there is nothing to say in the body"};
  const auto found = require_message(context, call);
  require_part(call, found.state);
  auto item = require_item(context, found);
  // Long ago, maybe: then only the journal knows of it.
  if (is_canceled(item)) {
    model::answer made;
    json_writer json{made.body};
    write_history_item(json, item, found.state.pair, call.who.numbers, context.urls);
    return made;
  }
  submit_about(context, call, found.state.pair, std::move(item),
               model::cancel_message{found.state.id, found.added().message}, model::wall_clock(),
               render_changed);
  return std::nullopt;
}

std::optional<model::answer> patch_message(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  auto request = parse_edit(call.body, context.json_depth_max);
  const auto found = require_message(context, call);
  require_part(call, found.state);
  const auto now = model::wall_clock();
  if (request.send_at != model::timestamp{})
    require_time(context, request.send_at, now);
  model::edit_message what{.conversation = found.state.id,
                           .message = found.added().message,
                           .index = found.added().index,
                           .message_seq = found.record.seq,
                           .what = nullptr,
                           .segments = 1,
                           .send_at = request.send_at};
  if (request.body) {
    what.what = edited_content(found.added(), std::move(*request.body));
    if (found.state.pair.theirs.kind != model::channel::whatsapp)
      what.segments = request.segments;
  }
  submit_about(context, call, found.state.pair, require_item(context, found), std::move(what),
               now, render_changed);
  return std::nullopt;
}

std::optional<model::answer> post_resolve(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  const auto request = parse_resolve(call.body, context.json_depth_max);
  const auto found = require_message(context, call);
  if (request.as == model::resolution::resend && found.added().what->redacted)
    throw refusal{model::errc::body_required, "the message was redacted: nothing is left of it"};
  auto to = recipient_of(found.state.pair, request.to);
  submit_about(context, call, found.state.pair, require_item(context, found),
               model::resolve_delivery{found.state.id, found.added().message, std::move(to),
                                       request.as},
               model::wall_clock(), render_changed);
  return std::nullopt;
}

}  // namespace parley::ingress
