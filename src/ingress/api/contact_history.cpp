#include "src/ingress/api/contacts.hpp"

#include "src/ingress/api/consents.hpp"
#include "src/ingress/api/contact_changes.hpp"
#include "src/ingress/api/contact_entries.hpp"
#include "src/ingress/api/history.hpp"
#include "src/ingress/api/listing.hpp"
#include "src/ingress/api/lookup.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/representation.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace parley::ingress {

namespace {

/// Messages that one call of an erasure redacts: each is a command that no answer waits for, and so
/// is not counted at the door.
constexpr std::size_t redactions_max = 200;
/// Changes of consent that an export shows; the list of consents has the rest.
constexpr std::size_t exported_consents_max = 1'000;

// -- export ---------------------------------------------------------------------------------------

/// Where a page of an export begins: behind a message of a conversation.
struct export_place {
  model::conversation_id conversation;
  std::uint64_t after = 0;  ///< Index.
};

export_place read_place(std::string_view cursor) {
  if (cursor.empty())
    return {};
  const auto dot = cursor.find('.');
  const auto id = model::conversation_id::parse(cursor.substr(0, dot));
  std::uint64_t after = 0;
  const auto* end = cursor.data() + cursor.size();
  if (!id || dot == std::string_view::npos
      || std::from_chars(cursor.data() + dot + 1, end, after).ptr != end
      || after >= std::numeric_limits<std::uint64_t>::max() / 2)
    throw refusal{model::errc::malformed, "`cursor` is none of this query"};
  return {*id, after};
}

std::string place_text(const model::conversation_id& conversation, std::uint64_t after) {
  return conversation.text() + '.' + std::to_string(after);
}

/// All conversations with the contact, oldest first.
std::vector<model::conversation_state> conversations_with(const api_context& context,
                                                          const viewer& who_asks,
                                                          const model::contact& who) {
  conversation_query all;
  all.contact = who.id;
  all.limit = std::numeric_limits<std::size_t>::max();
  auto found = list_conversations(context.reader, who_asks, all).items;
  std::ranges::reverse(found);
  return found;
}

/// Writes the conversation with the messages that there is room for, at least itself. Returns the
/// index of the last message that is written, or was before.
std::uint64_t write_conversation_page(json_writer& json, const api_context& context,
                                      const model::conversation_state& state,
                                      const viewer& who_asks, std::uint64_t after,
                                      std::size_t& room) {
  const history_range range{.first = after + 1,
                            .last = std::min<std::uint64_t>(state.last_index, after + room)};
  json.begin_object().key("conversation");
  write_conversation(json, state, who_asks.owner->id, who_asks.numbers);
  json.key("messages").begin_array();
  const auto items = read_history(context.reader, state, range);
  for (const auto& item : items)
    write_history_item(json, item, state.pair, who_asks.numbers, context.urls);
  json.end_array().end_object();
  room -= std::clamp<std::size_t>(items.size(), 1, room);
  return std::max(after, range.last);
}

// -- erasure --------------------------------------------------------------------------------------

/// A message that has a text or files yet.
struct redaction {
  model::pair between;
  model::redact_message what;
};

bool is_by(const model::message_added& added, const std::vector<model::address>& addresses) {
  return added.author.type == model::author::kind::contact
         && std::ranges::find(addresses, added.author.id, &model::address::text)
              != addresses.end();
}

/// Adds the pair's messages that are not redacted, newest first, until there are `redactions_max`.
/// Of a group those that the contact has written: the others are other people's.
void collect_redactions(const store::reader& reader, const model::pair& between,
                        const std::vector<model::address>& addresses,
                        std::vector<redaction>& found) {
  const auto state = load_pair(reader, between.key());
  if (!state)
    return;
  std::unordered_set<model::id128, model::id_hash> redacted;
  reader.read_back(state->head_seq, [&](const store::record& at) {
    if (const auto* gone = std::get_if<model::message_redacted>(&at.event.body)) {
      redacted.insert(gone->message);
    } else if (const auto* added = std::get_if<model::message_added>(&at.event.body)) {
      if (!added->what->redacted && !redacted.contains(added->message)
          && (!between.theirs.is_group() || is_by(*added, addresses)))
        found.push_back(
          {between, {at.event.conversation, added->message, added->index, at.seq}});
    }
    return found.size() < redactions_max;
  });
}

/// The last command of a call: its answer is the call's.
struct erasure_envelope : api_envelope {
  model::contact_id contact;
  std::size_t redacted = 0;
};

model::answer erasure_answer(const model::contact_id& contact, std::size_t redacted, bool done) {
  model::answer made;
  made.status = done ? 200 : 202;
  json_writer json{made.body};
  json.begin_object().key("contact").text(contact.text());
  json.key("redacted").number(std::uint64_t{redacted}).key("done").flag(done).end_object();
  return made;
}

model::answer render_erasure(const actors::outcome& what) {
  if (what.refusal)
    return render_refusal(what);
  const auto& asked = static_cast<const erasure_envelope&>(what.asked);
  return erasure_answer(asked.contact, asked.redacted, false);
}

/// Gives every redaction to its number's actor; the last one answers the call.
void submit_redactions(const api_context& context, const api_call& call,
                       const model::contact_id& contact, std::vector<redaction> all) {
  const auto now = model::wall_clock();
  std::vector<std::pair<const actors::number_actor*, actors::envelope_ptr>> commands;
  for (auto& one : all) {
    const auto* number
      = context.board.number(one.between.organization, one.between.ours.identifier);
    if (number == nullptr)
      throw refusal{model::errc::unknown_number,
                    "`" + one.between.ours.text() + "` is no longer a number of the organisation"};
    auto command = std::make_shared<erasure_envelope>();
    command->pair = std::move(one.between);
    command->what = one.what;
    command->received_at = now;
    command->organization = call.caller.owner->id;
    command->retry_after_s = context.retry_after_s;
    command->contact = contact;
    command->redacted = all.size();
    if (commands.size() + 1 == all.size()) {
      command->answer_to = {call.where.lane, call.where.slot, call.where.generation};
      command->render = render_erasure;
    }
    commands.emplace_back(number, std::move(command));
  }
  if (const auto refused = context.admitted.try_admit())
    throw refusal{*refused, {}};
  for (auto& [number, command] : commands)
    caf::anon_send(*number, std::move(command));
}

}  // namespace

