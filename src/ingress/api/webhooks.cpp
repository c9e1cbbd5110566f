#include "src/ingress/api/webhooks.hpp"

#include "actors/webhook.hpp"
#include "parley/model/event.hpp"
#include "parley/model/time.hpp"
#include "src/ingress/api/object_reader.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace parley::ingress {

namespace {

/// Events that one call chooses.
constexpr std::size_t chosen_max = 1'000;
constexpr std::size_t id_bytes_max = 64;
/// Lines of the log that are read at once while those that are wanted are looked for.
constexpr std::size_t tries_at_once = 1'000;

const model::webhook& require_webhook(const api_call& call) {
  const auto* found = call.caller.owner->find_webhook(call.id);
  if (found == nullptr)
    throw refusal{model::errc::not_found, "there is no webhook of that name"};
  return *found;
}

// -- the delivery log -----------------------------------------------------------------------------

struct outcome_word {
  std::string_view text;
  store::webhook_outcome value;
};
constexpr auto outcome_words = std::to_array<outcome_word>(
  {{"delivered", store::webhook_outcome::delivered},
   {"retrying", store::webhook_outcome::retrying},
   {"dead", store::webhook_outcome::dead}});

std::string_view word_for(store::webhook_outcome value) {
  return std::ranges::find(outcome_words, value, &outcome_word::value)->text;
}

model::event_id read_event_id(std::string_view member, std::string_view text) {
  const auto id = model::event_id::parse(text);
  if (!id)
    throw refusal{model::errc::malformed, '`' + std::string{member} + "` must name events such as "
                                            "ev_…, not `" + std::string{text} + '`'};
  return *id;
}

/// Which lines are wanted.
struct try_query {
  std::optional<model::event_id> event;
  std::optional<store::webhook_outcome> outcome;
  std::uint64_t before = 0;
  std::size_t limit = 0;

  [[nodiscard]] bool wants(const store::webhook_try& one) const {
    return (!event || one.event == *event) && (!outcome || one.outcome == *outcome);
  }
};

try_query read_try_query(const api_call& call) {
  constexpr auto newest = std::numeric_limits<std::uint64_t>::max();
  const query_parameters given{call.query, {"event", "outcome", "limit", "cursor"}};
  try_query made;
  made.before = given.number("cursor", 1, newest).value_or(newest);
  made.limit = given.limit();
  if (const auto event = given.text("event"))
    made.event = read_event_id("event", *event);
  if (const auto outcome = given.text("outcome")) {
    const auto found = std::ranges::find(outcome_words, *outcome, &outcome_word::text);
    if (found == outcome_words.end())
      throw refusal{model::errc::malformed, "`outcome` must be one of delivered, retrying, dead, "
                                            "not `" + std::string{*outcome} + '`'};
    made.outcome = found->value;
  }
  return made;
}

void write_status(json_writer& json, std::int32_t status) {
  json.key("status");
  if (status == 0)
    json.null();
  else
    json.number(std::int64_t{status});
}

void write_try(json_writer& json, const store::webhook_try& one) {
  json.begin_object().key("event").text(one.event.text()).key("seq").number(one.seq);
  json.key("type").text(one.type).key("attempt").number(std::uint64_t{one.attempt});
  json.key("at").text(model::to_rfc3339(one.at)).key("outcome").text(word_for(one.outcome));
  write_status(json, one.status);
  json.key("error").text_or_null(one.error);
  json.key("duration_ms").number(one.duration_ms).end_object();
}

std::optional<model::answer> list_deliveries(const api_context& context, const api_call& call) {
  const auto& webhook = require_webhook(call);
  auto query = read_try_query(call);
  std::vector<store::webhook_try> items;
  std::uint64_t next = 0;
  while (next == 0) {
    const auto lines = context.reader.webhook_tries(call.caller.owner->index, webhook.id,
                                                    query.before, tries_at_once);
    for (const auto& line : lines) {
      if (items.size() == query.limit) {
        next = query.before;
        break;
      }
      query.before = line.number;
      if (query.wants(line))
        items.push_back(line);
    }
    if (lines.size() < tries_at_once)
      break;
  }
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  for (const auto& one : items)
    write_try(json, one);
  json.end_array().key("next").text_or_null(next == 0 ? std::string{} : std::to_string(next));
  json.end_object();
  return made;
}

// -- dead letters ---------------------------------------------------------------------------------

std::optional<model::answer> list_dead(const api_context& context, const api_call& call) {
  const auto& webhook = require_webhook(call);
  const query_parameters given{call.query, {"limit", "cursor"}};
  const auto cursor = given.text("cursor");
  const auto limit = given.limit();
  const auto letters
    = context.reader.dead_letters(call.caller.owner->index, webhook.id,
                                  cursor ? read_event_id("cursor", *cursor) : model::event_id{},
                                  limit + 1);
  const auto shown = std::min(letters.size(), limit);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& one = letters[i];
    json.begin_object().key("event").text(one.event.text()).key("seq").number(one.seq);
    json.key("type").text(one.type).key("failed_at").text(model::to_rfc3339(one.failed_at));
    json.key("attempts").number(std::uint64_t{one.attempts});
    write_status(json, one.status);
    json.key("error").text_or_null(one.error).end_object();
  }
  json.end_array().key("next");
  json.text_or_null(letters.size() > shown ? letters[shown - 1].event.text() : std::string{});
  json.end_object();
  return made;
}

