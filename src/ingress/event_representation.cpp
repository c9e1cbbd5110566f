#include "src/ingress/event_representation.hpp"

#include "parley/model/directory_words.hpp"
#include "parley/model/event.hpp"
#include "src/ingress/event_types.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/representation.hpp"

#include <string_view>
#include <utility>
#include <variant>

namespace parley::ingress {

namespace {

/// What every `data` about a conversation begins with. The caller ends the object.
void begin_conversation(json_writer& json, const model::event& event, const model::pair& between,
                        audience who, std::string_view state) {
  json.begin_object().key("conversation").text(event.conversation.text());
  json.key("channel").text(to_string(between.theirs.kind));
  write_ends(json, between, who);
  if (!state.empty())
    json.key("state").text(state);
}

/// Writes `data`, one overload a kind: a new kind of event does not compile until it is shown here
/// or said to be internal.
struct data_writer {
  json_writer& json;
  const model::event& event;
  const model::pair& between;
  const wording& how;

  void operator()(const model::conversation_opened& opened) const {
    begin_conversation(json, event, between, how.who, "active");
    json.key("kind").text(kind_of(between, opened.route, opened.route.users.size()));
    json.key("subject").text_or_null(opened.subject);
    const bool later = opened.route.assigned || !opened.route.data_action.empty();
    users("participants", later ? std::vector<std::string>{} : opened.route.users);
    json.key("waiting").flag(opened.route.assigned && opened.route.data_action.empty());
    json.key("team").text_or_null(opened.route.inbox);
    json.key("unrouted").flag(opened.route.unrouted).key("previous");
    json.text_or_null(opened.previous.has_value() ? opened.previous.text() : std::string{});
    json.end_object();
  }

  void operator()(const model::message_added& added) const {
    const auto fresh = fresh_deliveries(added, event.at);
    write_message(json, shown(event, added, between, fresh), how.who, how.urls);
  }

  void operator()(const model::delivery_changed& change) const {
    json.begin_object().key("conversation").text(event.conversation.text());
    json.key("message").text(change.message.text()).key("index").number(change.index);
    json.key("state").text(to_string(change.state)).key("error");
    if (change.error_code != 0)
      json.number(std::int64_t{change.error_code});
    else
      json.null();
    json.key("provider_id").text_or_null(change.provider_id);
    json.key("to").text(change.to.empty() ? shown_address(between.theirs, how.who).text()
                                          : shown_recipient(change.to, how.who));
    json.key("attempts").number(std::uint64_t{change.attempts}).end_object();
  }

  void operator()(const model::conversation_idled&) const {
    begin_conversation(json, event, between, how.who, "inactive");
    json.end_object();
  }

  void operator()(const model::conversation_closed& closed) const {
    begin_conversation(json, event, between, how.who, "closed");
    json.key("close_reason").text(to_string(closed.reason));
    json.key("user").text_or_null(closed.user).end_object();
  }

  void operator()(const model::read_advanced& advanced) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("read").begin_object().key("user").text(advanced.user);
    json.key("index").number(advanced.index).end_object().end_object();
  }

  void operator()(const model::conversation_claimed& claimed) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("claimed_by").text(claimed.user).key("assigned").flag(claimed.assigned).end_object();
  }

