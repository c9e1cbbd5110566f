#include "src/ingress/api/templates.hpp"

#include "parley/model/directory_words.hpp"
#include "parley/model/limits.hpp"
#include "parley/text/message_template.hpp"
#include "parley/text/segments.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace parley::ingress {

namespace {

/// As Twilio's ContentVariables. In order of the names, so that the same values are the same text.
std::string json_of(const std::vector<text::variable>& variables) {
  std::string made;
  json_writer json{made};
  json.begin_object();
  for (const auto& one : variables)
    json.name(one.name).text(one.value);
  json.end_object();
  return made;
}

/// What was sent when this request was carried out before, as far as it is still there.
std::optional<model::content> sent_before(const api_context& context,
                                          std::span<const model::used_key> keys,
                                          const model::send_message& what) {
  const auto used = std::ranges::find_if(keys, [&](const model::used_key& one) {
    return what.idempotency_key.has_value() && one.key == what.idempotency_key
           && one.request == what.request_digest
           && model::wall_clock() - one.at < model::idempotency_lifetime;
  });
  if (used == keys.end())
    return std::nullopt;
  const auto record = context.reader.find_message(used->message);
  if (!record)
    return std::nullopt;
  const auto* added = std::get_if<model::message_added>(&record->event.body);
  if (added == nullptr || added->what->redacted || !added->what->made_from)
    return std::nullopt;
  return *added->what;
}

/// The text of a template that may be sent so.
std::string text_made(const model::organization& owner, const template_request& request,
                      model::channel over, std::string& carrier_id) {
  const auto* entry = owner.find_template(request.id);
  if (entry == nullptr)
    throw refusal{model::errc::unknown_template,
                  "`template`: there is no template `" + request.id + "`"};
  require_sendable(*entry, over);
  if (auto why = text::values_fault(*entry, request.variables); !why.empty())
    throw refusal{model::errc::template_variables, "`template`: " + why};
  carrier_id = entry->carrier_id;
  return text::text_of(*entry, request.variables);
}

}  // namespace

void require_sendable(const model::message_template& entry, model::channel over) {
  using model::template_state;
  const bool can = over == model::channel::whatsapp
                     ? entry.state == template_state::approved
                     : entry.state != template_state::rejected
                         && entry.state != template_state::paused;
  if (!can)
    throw refusal{model::errc::template_not_approved,
                  "`template`: `" + entry.id + "` is " + std::string{model::word_for(entry.state)}
                    + " and not sent over " + std::string{to_string(over)}};
}

model::content content_asked_for(const template_request& request) {
  model::content content;
  content.made_from = model::sent_template{request.id, {}, json_of(request.variables)};
  return content;
}

void make_from_template(const api_context& context, const api_call& call,
                        const model::pair& between, std::span<const model::used_key> keys,
                        const template_request& request, model::send_message& what) {
  const auto over = between.theirs.kind;
  if (over == model::channel::chat)
    throw refusal{model::errc::malformed, "`template`: a chat is among users, who need none"};
  auto content = sent_before(context, keys, what);
  if (!content) {
    content = *what.what;
    content->body = text_made(*call.caller.owner, request, over, content->made_from->carrier_id);
  }
  const auto cut = text::segment(content->body);
  if (cut.characters > model::body_characters_max)
    throw refusal{model::errc::body_too_long,
                  "`template` makes a text of " + std::to_string(cut.characters) + " characters"};
  what.segments = over == model::channel::whatsapp ? 1 : cut.segments;
  what.what = std::make_shared<const model::content>(std::move(*content));
}

}  // namespace parley::ingress
