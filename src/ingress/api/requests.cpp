#include "src/ingress/api/requests.hpp"

#include "parley/model/directory_words.hpp"
#include "parley/model/limits.hpp"
#include "parley/text/segments.hpp"
#include "parley/text/utf8.hpp"
#include "parley/text/web_url.hpp"
#include "src/ingress/api/object_reader.hpp"
#include "src/ingress/problem.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <utility>

namespace parley::ingress {

namespace {

namespace json = boost::json;

constexpr std::size_t label_bytes_max = 64;
constexpr std::size_t content_type_bytes_max = 255;
/// Beyond what any configuration allows; keeps the arithmetic in bounds.
constexpr std::int64_t validity_s_max = 100LL * 24 * 3'600;

[[noreturn]] void malformed(std::string detail) {
  throw refusal{model::errc::malformed, std::move(detail)};
}

model::media read_file(const json::value& given) {
  model::media file;
  const auto* url = &given;
  if (const auto* object = given.if_object()) {
    if (const auto* own = object->if_contains("file")) {
      // Of an own file everything else is known.
      const auto id = own->is_string() ? model::file_id::parse(view_of(own->get_string()))
                                       : std::nullopt;
      if (!id || !id->has_value() || object->size() != 1)
        malformed("an own file in `media` has only `file`, the id that its upload was given");
      file.file = *id;
      return file;
    }
    for (const auto& member : *object)
      if (member.key() != "url" && member.key() != "content_type")
        malformed("a file in `media` has `file`, or `url` and `content_type`");
    url = object->if_contains("url");
    if (const auto* type = object->if_contains("content_type")) {
      if (!type->is_string() || type->get_string().size() > content_type_bytes_max
          || !text::is_clean_utf8(view_of(type->get_string())))
        malformed("`content_type` of a file in `media` must be a short string");
      file.content_type = view_of(type->get_string());
    }
  }
  if (url == nullptr || !url->is_string() || !is_file_url(view_of(url->get_string())))
    malformed("each file in `media` needs an absolute http or https URL");
  file.url = view_of(url->get_string());
  return file;
}

std::vector<model::media> read_files(const object_reader& in) {
  std::vector<model::media> files;
  const auto* given = in.find("media");
  if (given == nullptr)
    return files;
  if (!given->is_array())
    malformed("`media` must be an array");
  if (given->get_array().size() > model::files_max)
    malformed("`media` has more than " + std::to_string(model::files_max) + " files");
  for (const auto& file : given->get_array())
    files.push_back(read_file(file));
  return files;
}

model::author read_author(const object_reader& in) {
  auto user = in.name("user");
  auto team = in.name("team");
  if (user.empty() == team.empty())
    malformed("exactly one of `user` and `team` is needed");
  if (user.empty())
    return {model::author::kind::team, std::move(team)};
  return {model::author::kind::user, std::move(user)};
}

/// The value of one variable, whose name can be shown.
text::variable read_variable(const json::key_value_pair& member) {
  const auto name = view_of(member.key());
  if (!text::is_variable_name(name))
    malformed("`template.variables` has names of 1 to " + std::to_string(text::variable_name_max)
              + " of a–z, 0–9 and underscore only");
  if (!member.value().is_string() || !text::is_clean_utf8(view_of(member.value().get_string())))
    malformed("`template.variables." + std::string{name} + "` must be a text");
  return {std::string{name}, std::string{view_of(member.value().get_string())}};
}

std::vector<text::variable> read_variables(const object_reader& in) {
  std::vector<text::variable> all;
  const auto* given = in.find("variables");
  if (given == nullptr)
    return all;
  if (!given->is_object())
    malformed("`template.variables` must be an object");
  for (const auto& member : given->get_object())
    all.push_back(read_variable(member));
  std::ranges::sort(all, {}, &text::variable::name);
  return all;
}

/// The template that a message is to be made from, in place of a text and files.
std::optional<template_request> read_template(const object_reader& in,
                                              const send_request& request) {
  const auto* given = in.find("template");
  if (given == nullptr)
    return std::nullopt;
  if (!given->is_object())
    malformed("`template` must be an object with `id` and `variables`");
  if (!request.body.empty())
    malformed("`template` is in place of `body`: there cannot be both");
  if (!request.files.empty())
    malformed("`template` is in place of `media`: there cannot be both");
  const object_reader within{*given};
  within.allow_only({"id", "variables"}, {});
  template_request made{within.name("id"), read_variables(within)};
  if (made.id.empty())
    malformed("`template.id` is needed");
  return made;
}

/// The member of that name, or nothing when it is absent or null.
model::timestamp read_time(const object_reader& in, std::string_view name) {
  const auto* given = in.find(name);
  if (given == nullptr || given->is_null())
    return {};
  const auto at = given->is_string() ? model::from_rfc3339(view_of(given->get_string()))
                                     : std::nullopt;
  if (!at || *at <= model::timestamp{})
    malformed("`" + std::string{name} + "` must be a time such as 2026-01-31T09:00:00.000Z");
  return *at;
}

/// When it is to leave and for how long it is good; the bounds are looked at with what it is.
void read_schedule(const object_reader& in, send_request& request) {
  request.send_at = read_time(in, "send_at");
  const auto validity_s = in.integer("validity_s");
  if (!validity_s)
    return;
  if (*validity_s < 1 || *validity_s > validity_s_max)
    throw refusal{model::errc::bad_schedule, "`validity_s` must be at least 1, and is bounded"};
  request.validity_ms = *validity_s * 1'000;
}

std::uint32_t segments_of_body(std::string_view body) {
  const auto cut = text::segment(body);
  if (cut.characters > model::body_characters_max)
    throw refusal{model::errc::body_too_long,
                  "`body` has " + std::to_string(cut.characters) + " characters"};
  return cut.segments;
}

/// Text and files of a message that is written here, or what it is to be made from. The limit
/// counts characters; the body as a whole has met its own limit in bytes already.
void read_content(const object_reader& in, std::string_view whole, send_request& request) {
  request.files = read_files(in);
  request.body = in.text("body", whole.size());
  request.segments = segments_of_body(request.body);
  request.made_from = read_template(in, request);
}

model::address read_address(const json::value* given, std::string_view name) {
  if (given == nullptr || !given->is_string())
    malformed("`" + std::string{name} + "` must be an address, such as sms:+15551230001");
  const auto value = view_of(given->get_string());
  auto address = model::address::parse(value);
  if (!address)
    address = model::address::parse_carrier(value);
  if (!address)
    malformed("`" + std::string{name} + "` is no address");
  return *address;
}

bool says_something(const send_request& what) noexcept {
  return !what.body.empty() || !what.files.empty() || what.made_from;
}

/// Who writes. In a chat that is the user in `from`, who need not be named again.
model::author read_starter(const object_reader& in, const model::address& from) {
  if (from.kind != model::channel::chat)
    return read_author(in);
  if (in.given("team"))
    malformed("`team`: a chat is among users");
  if (const auto user = in.name("user"); !user.empty() && user != from.identifier)
    malformed("`user`, who writes, must be the one in `from`");
  return {model::author::kind::user, from.identifier};
}

start_request read_start(const object_reader& in, std::string_view whole,
                         std::vector<model::address> to) {
  start_request request;
  request.from = read_address(in.find("from"), "from");
  for (const auto& one : to)
    if (one.kind != request.from.kind)
      malformed("`from` and `to` must be of the same channel");
  request.to = std::move(to);
  request.first.author = read_starter(in, request.from);
  read_content(in, whole, request.first);
  request.says_something = says_something(request.first);
  if (request.first.made_from && request.from.kind == model::channel::chat)
    malformed("`template`: a chat is among users, who need none");
  return request;
}

/// The other ends of a conversation, each once.
std::vector<model::address> read_addresses(const object_reader& in) {
  const auto* given = in.find("to");
  if (given == nullptr || !given->is_array() || given->get_array().empty())
    malformed("`to` must be an array of addresses");
  if (given->get_array().size() > model::participants_max)
    malformed("`to` has more than " + std::to_string(model::participants_max) + " addresses");
  std::vector<model::address> all;
  for (const auto& one : given->get_array())
    all.push_back(read_address(&one, "to"));
  std::ranges::sort(all);
  if (std::ranges::adjacent_find(all) != all.end())
    malformed("`to` names an address twice");
  return all;
}

bool is_flag_set(const object_reader& in, std::string_view name) {
  const auto* member = in.find(name);
  if (member == nullptr)
    return false;
  if (!member->is_bool())
    malformed("`" + std::string{name} + "` must be true or false");
  return member->get_bool();
}

std::vector<std::string> read_labels(const object_reader& in, std::string_view name) {
  std::vector<std::string> labels;
  const auto* given = in.find(name);
  if (given == nullptr)
    return labels;
  if (!given->is_array() || given->get_array().size() > model::labels_max)
    malformed("`" + std::string{name} + "` must be an array of at most "
              + std::to_string(model::labels_max) + " labels");
  for (const auto& label : given->get_array()) {
    if (!label.is_string() || label.get_string().empty()
        || label.get_string().size() > label_bytes_max
        || !text::is_clean_utf8(view_of(label.get_string())))
      malformed("a label is a text of 1 to " + std::to_string(label_bytes_max) + " bytes");
    labels.emplace_back(view_of(label.get_string()));
  }
  return labels;
}

}  // namespace

send_request parse_send(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only(
    {"user", "team", "body", "media", "template", "note", "send_at", "validity_s"}, {});
  send_request request;
  request.author = read_author(in);
  request.note = is_flag_set(in, "note");
  read_content(in, text, request);
  read_schedule(in, request);
  if (request.note && request.made_from)
    malformed("`template`: a note is never sent, and needs none");
  if (!says_something(request))
    throw refusal{model::errc::body_required, {}};
  return request;
}

start_request parse_start_conversation(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only({"from", "to", "user", "team", "body", "media", "template", "subject"}, {});
  auto request = read_start(in, text, read_addresses(in));
  request.subject = in.text("subject", model::subject_bytes_max);
  return request;
}

start_request parse_start_message(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only(
    {"from", "to", "user", "team", "body", "media", "template", "send_at", "validity_s"}, {});
  auto request = read_start(in, text, {read_address(in.find("to"), "to")});
  read_schedule(in, request.first);
  if (!request.says_something)
    throw refusal{model::errc::body_required, {}};
  return request;
}

edit_request parse_edit(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only({"body", "send_at"}, {});
  edit_request request;
  request.send_at = read_time(in, "send_at");
  if (const auto* body = in.find("body"); body != nullptr && !body->is_null()) {
    request.body = in.text("body", text.size());
    request.segments = segments_of_body(*request.body);
  }
  if (!request.body && request.send_at == model::timestamp{})
    malformed("at least one of `body` and `send_at` is needed");
  return request;
}

resolve_request parse_resolve(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only({"as", "to"}, {});
  resolve_request request;
  const auto as = in.name("as");
  if (as == "sent")
    request.as = model::resolution::sent;
  else if (as == "failed")
    request.as = model::resolution::failed;
  else if (as == "resend")
    request.as = model::resolution::resend;
  else
    malformed("`as` must be one of `sent`, `failed` and `resend`");
  if (in.given("to"))
    request.to = read_address(in.find("to"), "to");
  return request;
}

user_request parse_user(std::string_view text, std::size_t depth_max, bool required) {
  if (text.empty() && !required)
    return {};
  const object_reader in{text, depth_max};
  in.allow_only({"user"}, {});
  user_request request{in.name("user")};
  if (required && request.user.empty())
    malformed("`user` is needed");
  return request;
}

transfer_request parse_transfer(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only({"user", "to_user", "to_team"}, {});
  transfer_request request{in.name("user"), in.name("to_user"), in.name("to_team")};
  if (request.to_user.empty() == request.to_team.empty())
    malformed("exactly one of `to_user` and `to_team` is needed");
  return request;
}

snooze_request parse_snooze(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only({"user", "until"}, {});
  snooze_request request;
  request.user = in.name("user");
  const auto* until = in.find("until");
  if (until == nullptr)
    malformed("`until` is needed: a time, or null to end it");
  if (until->is_null())
    return request;
  const auto at = until->is_string() ? model::from_rfc3339(view_of(until->get_string()))
                                     : std::nullopt;
  if (!at)
    malformed("`until` must be a time such as 2026-01-31T09:00:00.000Z, or null");
  request.until = *at;
  return request;
}

priority_request parse_priority(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only({"user", "priority"}, {});
  priority_request request;
  request.user = in.name("user");
  const auto found = model::value_of<model::priority>(in.name("priority"));
  if (!found)
    malformed("`priority` must be one of " + model::all_words<model::priority>());
  request.priority = *found;
  return request;
}

labels_request parse_labels(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only({"add", "remove"}, {});
  return {read_labels(in, "add"), read_labels(in, "remove")};
}

read_request parse_read(std::string_view text, std::size_t depth_max) {
  const object_reader in{text, depth_max};
  in.allow_only({"user", "index"}, {});
  read_request request;
  request.user = in.name("user");
  if (request.user.empty())
    malformed("`user` is needed");
  if (const auto* index = in.find("index")) {
    json::error_code fault;
    request.index = index->to_number<std::uint64_t>(fault);
    if (fault || index->is_double())
      malformed("`index` must be a whole number that is not negative");
  }
  return request;
}

bool is_file_url(std::string_view url) noexcept {
  return text::is_web_url(url);
}

}  // namespace parley::ingress
