#include "src/ingress/api/consents.hpp"

#include "parley/model/directory_words.hpp"
#include "parley/model/time.hpp"
#include "src/ingress/api/contacts.hpp"
#include "src/ingress/api/object_reader.hpp"
#include "src/ingress/api/pages.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/representation.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace parley::ingress {

namespace {

constexpr std::string_view reads = "consents:read";
constexpr std::string_view writes = "consents:write";
/// Changes that one page looks at.
constexpr std::size_t scan_max = 10'000;
constexpr std::size_t member_bytes_max = 512;
constexpr std::size_t remark_bytes_max = 1'600;

// -- reading --------------------------------------------------------------------------------------

/// What a list asks for.
struct consent_query {
  std::vector<std::string> addresses;  ///< In order; one that is empty stands for all.
  std::string number;                  ///< Empty: any.
  std::optional<model::consent_state> state;
  bool history = false;
  std::string after;
  std::size_t limit = 0;
};

model::consent_state read_state(std::string_view text) {
  const auto found = model::value_of<model::consent_state>(text);
  if (!found)
    throw refusal{model::errc::malformed, "`state` must be one of "
                                            + model::all_words<model::consent_state>() + ", not `"
                                            + std::string{text} + '`'};
  return *found;
}

/// An address without a channel matches every channel.
std::vector<std::string> addresses_named(std::string_view text) {
  std::vector<std::string> all;
  if (model::address::parse(text))
    all.emplace_back(text);
  else
    for (const std::string channel : {"sms:", "whatsapp:"})
      if (model::address::parse(channel + std::string{text}))
        all.push_back(channel + std::string{text});
  if (all.empty())
    throw refusal{model::errc::malformed, "`address` must be an address, not `"
                                            + std::string{text} + '`'};
  return all;
}

std::vector<std::string> addresses_of_contact(const api_context& context, const api_call& call,
                                              std::string_view text) {
  const auto id = model::contact_id::parse(text);
  const auto who = id ? context.reader.find_contact(call.caller.owner->index, *id) : std::nullopt;
  if (!who)
    throw refusal{model::errc::malformed, "`contact` names no contact"};
  std::vector<std::string> all;
  std::ranges::transform(who->addresses, std::back_inserter(all), &model::address::text);
  std::ranges::sort(all);
  return all;
}

consent_query read_query(const api_context& context, const api_call& call) {
  const query_parameters given{
    call.query, {"address", "contact", "number", "state", "history", "limit", "cursor"}};
  consent_query made;
  const auto address = given.text("address");
  const auto contact = given.text("contact");
  if (address && contact)
    throw refusal{model::errc::malformed, "`address` and `contact` exclude each other"};
  if (address && call.who.numbers == audience::masked)
    throw refusal{model::errc::forbidden,
                  "a search by number needs the scope `" + std::string{contact_numbers_scope}
                    + "`: customers' numbers are hidden"};
  made.addresses = address   ? addresses_named(*address)
                   : contact ? addresses_of_contact(context, call, *contact)
                             : std::vector<std::string>{{}};
  made.number = given.text("number").value_or("");
  if (const auto state = given.text("state"))
    made.state = read_state(*state);
  made.history = given.flag("history").value_or(false);
  made.after = name_of_cursor(given.text("cursor").value_or(""));
  made.limit = given.limit();
  return made;
}

std::optional<model::answer> list_consents(const api_context& context, const api_call& call) {
  const auto query = read_query(context, call);
  std::vector<store::consent_record> items;
  std::optional<std::string> next;
  auto scan_left = scan_max;
  const auto take = [&](const store::consent_record& one) {
    if (items.size() == query.limit)
      return false;
    --scan_left;
    if ((query.number.empty() || one.change.number == query.number)
        && (!query.state || one.change.state == *query.state))
      items.push_back(one);
    return true;
  };
  for (auto address = query.addresses.begin(); address != query.addresses.end() && !next;
       ++address)
    next = context.reader.read_consents(call.caller.owner->index, *address, query.after,
                                        !query.history, scan_left, take);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  for (const auto& one : items)
    write_consent_record(json, one, call.who.numbers);
  json.end_array().key("next").text_or_null(next ? name_cursor(*next) : std::string{});
  json.end_object();
  return made;
}

/// The record that the path names. Its id is that of its event, which says where it stands.
store::consent_record require_consent(const api_context& context, const api_call& call) {
  const auto id = model::event_id::parse(call.id);
  std::optional<store::record> found;
  if (id)
    found = context.reader.at(model::seq_of(*id));
  const auto* change
    = found ? std::get_if<model::consent_changed>(&found->event.body) : nullptr;
  if (change == nullptr || found->organization != call.caller.owner->index
      || model::event_id_of(found->seq, found->event.at) != *id)
    throw refusal{model::errc::not_found, "there is no such consent record"};
  return {found->seq, found->event.at, found->event.conversation, *change};
}

model::answer shown(int status, const store::consent_record& record, audience who) {
  model::answer made;
  made.status = status;
  json_writer json{made.body};
  write_consent_record(json, record, who);
  return made;
}

std::optional<model::answer> get_consent(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  return shown(200, require_consent(context, call), call.who.numbers);
}

// -- changing -------------------------------------------------------------------------------------

template <int status>
model::answer render_consent(const actors::outcome& what) {
  if (what.refusal)
    return render_refusal(what);
  const auto& asked = static_cast<const api_envelope&>(what.asked);
  const auto& event = what.events.front();
  // The first of the pair's newest events, which follow each other without gaps.
  const auto seq = what.state.head_seq - (what.events.size() - 1);
  return shown(status, {seq, event.at, event.conversation,
                     std::get<model::consent_changed>(event.body)},
               asked.numbers);
}

/// Who records it: the key's user, the one whom an application names, or the key itself.
std::string recorder(const api_call& call, const object_reader& in) {
  const auto named = in.name("user");
  if (call.who.user != nullptr) {
    if (!named.empty() && named != call.who.user->id)
      throw refusal{model::errc::role_required, "the key acts for `" + call.who.user->id
                                                  + "` only, not for `" + named + "`"};
    return call.who.user->id;
  }
  if (named.empty())
    return call.caller.key->name;
  if (call.caller.owner->find_user(named) == nullptr)
    throw refusal{model::errc::unknown_user, "there is no user `" + named + '`'};
  return named;
}

/// Through which of our numbers it is recorded: the one it is about, or any, when it is about all.
const model::number& number_for(const model::organization& owner, std::string_view identifier) {
  if (identifier.empty() && !owner.numbers.empty())
    return owner.numbers.front();
  const auto found = std::ranges::find(owner.numbers, identifier, &model::number::identifier);
  if (found == owner.numbers.end())
    throw refusal{model::errc::unknown_number,
                  identifier.empty()
                    ? "the organisation has no number yet"
                    : "`" + std::string{identifier} + "` is no number of the organisation"};
  return *found;
}

void record(const api_context& context, const api_call& call, const model::address& theirs,
            std::string_view identifier, const object_reader& in, actors::renderer render) {
  const auto& owner = *call.caller.owner;
  const auto& number = number_for(owner, identifier);
  if (!in.given("state"))
    throw refusal{model::errc::malformed, "`state` is missing"};
  model::change_consent what{.address = theirs.text(),
                             .everywhere = identifier.empty()
                                           || owner.consent.scope
                                                == model::consent_scope::organization,
                             .state = read_state(in.text("state", member_bytes_max)),
                             .text = in.text_or_null("text", remark_bytes_max),
                             .by = recorder(call, in)};
  submit(context, call, {owner.index, {theirs.kind, number.identifier}, theirs}, std::move(what),
         model::wall_clock(), render);
}

std::optional<model::answer> post_consent(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  const object_reader in{call.body, context.json_depth_max};
  in.allow_only({"address", "number", "state", "text", "user"}, {});
  const auto text = in.text("address", member_bytes_max);
  const auto theirs = model::address::parse(text);
  if (!theirs || theirs->kind == model::channel::chat || theirs->is_group())
    throw refusal{model::errc::malformed,
                  "`address` must be one outside address with its channel, such as "
                  "sms:+15550001234, not `" + text + '`'};
  record(context, call, *theirs, in.text_or_null("number", member_bytes_max), in,
         render_consent<201>);
  return std::nullopt;
}

/// The same person and number, another wish: a new record, which has a new id.
std::optional<model::answer> patch_consent(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  const auto known = require_consent(context, call);
  const object_reader in{call.body, context.json_depth_max};
  in.allow_only({"state", "text", "user"}, {});
  const auto theirs = model::address::parse(known.change.address);
  if (!theirs)
    throw refusal{model::errc::internal, {}};
  record(context, call, *theirs, known.change.number, in, render_consent<200>);
  return std::nullopt;
}

using model::role;

constexpr auto routes = std::to_array<route>({
  {http::method::get, "/v1/consents", reads, role::read_only, list_consents},
  {http::method::post, "/v1/consents", writes, role::agent, post_consent},
  {http::method::get, "/v1/consents/{}", reads, role::read_only, get_consent},
  {http::method::patch, "/v1/consents/{}", writes, role::agent, patch_consent},
});

}  // namespace

std::span<const route> consent_routes() noexcept {
  return routes;
}

void write_consent_record(json_writer& json, const store::consent_record& record, audience who) {
  json.begin_object().key("id").text(model::event_id_of(record.seq, record.at).text());
  write_consent(json, record.conversation, record.change, who);
  json.key("created_at").text(model::to_rfc3339(record.at)).end_object();
}

std::vector<store::consent_record>
consents_about(const store::reader& reader, std::uint32_t organization,
               const std::vector<model::address>& addresses, std::size_t count_max) {
  std::vector<store::consent_record> all;
  for (const auto& address : addresses)
    reader.read_consents(organization, address.text(), {}, false, count_max,
                         [&](const store::consent_record& one) {
                           if (all.size() == count_max)
                             return false;
                           all.push_back(one);
                           return true;
                         });
  return all;
}

}  // namespace parley::ingress
