#include "src/ingress/api/directory.hpp"

#include "actors/registrar.hpp"
#include "parley/carrier/form.hpp"
#include "parley/model/directory_rules.hpp"
#include "parley/model/directory_words.hpp"
#include "parley/store/rows.hpp"
#include "src/ingress/api/directory_changes.hpp"
#include "src/ingress/api/directory_entries.hpp"
#include "src/ingress/api/pages.hpp"
#include "src/ingress/api/reach.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/secret.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace parley::ingress {

namespace {

constexpr std::size_t bulk_users_max = 1'000;
constexpr std::string_view reads = "directory:read";
constexpr std::string_view writes = "directory:write";

using change
  = std::function<actors::change_outcome(model::organization& owner,
                                         const std::vector<model::organization>& all)>;
using reader_ptr = std::shared_ptr<const object_reader>;

/// Admits the change and gives it to the registrar. Throws `refusal` when it is not admitted.
void submit_change(const api_context& context, const api_call& call, change what) {
  auto asked = std::make_shared<actors::directory_change>();
  asked->organization = call.caller.owner->index;
  asked->answer_to = {call.where.lane, call.where.slot, call.where.generation};
  asked->make = [what = std::move(what), retry_after_s = context.retry_after_s](
                  model::organization& owner, const std::vector<model::organization>& all) {
    try {
      return what(owner, all);
    } catch (const refusal& no) {
      return actors::change_outcome{problem(no.code(), no.detail(), retry_after_s), false};
    } catch (const std::exception& fault) {
      log().error("api: a change of the directory failed, cause=\"{}\"", fault.what());
      return actors::change_outcome{problem(model::errc::internal, {}, 0), false};
    }
  };
  if (const auto refused = context.admitted.try_admit())
    throw refusal{*refused, {}};
  caf::anon_send(context.registrar, actors::directory_change_ptr{std::move(asked)});
}

reader_ptr read_body(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  return std::make_shared<const object_reader>(call.body, context.json_depth_max);
}

/// The `{}` of the path: an address has a `+`, a key's name may have anything.
std::string id_of(const api_call& call) {
  auto id = carrier::percent_decode(call.id, false);
  if (!id)
    throw refusal{model::errc::malformed, "the path has a broken percent escape"};
  return std::move(*id);
}

/// Nobody gives more than there is to give: a key that may change the directory is not one that may
/// do everything.
void require_own_scopes(const model::api_key& caller, const std::vector<std::string>& scopes) {
  for (const auto& scope : scopes)
    if (!has_scope(caller, scope))
      throw refusal{model::errc::forbidden,
                    "the key of this request cannot give the scope `" + scope
                      + "`, which it does not have"};
}

/// What only this kind asks for before it is removed; the rules have the rest.
template <class T>
void require_removable(const api_context&, const api_call&, const T&) {}

void require_removable(const api_context&, const api_call& call, const model::api_key& entry) {
  if (entry.digest == call.caller.key->digest)
    throw refusal{model::errc::in_use, "this very request is made with it"};
}

void require_removable(const api_context& context, const api_call& call,
                       const model::number& entry) {
  for (const auto kind : {model::channel::sms, model::channel::whatsapp}) {
    const auto prefix
      = store::outbox_prefix(call.caller.owner->index, {kind, entry.identifier});
    if (!context.reader.outbox(prefix, store::lane::reply, 0, 1).empty())
      throw refusal{model::errc::in_use, "messages wait to be sent from it"};
  }
}

/// Adds a key, and shows it when it was made here: once, for it is not kept.
change add_key(model::api_key entry, std::string shown, std::size_t entries_max, model::role mine) {
  return [entry = std::move(entry), shown = std::move(shown), entries_max,
          mine](model::organization& owner, const auto& all) {
    require_reach(mine, owner, entry);
    const auto& added = add_entry(owner, all, entry, entries_max);
    actors::change_outcome made;
    made.answer.status = 201;
    made.changed = true;
    json_writer json{made.answer.body};
    json.begin_object();
    write_members(json, added);
    if (!shown.empty())
      json.key("key").text(shown);
    json.end_object();
    return made;
  };
}

void post_key(const api_context& context, const api_call& call, const object_reader& in) {
  model::api_key entry;
  read_members(in, entry);
  require_own_scopes(*call.caller.key, entry.scopes);
  std::string shown;
  if (in.given("key")) {
    const auto given = in.text("key", secret_bytes_max);
    if (!is_strong_enough(given))
      throw refusal{model::errc::malformed,
                    "`key` must be 16 to 512 printable ASCII characters without spaces; without "
                    "`key` a good one is made"};
    entry.digest = sha256(given);
  } else {
    shown = make_secret();
    entry.digest = sha256(shown);
  }
  submit_change(
    context, call,
    add_key(std::move(entry), std::move(shown), context.directory_entries_max,
            role_of(call.who)));
}

/// What is shown of an entry besides what the directory has.
template <class T>
void write_more(json_writer&, actors::attendance&, const model::organization&, const T&) {}

void write_more(json_writer& json, actors::attendance& presences,
                const model::organization& owner, const model::user& entry) {
  json.key("presence").text(model::word_for(presences.of(owner.index, entry.id)));
}

/// The resource as it is shown.
template <class T>
model::answer shown(int status, actors::attendance& presences, const model::organization& owner,
                    const T& entry) {
  model::answer made;
  made.status = status;
  json_writer json{made.body};
  json.begin_object();
  write_members(json, entry);
  write_more(json, presences, owner, entry);
  json.end_object();
  return made;
}

// -- presence -------------------------------------------------------------------------------------

/// With what the renderer shows: the user, of a directory that is kept for it.
struct presence_envelope : actors::envelope {
  model::directory_ptr directory;
  const model::user* user = nullptr;
  std::uint32_t retry_after_s = 0;
};

model::answer render_presence(const actors::outcome& what) {
  const auto& asked = static_cast<const presence_envelope&>(what.asked);
  if (what.refusal)
    return problem(*what.refusal, {}, asked.retry_after_s);
  model::answer made;
  json_writer json{made.body};
  json.begin_object();
  write_members(json, *asked.user);
  json.key("presence").text(model::word_for(what.state.presence)).end_object();
  return made;
}

/// A user's presence is no entry of the directory: the PARTICIPANT has it.
void submit_presence(const api_context& context, const api_call& call, const object_reader& in) {
  constexpr std::size_t word_bytes_max = 64;
  const auto& owner = *call.caller.owner;
  const auto& user = require_entry<model::user>(owner, id_of(call));
  if (call.who.user != nullptr && call.who.user->id != user.id)
    require_role(call.who, model::role::admin);
  in.allow_only({"presence"}, {});
  const auto text = in.text("presence", word_bytes_max);
  const auto wanted = model::value_of<model::presence>(text);
  if (!wanted)
    throw refusal{model::errc::malformed, "`presence` must be one of "
                                            + model::all_words<model::presence>() + ", not `"
                                            + text + '`'};
  const auto* participant = context.board.participant(owner.index, user.id);
  if (participant == nullptr)
    throw refusal{model::errc::not_found, "there is no user of that name"};
  auto asked = std::make_shared<presence_envelope>();
  asked->pair = actors::presence_pair(owner.index, user.id);
  asked->what = model::change_availability{user.id, *wanted, false};
  asked->received_at = model::wall_clock();
  asked->answer_to = {call.where.lane, call.where.slot, call.where.generation};
  asked->render = render_presence;
  asked->directory = call.directory;
  asked->user = &user;
  asked->retry_after_s = context.retry_after_s;
  if (const auto refused = context.admitted.try_admit())
    throw refusal{*refused, {}};
  caf::anon_send(*participant, actors::envelope_ptr{std::move(asked)});
}

/// Whether the request is about nothing that the directory has.
template <class T>
bool is_about_presence(const object_reader&) {
  return false;
}
template <>
bool is_about_presence<model::user>(const object_reader& in) {
  return in.given("presence")
         && !std::ranges::any_of(
           std::array{"id", "name", "licence", "extension", "email", "role", "time_zone"},
           [&](std::string_view other) { return in.given(other); });
}

// -- the calls ------------------------------------------------------------------------------------

template <class T>
std::optional<model::answer> list_entries(const api_context& context, const api_call& call) {
  using kind = model::entry_kind<T>;
  const query_parameters parameters{call.query, {"limit", "cursor"}};
  const auto& owner = *call.caller.owner;
  const auto& all = owner.*kind::all;
  std::vector<std::pair<std::string_view, const T*>> lines;
  lines.reserve(all.size());
  for (const auto& entry : all)
    lines.emplace_back(entry.*kind::id, &entry);
  return page_of(std::move(lines), parameters, [&](json_writer& json, const T* entry) {
    json.begin_object();
    write_members(json, *entry);
    write_more(json, context.presences, owner, *entry);
    json.end_object();
  });
}

template <class T>
std::optional<model::answer> get_entry(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  const auto& owner = *call.caller.owner;
  return shown(200, context.presences, owner, require_entry<T>(owner, id_of(call)));
}

template <class T>
std::optional<model::answer> post_entry(const api_context& context, const api_call& call) {
  const auto in = read_body(context, call);
  if constexpr (std::is_same_v<T, model::api_key>) {
    post_key(context, call, *in);
  } else {
    T entry;
    read_members(*in, entry);
    if constexpr (std::is_same_v<T, model::user>)
      require_presence(*in, model::presence::offline);
    submit_change(context, call,
                  [entry = std::move(entry), &presences = context.presences,
                   entries_max = context.directory_entries_max,
                   mine = role_of(call.who)](model::organization& owner, const auto& all) {
                    require_reach(mine, owner, entry);
                    const auto& added = add_entry(owner, all, entry, entries_max);
                    return actors::change_outcome{shown(201, presences, owner, added), true};
                  });
  }
  return std::nullopt;
}

template <class T>
std::optional<model::answer> patch_entry(const api_context& context, const api_call& call) {
  const auto in = read_body(context, call);
  if (is_about_presence<T>(*in)) {
    submit_presence(context, call, *in);
    return std::nullopt;
  }
  require_role(call.who, model::role::admin);
  const auto id = id_of(call);
  // What cannot be read is refused here; it is read once more into what there is by then.
  auto entry = require_entry<T>(*call.caller.owner, id);
  read_members(*in, entry);
  if constexpr (std::is_same_v<T, model::user>)
    require_presence(*in, context.presences.of(call.caller.owner->index, id));
  if constexpr (std::is_same_v<T, model::api_key>)
    if (in->given("scopes"))
      require_own_scopes(*call.caller.key, entry.scopes);
  submit_change(context, call,
                [in, id, &presences = context.presences,
                 mine = role_of(call.who)](model::organization& owner, const auto&) {
                  auto changed = require_entry<T>(owner, id);
                  require_reach(mine, owner, changed);
                  read_members(*in, changed);
                  require_reach(mine, owner, changed);
                  return actors::change_outcome{
                    shown(200, presences, owner, change_entry<T>(owner, id, *in)), true};
                });
  return std::nullopt;
}

template <class T>
std::optional<model::answer> delete_entry(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  const auto id = id_of(call);
  require_removable(context, call, require_entry<T>(*call.caller.owner, id));
  submit_change(context, call, [id, mine = role_of(call.who)](model::organization& owner,
                                                              const auto&) {
    require_reach(mine, owner, require_entry<T>(owner, id));
    remove_entry<T>(owner, id);
    actors::change_outcome made;
    made.answer.status = 204;
    made.changed = true;
    return made;
  });
  return std::nullopt;
}

std::optional<model::answer> post_users(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  auto body = parse_json(call.body, context.json_depth_max);
  if (const auto* object = body.if_object()) {
    const object_reader in{body};
    in.allow_only({"users"}, {});
    auto users = in.given("users") ? object->at("users") : boost::json::value();
    body = std::move(users);
  }
  if (!body.is_array())
    throw refusal{model::errc::malformed, "the body must be an array of users, or have one as "
                                          "`users`"};
  if (body.get_array().size() > bulk_users_max)
    throw refusal{model::errc::malformed, "at most 1,000 users are taken at once"};
  std::vector<boost::json::value> rows{body.get_array().begin(), body.get_array().end()};
  submit_change(context, call,
                [rows = std::move(rows), entries_max = context.directory_entries_max,
                 mine = role_of(call.who)](model::organization& owner, const auto&) {
                  return add_users(owner, rows, entries_max, mine);
                });
  return std::nullopt;
}

std::optional<model::answer> list_directory(const api_context& context, const api_call& call) {
  struct line {
    const model::user* user = nullptr;
    const model::team* team = nullptr;
  };
  const query_parameters parameters{call.query, {"limit", "cursor"}};
  const auto& owner = *call.caller.owner;
  std::vector<std::string> names;  // Which the lines are ordered by.
  std::vector<line> found;
  for (const auto& team : owner.teams) {
    names.push_back("team:" + team.id);
    found.push_back({nullptr, &team});
  }
  for (const auto& user : owner.users) {
    names.push_back("user:" + user.id);
    found.push_back({&user, nullptr});
  }
  std::vector<std::pair<std::string_view, line>> lines;
  for (std::size_t i = 0; i < names.size(); ++i)
    lines.emplace_back(names[i], found[i]);
  return page_of(std::move(lines), parameters, [&](json_writer& json, const line& one) {
    json.begin_object().key("type").text(one.user != nullptr ? "user" : "team");
    if (one.user != nullptr) {
      write_members(json, *one.user);
      write_more(json, context.presences, owner, *one.user);
    } else {
      write_members(json, *one.team);
      json.key("inbox").flag(owner.find_inbox(one.team->id) != nullptr);
    }
    json.end_object();
  });
}

/// The settings of an organisation are one resource, which is always there.
std::optional<model::answer> get_settings(const api_context&, const api_call& call) {
  const query_parameters none{call.query, {}};
  return shown_entry(200, *call.caller.owner);
}

std::optional<model::answer> patch_settings(const api_context& context, const api_call& call) {
  const auto in = read_body(context, call);
  submit_change(context, call, [in](model::organization& owner, const auto&) {
    change_settings(owner, *in);
    return actors::change_outcome{shown_entry(200, owner), true};
  });
  return std::nullopt;
}

using model::role;

/// The five methods of a resource. `reader` is the least role that is shown it.
template <class T>
constexpr std::array<route, 5> resource(std::string_view all, std::string_view one, role reader) {
  return {{{http::method::get, all, reads, reader, list_entries<T>},
           {http::method::post, all, writes, role::admin, post_entry<T>},
           {http::method::get, one, reads, reader, get_entry<T>},
           {http::method::patch, one, writes, role::admin, patch_entry<T>},
           {http::method::del, one, writes, role::admin, delete_entry<T>}}};
}

/// Whoever may act says whether he or she is there; `patch_entry` asks for more where it is more.
constexpr std::array<route, 5> user_resource() {
  auto all = resource<model::user>("/v1/users", "/v1/users/{}", role::read_only);
  for (auto& one : all)
    if (one.verb == http::method::patch)
      one.role = role::agent;
  return all;
}

template <std::size_t... Counts>
constexpr auto join(const std::array<route, Counts>&... parts) {
  std::array<route, (Counts + ...)> all{};
  auto* end = all.data();
  ((end = std::ranges::copy(parts, end).out), ...);
  return all;
}

constexpr auto routes = join(
  std::to_array<route>(
    {{http::method::post, "/v1/users/bulk", writes, role::admin, post_users},
     {http::method::get, "/v1/directory", reads, role::read_only, list_directory},
     {http::method::get, "/v1/organization", reads, role::read_only, get_settings},
     {http::method::patch, "/v1/organization", writes, role::admin, patch_settings}}),
  user_resource(),
  resource<model::team>("/v1/teams", "/v1/teams/{}", role::read_only),
  resource<model::inbox>("/v1/inboxes", "/v1/inboxes/{}", role::read_only),
  resource<model::number>("/v1/numbers", "/v1/numbers/{}", role::read_only),
  resource<model::link>("/v1/links", "/v1/links/{}", role::read_only),
  resource<model::caller_id_list>("/v1/caller-id-lists", "/v1/caller-id-lists/{}", role::read_only),
  resource<model::api_key>("/v1/keys", "/v1/keys/{}", role::admin),
  resource<model::business_hours>("/v1/business-hours", "/v1/business-hours/{}", role::read_only),
  resource<model::rule>("/v1/rules", "/v1/rules/{}", role::read_only),
  resource<model::data_action>("/v1/data-actions", "/v1/data-actions/{}", role::read_only),
  resource<model::message_template>("/v1/templates", "/v1/templates/{}", role::read_only),
  resource<model::webhook>("/v1/webhooks", "/v1/webhooks/{}", role::read_only));

}  // namespace

std::span<const route> directory_routes() noexcept {
  return routes;
}

}  // namespace parley::ingress
