#include "src/ingress/api/bulk_parameters.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "parley/text/message_template.hpp"
#include "parley/text/placeholders.hpp"
#include "parley/text/utf8.hpp"
#include "src/ingress/api/licences.hpp"
#include "src/ingress/api/origin.hpp"
#include "src/ingress/api/templates.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/media_type.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

namespace parley::ingress {

namespace {

constexpr auto start_ahead_max = std::chrono::days{35};
constexpr std::uint64_t spread_s_max = 35 * 86'400;
constexpr std::size_t body_bytes_max = 64 * 1024;

bulk::body_format format_of(std::string_view content_type) {
  if (is_media_type(content_type, "application/x-ndjson"))
    return bulk::body_format::ndjson;
  if (is_media_type(content_type, "text/csv"))
    return bulk::body_format::csv;
  throw refusal{model::errc::unsupported_media,
                "the lines must be application/x-ndjson or text/csv"};
}

std::string required(const query_parameters& query, std::string_view name) {
  const auto text = query.text(name);
  if (!text || text->empty())
    throw refusal{model::errc::malformed, "`" + std::string{name} + "` is missing"};
  return std::string{*text};
}

/// A number without its channel is meant for SMS.
model::address from_of(const query_parameters& query) {
  const auto text = required(query, "from");
  const auto found = model::address::parse(text.find(':') == std::string::npos ? "sms:" + text
                                                                               : text);
  if (!found || found->kind == model::channel::chat || found->is_group())
    throw refusal{model::errc::malformed, "`from` must be a number such as sms:+15551230001"};
  return *found;
}

/// Whom it is sent for. A key that acts for a user sends for that user.
model::author author_of(const query_parameters& query, const viewer& who) {
  const auto user = query.text("user");
  const auto team = query.text("team");
  if (who.user != nullptr && (team || (user && *user != who.user->id)))
    throw refusal{model::errc::role_required,
                  "the key acts for `" + who.user->id + "` only"};
  if (who.user != nullptr)
    return {model::author::kind::user, who.user->id};
  if (user.has_value() == team.has_value())
    throw refusal{model::errc::malformed, "one of `user` and `team` must be given"};
  return user ? model::author{model::author::kind::user, std::string{*user}}
              : model::author{model::author::kind::team, std::string{*team}};
}

void read_body(const query_parameters& query, model::bulk_parameters& what) {
  what.body = query.text("body").value_or("");
  if (what.body.size() > body_bytes_max || !text::is_clean_utf8(what.body))
    throw refusal{model::errc::malformed, "`body` must be UTF-8 without NUL, of at most 64 KiB"};
  const auto names = text::placeholders_of(what.body);
  if (const auto* fault = std::get_if<text::placeholder_fault>(&names))
    throw refusal{model::errc::malformed, "`body` " + fault->why + " (character "
                                            + std::to_string(fault->character) + ")"};
}

void read_template(const model::organization& owner, std::string_view id, bulk_wish& wish) {
  const auto* entry = owner.find_template(id);
  if (entry == nullptr)
    throw refusal{model::errc::unknown_template,
                  "`template`: there is no template `" + std::string{id} + "`"};
  require_sendable(*entry, wish.what.from.kind);
  wish.entry = *entry;
  wish.what.body = text::text_of(*entry, {});
  std::string names;
  for (const auto& name : text::variables_of(*entry))
    names += (names.empty() ? "" : ",") + name;
  wish.what.made_from = model::sent_template{entry->id, entry->carrier_id, std::move(names)};
}

void read_times(const query_parameters& query, model::timestamp now,
                model::bulk_parameters& what) {
  if (const auto text = query.text("start_at")) {
    const auto at = model::from_rfc3339(*text);
    if (!at)
      throw refusal{model::errc::malformed, "`start_at` must be a time such as "
                                            "2026-01-31T12:00:00Z"};
    if (*at > now + start_ahead_max)
      throw refusal{model::errc::malformed, "`start_at` is more than 35 days ahead"};
    what.start_at = *at;
  }
  what.spread_ms
    = static_cast<std::int64_t>(query.number("spread_s", 0, spread_s_max).value_or(0)) * 1'000;
  what.quiet_hours = query.flag("quiet_hours").value_or(false);
}

void require_may_send(const model::directory::key_entry& caller,
                      const model::directory& directory, const model::bulk_parameters& what) {
  const auto& owner = *caller.owner;
  const auto found = directory.find_number(owner.index, what.from.identifier);
  if (!found)
    throw refusal{model::errc::unknown_number,
                  "`from`: `" + what.from.text() + "` is no number of the organisation"};
  require_channel(*found->number, what.from.kind);
  require_author(owner, what.author);
  const auto route = require_outbound_route(owner, *found->number, what.author);
  if (what.author.type != model::author::kind::user)
    return;
  const auto& user = *owner.find_user(what.author.id);
  require_role({&owner, &user, {}}, model::role::agent);
  if (what.from.kind == model::channel::whatsapp || !route.inbox.empty())
    require_pro_cx(user);
}

}  // namespace

bulk_wish read_bulk_wish(const model::directory::key_entry& caller,
                         const model::directory& directory, std::string_view query_text,
                         std::string_view content_type, model::timestamp now) {
  const query_parameters query{query_text,
                               {"from", "user", "team", "body", "template", "start_at",
                                "spread_s", "quiet_hours", "dry_run"}};
  bulk_wish wish;
  wish.format = format_of(content_type);
  wish.what.from = from_of(query);
  wish.what.author = author_of(query, viewer_of(caller));
  wish.what.key_name = caller.key->name;
  wish.dry_run = query.flag("dry_run").value_or(false);
  if (const auto& prices = caller.owner->prices;
      wish.dry_run && wish.what.from.kind == model::channel::sms && !prices.currency.empty())
    wish.cost.emplace(prices);
  read_times(query, now, wish.what);
  require_may_send(caller, directory, wish.what);
  if (const auto id = query.text("template")) {
    if (query.text("body"))
      throw refusal{model::errc::malformed, "only one of `body` and `template` may be given"};
    read_template(*caller.owner, *id, wish);
  } else {
    read_body(query, wish.what);
  }
  return wish;
}

model::id128 digest_of(const bulk_wish& wish) {
  const auto& what = wish.what;
  std::string bytes;
  const auto add = [&](std::string_view part) {
    bytes += std::to_string(part.size());
    bytes += ':';
    bytes += part;
  };
  add(what.from.text());
  add(to_string(what.author.type));
  add(what.author.id);
  // Not the text that a template makes, which may be another one by the time of the repetition.
  add(what.made_from ? what.made_from->id : what.body);
  add(what.made_from ? "template" : "body");
  add(std::to_string(what.start_at.time_since_epoch().count()));
  add(std::to_string(what.spread_ms));
  add(what.quiet_hours ? "quiet" : "");
  add(wish.format == bulk::body_format::csv ? "csv" : "ndjson");
  const auto full = sha256(bytes);
  model::id128 first;
  std::copy_n(full.begin(), first.bytes.size(), first.bytes.begin());
  return first;
}

}  // namespace parley::ingress