// -- replay ---------------------------------------------------------------------------------------

/// Whether the record has an event of that id: its own, or the second one of a conversation that
/// nobody is responsible for.
bool has_event(const store::record& record, const model::event_id& id) {
  if (model::external_type(record.event.body).empty())
    return false;
  const auto own = model::event_id_of(record.seq, record.event.at);
  const auto* opened = std::get_if<model::conversation_opened>(&record.event.body);
  return id == own || (opened != nullptr && opened->route.unrouted && id == model::twin_of(own));
}

/// The events that the body names. Nothing is posted unless there are all of them.
std::vector<model::event_id> chosen_events(const api_context& context, const api_call& call,
                                           const object_reader& in) {
  std::vector<model::event_id> all;
  for (const auto& text : in.texts("events", chosen_max, id_bytes_max)) {
    const auto id = read_event_id("events", text);
    const auto record = context.reader.at(model::seq_of(id));
    if (!record || record->organization != call.caller.owner->index || !has_event(*record, id))
      throw refusal{model::errc::not_found, "`events`: there is no event `" + text + '`'};
    all.push_back(id);
  }
  if (all.empty())
    throw refusal{model::errc::malformed, "`events` must name at least one event"};
  return all;
}

std::uint64_t read_after(const api_context& context, const object_reader& in) {
  const auto after = in.integer("after");
  if (!after || *after < 0 || static_cast<std::uint64_t>(*after) > context.feed.committed())
    throw refusal{model::errc::malformed,
                  "`after` must be a position of the journal, 0 to "
                    + std::to_string(context.feed.committed())};
  return static_cast<std::uint64_t>(*after);
}

actors::webhook_replay read_replay(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  const object_reader in{call.body, context.json_depth_max};
  in.allow_only({"after", "events", "dead"}, {});
  const auto* dead = in.find("dead");
  if (int{in.given("after")} + int{in.given("events")} + int{dead != nullptr} != 1)
    throw refusal{model::errc::malformed, "one of `after`, `events` and `dead` must be given"};
  actors::webhook_replay made;
  if (in.given("after"))
    made.after = read_after(context, in);
  else if (dead == nullptr)
    made.events = chosen_events(context, call, in);
  else if (!dead->is_bool() || !dead->get_bool())
    throw refusal{model::errc::malformed, "`dead` can only be true"};
  made.dead = dead != nullptr;
  return made;
}

std::optional<model::answer> post_replay(const api_context& context, const api_call& call) {
  const auto& webhook = require_webhook(call);
  auto asked = std::make_shared<actors::webhook_replay>(read_replay(context, call));
  const auto* whom = context.board.webhook(call.caller.owner->index, webhook.id);
  if (whom == nullptr)
    throw refusal{model::errc::internal, {}};
  asked->answer_to = {call.where.lane, call.where.slot, call.where.generation};
  asked->answer = [id = webhook.id, after = asked->after](std::size_t chosen) {
    model::answer made;
    made.status = 202;
    json_writer json{made.body};
    json.begin_object().key("webhook").text(id).key("after");
    if (after)
      json.number(*after);
    else
      json.null();
    json.key("events").number(std::uint64_t{chosen}).end_object();
    return made;
  };
  asked->refusal = [retry_after_s = context.retry_after_s] {
    return problem(model::errc::too_many, "too many events wait to be posted again",
                   retry_after_s);
  };
  if (const auto refused = context.admitted.try_admit())
    throw refusal{*refused, {}};
  caf::anon_send(*whom, actors::webhook_replay_ptr{std::move(asked)});
  return std::nullopt;
}

using model::role;

constexpr auto routes = std::to_array<route>({
  {http::method::get, "/v1/webhooks/{}/deliveries", "directory:read", role::admin,
   list_deliveries},
  {http::method::get, "/v1/webhooks/{}/dead", "directory:read", role::admin, list_dead},
  {http::method::post, "/v1/webhooks/{}/replay", "directory:write", role::admin, post_replay},
});

}  // namespace

std::span<const route> webhook_routes() noexcept {
  return routes;
}

}  // namespace parley::ingress