  void operator()(const model::conversation_released& released) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("claimed_by").null().key("released_by").text(released.user);
    json.key("expired").flag(released.expired).key("waiting").flag(released.waits);
    users("participants", released.users);
    json.end_object();
  }

  void operator()(const model::conversation_transferred& moved) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("transferred").begin_object().key("by").text_or_null(moved.by);
    json.key("to_user").text_or_null(moved.user).key("to_team");
    json.text_or_null(moved.user.empty() ? moved.inbox : std::string{}).end_object();
    json.key("team").text_or_null(moved.inbox).key("claimed_by");
    json.text_or_null(moved.inbox.empty() ? std::string{} : moved.user);
    json.key("waiting").flag(moved.waits);
    users("participants", moved.waits          ? std::vector<std::string>{}
                          : moved.user.empty() ? moved.team
                                               : std::vector{moved.user});
    json.end_object();
  }

  void operator()(const model::participant_added& added) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("user").text(added.user).end_object();
  }

  void operator()(const model::participant_removed& removed) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("user").text(removed.user).end_object();
  }

  void operator()(const model::conversation_snoozed& snoozed) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("snoozed_until").text_or_null(time_or_nothing(snoozed.until));
    json.key("user").text_or_null(snoozed.user).end_object();
  }

  void operator()(const model::labels_changed& changed) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("labels").begin_array();
    for (const auto& label : changed.labels)
      json.text(label);
    json.end_array().end_object();
  }

  void operator()(const model::conversation_escalated& reached) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("escalation_step").number(std::uint64_t{reached.step}).end_object();
  }

  void operator()(const model::priority_changed& changed) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("priority").text(model::word_for(changed.priority));
    json.key("user").text_or_null(changed.user).end_object();
  }

  void operator()(const model::conversation_reopened& reopened) const {
    begin_conversation(json, event, between, how.who, "active");
    json.key("reopened").flag(true).key("waiting").flag(reopened.waits).end_object();
  }

  void operator()(const model::contact_assigned& assigned) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("contact");
    json.text_or_null(assigned.contact.has_value() ? assigned.contact.text() : std::string{});
    json.end_object();
  }

  void operator()(const model::message_redacted& redacted) const {
    json.begin_object().key("conversation").text(event.conversation.text());
    json.key("message").text(redacted.message.text()).key("index").number(redacted.index);
    json.key("redacted").flag(true).end_object();
  }

  void operator()(const model::media_settled& settled) const {
    static const model::content unknown;
    const auto& now = how.about != nullptr ? *how.about : unknown;
    json.begin_object().key("conversation").text(event.conversation.text());
    json.key("message").text(settled.message.text()).key("index").number(settled.index);
    json.key("redacted").flag(now.redacted);
    write_files(json, now.files, how.urls);
    json.end_object();
  }

  void operator()(const model::message_edited& edited) const {
    static const model::content unknown;
    const auto& now = how.about != nullptr ? *how.about : unknown;
    json.begin_object().key("conversation").text(event.conversation.text());
    json.key("message").text(edited.message.text()).key("index").number(edited.index);
    json.key("redacted").flag(now.redacted).key("body").text(now.body);
    json.key("send_at").text(model::to_rfc3339(edited.send_at)).end_object();
  }

  void operator()(const model::question_settled& settled) const {
    begin_conversation(json, event, between, how.who, {});
    json.key("data_action").begin_object().key("id").text(settled.action);
    json.key("outcome").text(model::word_for(settled.outcome));
    json.key("detail").text_or_null(settled.detail).end_object();
    if (settled.placed) {
      users("participants", settled.users);
      json.key("waiting").flag(settled.waits);
    }
    json.end_object();
  }

  void operator()(const model::attributes_changed& changed) const {
    begin_conversation(json, event, between, how.who, {});
    write_attributes(json, changed.attributes);
    json.end_object();
  }

  void operator()(const model::availability_changed& changed) const {
    json.begin_object().key("user").text(changed.user);
    json.key("presence").text(model::word_for(changed.presence));
    json.key("by_stream").flag(changed.by_stream).end_object();
  }

  void operator()(const model::consent_changed& changed) const {
    json.begin_object();
    write_consent(json, event.conversation, changed, how.who);
    json.end_object();
  }

  void operator()(const model::bulk_changed& changed) const {
    json.begin_object().key("id").text(changed.job.text());
    json.key("state").text(to_string(changed.state)).key("lines").number(changed.lines);
    json.key("accepted").number(changed.accepted).key("refused_total").number(changed.refused);
    json.key("counts");
    write_bulk_counts(json, changed.counts);
    json.end_object();
  }

  void operator()(const model::report_parked&) const { json.null(); }
  void operator()(const model::timer_rearmed&) const { json.null(); }
  void operator()(const model::question_asked&) const { json.null(); }

private:
  void users(std::string_view key, const std::vector<std::string>& ids) const {
    json.key(key).begin_array();
    for (const auto& id : ids)
      json.begin_object().key("user").text(id).end_object();
    json.end_array();
  }
};

template <class Write>
shown_event wrap(const store::record& record, std::string_view organization, std::string_view type,
                 const model::event_id& id, Write&& write_data) {
  std::string text;
  text.reserve(512);
  json_writer json{text};
  json.begin_object().key("seq").number(record.seq).key("id").text(id.text());
  json.key("type").text(type).key("created_at").text(model::to_rfc3339(record.event.at));
  json.key("organization").text(organization).key("data");
  write_data(json);
  json.end_object();
  return {event_type_index(type), id, std::make_shared<const std::string>(std::move(text))};
}

}  // namespace

std::vector<shown_event> show(const store::record& record, const model::directory& directory,
                              const wording& how) {
  const auto type = model::external_type(record.event.body);
  const auto* owner = directory.find_organization(record.organization);
  const auto whole = model::pair::from_key(record.pair_key);
  if (type.empty() || owner == nullptr || !whole)
    return {};
  std::vector<shown_event> all;
  const auto id = model::event_id_of(record.seq, record.event.at);
  all.push_back(wrap(record, owner->id, type, id, [&](json_writer& json) {
    std::visit(data_writer{json, record.event, *whole, how}, record.event.body);
  }));
  const auto* opened = std::get_if<model::conversation_opened>(&record.event.body);
  if (opened != nullptr && opened->route.unrouted)
    all.push_back(
      wrap(record, owner->id, "number.unrouted", model::twin_of(id), [&](json_writer& json) {
        begin_conversation(json, record.event, *whole, how.who, "active");
        json.end_object();
      }));
  return all;
}

}  // namespace parley::ingress
