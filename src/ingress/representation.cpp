#include "src/ingress/representation.hpp"

#include "parley/conversation/rules.hpp"
#include "parley/model/directory_words.hpp"
#include "parley/model/time.hpp"

#include <string>

namespace parley::ingress {

namespace {

void write_deliveries(json_writer& json, const shown_message& what, audience who) {
  json.key("deliveries").begin_array();
  for (const auto& one : what.deliveries) {
    json.begin_object().key("to").text(
      one.to.empty() ? shown_address(what.between.theirs, who).text()
                     : shown_recipient(std::string{one.to}, who));
    json.key("state").text(to_string(one.state));
    if (one.error_code != 0)
      json.key("error").number(std::int64_t{one.error_code});
    json.key("updated_at").text(model::to_rfc3339(one.updated_at)).end_object();
  }
  json.end_array();
}

/// Whom it is from. A party of a group speaks for itself, and so does a user in a chat.
std::string sender_of(const shown_message& what, audience who) {
  if (what.between.theirs.kind == model::channel::chat)
    return model::address{model::channel::chat, what.author.id}.text();
  if (what.direction != model::direction::inbound)
    return what.between.ours.text();
  return what.between.theirs.is_group() ? shown_author_id(what.author, who)
                                        : shown_address(what.between.theirs, who).text();
}

/// Whom it is to. A note goes to nobody, because it is never sent.
void write_to(json_writer& json, const shown_message& what, audience who) {
  json.key("to").begin_array();
  if (what.direction == model::direction::inbound)
    json.text(what.between.ours.text());
  else if (what.direction == model::direction::outbound && what.recipients.empty())
    json.text(shown_address(what.between.theirs, who).text());
  for (const auto& one : what.recipients)
    json.text(shown_recipient(one, who));
  json.end_array();
}

void write_participants(json_writer& json, const model::conversation_state& state) {
  const std::string_view role = state.route.inbox.empty() ? "owner" : "member";
  json.key("participants").begin_array();
  for (const auto& who : state.participants)
    json.begin_object()
      .key("user")
      .text(who.user)
      .key("role")
      .text(role)
      .key("read_seq")
      .number(who.read_index)
      .key("unread")
      .number(conversation::unread(state, who))
      .end_object();
  json.end_array();
}

/// WhatsApp's customer service window, also when it is over; null where there is none.
void write_window(json_writer& json, model::timestamp open_until) {
  json.key("window");
  if (open_until == model::timestamp{})
    json.null();
  else
    json.begin_object().key("open_until").text(model::to_rfc3339(open_until)).end_object();
}

/// The template that an outbound text was made from.
void write_template(json_writer& json, const std::optional<model::sent_template>& made_from) {
  json.key("template");
  if (!made_from) {
    json.null();
    return;
  }
  json.begin_object().key("id").text(made_from->id).key("variables");
  json.ready(made_from->variables.empty() ? "{}" : std::string_view{made_from->variables});
  json.end_object();
}

}  // namespace

void write_attributes(json_writer& json, const std::vector<model::attribute>& attributes) {
  json.key("attributes").begin_object();
  for (const auto& one : attributes)
    json.name(one.name).text(one.value);
  json.end_object();
}

void write_files(json_writer& json, const std::vector<model::media>& files,
                 const file_urls& urls) {
  json.key("media").begin_array();
  for (const auto& file : files) {
    const bool own = file.file.has_value();
    json.begin_object().key("url");
    json.text(own ? files::fresh_url(urls, file.file, model::wall_clock()) : file.url);
    json.key("content_type").text_or_null(file.content_type);
    json.key("file").text_or_null(own ? file.file.text() : std::string{});
    json.key("error").text_or_null(model::word_for(file.fault)).end_object();
  }
  json.end_array();
}

std::string time_or_nothing(model::timestamp at) {
  return at == model::timestamp{} ? std::string{} : model::to_rfc3339(at);
}

void write_message(json_writer& json, const shown_message& what, audience who,
                   const file_urls& urls) {
  const bool inbound = what.direction == model::direction::inbound;
  json.begin_object().key("id").text(what.id.text());
  json.key("conversation").text(what.conversation.text()).key("index").number(what.index);
  json.key("direction").text(to_string(what.direction)).key("author").begin_object();
  json.key("type").text(to_string(what.author.type)).key("id");
  json.text_or_null(shown_author_id(what.author, who));
  json.end_object().key("from").text(sender_of(what, who));
  write_to(json, what, who);
  json.key("body").text(what.what.body).key("redacted").flag(what.what.redacted);
  write_template(json, what.what.made_from);
  json.key("mentions").begin_array();
  for (const auto& user : what.mentions)
    json.text(user);
  json.end_array();
  write_files(json, what.what.files, urls);
  json.key("created_at").text(model::to_rfc3339(what.created_at));
  json.key("send_at").text_or_null(time_or_nothing(what.send_at));
  json.key("edited_at").text_or_null(time_or_nothing(what.edited_at));
  json.key("validity_s");
  if (what.validity_ms == 0)
    json.null();
  else
    json.number(std::int64_t{what.validity_ms / 1'000});
  json.key("segments").number(std::uint64_t{what.segments});
  json.key("automatic").flag(what.author.type == model::author::kind::system);
  // A group's message has one of each recipient, which its delivery events tell.
  const bool single = what.deliveries.size() == 1 && what.deliveries.front().to.empty();
  json.key("provider_id").text_or_null(inbound  ? std::string_view{what.what.provider_id}
                                       : single ? what.deliveries.front().provider_id
                                                : std::string_view{});
  write_deliveries(json, what, who);
  json.end_object();
}

shown_message shown(const model::event& event, const model::message_added& added,
                    const model::pair& between, std::span<const shown_delivery> deliveries) {
  return {.id = added.message,
          .conversation = event.conversation,
          .index = added.index,
          .direction = added.direction,
          .author = added.author,
          .what = *added.what,
          .mentions = added.mentions,
          .recipients = added.recipients,
          .segments = segments_of(added),
          .created_at = event.at,
          .send_at = send_at_of(added),
          .edited_at = added.edited.at,
          .validity_ms = added.validity_ms,
          .between = between,
          .deliveries = deliveries};
}

std::vector<shown_delivery> fresh_deliveries(const model::message_added& added,
                                             model::timestamp at) {
  std::vector<shown_delivery> all;
  const auto state = added.send_at == model::timestamp{} ? model::delivery_state::queued
                                                         : model::delivery_state::scheduled;
  if (added.direction == model::direction::outbound && added.recipients.empty())
    all.push_back({.state = state, .updated_at = at});
  if (added.direction != model::direction::internal)
    for (const auto& to : added.recipients)
      all.push_back({.to = to, .state = state, .updated_at = at});
  return all;
}

void write_ends(json_writer& json, const model::pair& between, audience who) {
  const bool chat = between.theirs.kind == model::channel::chat;
  json.key("number").text_or_null(chat ? std::string{} : between.ours.text());
  json.key("peers").begin_array();
  if (!chat)
    for (const auto& one : between.theirs.members())
      json.text(shown_address(one, who).text());
  json.end_array();
}

std::string_view kind_of(const model::pair& between, const model::route& route,
                         std::size_t users) noexcept {
  if (between.theirs.kind == model::channel::chat)
    return "chat";
  if (between.theirs.is_group())
    return "group_sms";
  return route.inbox.empty() && users <= 1 ? "one_to_one" : "one_to_group";
}

void write_conversation(json_writer& json, const model::conversation_state& state,
                        std::string_view organization, audience who) {
  json.begin_object().key("id").text(state.id.text()).key("organization").text(organization);
  json.key("channel").text(to_string(state.pair.theirs.kind));
  json.key("kind").text(kind_of(state.pair, state.route, state.participants.size()));
  json.key("subject").text_or_null(state.subject);
  json.key("state").text(to_string(state.phase));
  write_ends(json, state.pair, who);
  write_participants(json, state);
  json.key("team").text_or_null(state.route.inbox).key("unrouted").flag(state.route.unrouted);
  json.key("claimed_by").text_or_null(state.claimed_by).key("labels").begin_array();
  for (const auto& label : state.labels)
    json.text(label);
  json.end_array().key("priority").text(model::word_for(state.priority));
  json.key("waiting").flag(state.waiting_since != model::timestamp{});
  json.key("contact");
  json.text_or_null(state.contact.has_value() ? state.contact.text() : std::string{});
  write_attributes(json, state.attributes);
  json.key("snoozed_until").text_or_null(time_or_nothing(state.snoozed_until));
  write_window(json, conversation::window_open_until(state));
  json.key("previous");
  json.text_or_null(state.previous.has_value() ? state.previous.text() : std::string{});
  json.key("created_at").text(model::to_rfc3339(state.created_at));
  json.key("last_activity_at").text(model::to_rfc3339(state.last_activity));
  json.key("last_index").number(state.last_index).key("close_reason");
  if (state.phase == model::conversation_phase::closed)
    json.text(to_string(state.closed_for));
  else
    json.null();
  json.end_object();
}

void write_bulk_counts(json_writer& json, const model::bulk_counts& counts) {
  json.begin_object();
  for (std::size_t at = 0; at < model::bulk_line_states; ++at) {
    const auto state = static_cast<model::bulk_line_state>(at);
    if (counts.of(state) != 0)
      json.key(to_string(state)).number(counts.of(state));
  }
  json.end_object();
}

void write_consent(json_writer& json, const model::conversation_id& conversation,
                   const model::consent_changed& changed, audience who) {
  json.key("address").text(shown_recipient(changed.address, who));
  json.key("number").text_or_null(changed.number);
  json.key("state").text(model::word_for(changed.state));
  json.key("source").text(model::word_for(changed.source));
  json.key("conversation");
  json.text_or_null(conversation.has_value() ? conversation.text() : std::string{});
  json.key("message");
  json.text_or_null(changed.message.has_value() ? changed.message.text() : std::string{});
  json.key("text").text_or_null(changed.text);
  json.key("by").text_or_null(changed.by);
}

}  // namespace parley::ingress