std::optional<model::answer> export_contact(const api_context& context, const api_call& call) {
  require_scope(*call.caller.key, "conversations:read");
  const query_parameters parameters{call.query, {"limit", "cursor"}};
  auto place = read_place(parameters.text("cursor").value_or(""));
  auto room = parameters.limit();
  const auto who = require_contact(context, call);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("contact");
  write_contact(json, who, call.who.numbers);
  json.key("consents").begin_array();
  if (!place.conversation.has_value())  // With the first page.
    for (const auto& one : consents_about(context.reader, call.caller.owner->index, who.addresses,
                                          exported_consents_max))
      write_consent_record(json, one, call.who.numbers);
  json.end_array().key("conversations").begin_array();
  std::string next;
  for (const auto& state : conversations_with(context, call.who, who)) {
    if (state.id < place.conversation)
      continue;
    const auto after = state.id == place.conversation ? place.after : 0;
    if (room == 0) {
      next = place_text(state.id, after);
      break;
    }
    const auto last
      = write_conversation_page(json, context, state, call.who, after, room);
    if (last < state.last_index) {
      next = place_text(state.id, last);
      break;
    }
  }
  json.end_array().key("next").text_or_null(next).end_object();
  return made;
}

std::optional<model::answer> erase_contact(const api_context& context, const api_call& call) {
  require_scope(*call.caller.key, "conversations:write");
  const query_parameters none{call.query, {}};
  require_json(call);
  const auto who = require_contact(context, call);
  std::vector<redaction> left;
  for (const auto& between : pairs_with(context.reader, *call.caller.owner, who.addresses))
    if (left.size() < redactions_max)
      collect_redactions(context.reader, between, who.addresses, left);
  if (!left.empty()) {
    submit_redactions(context, call, who.id, std::move(left));
    return std::nullopt;
  }
  // Everything is redacted, and durably so: it was read from the store. Then the contact goes, if
  // no address came to it meanwhile.
  submit_contact_change(
    context, call,
    [id = who.id, addresses = who.addresses, organization = call.caller.owner->index](auto& now) {
      const auto current = require_contact(now, organization, id);
      const bool done = current.addresses == addresses;
      if (done)
        now.remove(organization, id);
      return erasure_answer(id, 0, done);
    });
  return std::nullopt;
}

}  // namespace parley::ingress
