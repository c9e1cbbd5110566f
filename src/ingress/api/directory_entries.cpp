#include "src/ingress/api/directory_entries.hpp"

#include "parley/model/directory_rules.hpp"
#include "parley/model/directory_words.hpp"
#include "src/ingress/problem.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace parley::ingress {

namespace {

/// The rules know the true bounds; these only keep what is read here within reason. The body has
/// met its own bound in bytes.
constexpr std::size_t text_bytes_max = 16'384;
constexpr std::size_t elements_max = 100'000;

[[noreturn]] void malformed(std::string_view member, const std::string& why) {
  throw refusal{model::errc::malformed, '`' + std::string{member} + "` " + why};
}

void read_id(const object_reader& in, std::string_view member, std::string& id) {
  auto given = in.text(member, text_bytes_max);
  if (id.empty()) {
    if (given.empty())
      malformed(member, "is needed");
    id = std::move(given);
  } else if (in.given(member) && given != id) {
    malformed(member, "is what the resource is called by and stays `" + id + '`');
  }
}

void read_text(const object_reader& in, std::string_view member, std::string& text) {
  if (in.given(member))
    text = in.text_or_null(member, text_bytes_max);
}

void read_texts(const object_reader& in, std::string_view member,
                std::vector<std::string>& texts) {
  if (in.given(member))
    texts = in.texts(member, elements_max, text_bytes_max);
}

void read_seconds(const object_reader& in, std::string_view member,
                  std::optional<std::int64_t>& seconds) {
  if (in.given(member))
    seconds = in.integer(member);
}

template <class T>
void read_word(const object_reader& in, std::string_view member, T& value) {
  if (!in.given(member))
    return;
  const auto text = in.text(member, text_bytes_max);
  const auto found = model::value_of<T>(text);
  if (!found)
    malformed(member, "must be one of " + model::all_words<T>() + ", not `" + text + '`');
  value = *found;
}

void write_texts(json_writer& json, std::string_view member,
                 const std::vector<std::string>& texts) {
  json.key(member).begin_array();
  for (const auto& text : texts)
    json.text(text);
  json.end_array();
}

void write_seconds(json_writer& json, std::string_view member,
                   const std::optional<std::int64_t>& seconds) {
  json.key(member);
  if (seconds)
    json.number(*seconds);
  else
    json.null();
}

}  // namespace

// -- users ----------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::user& entry) {
  in.allow_only({"id", "name", "licence", "extension", "email"}, {"presence", "time_zone"});
  const bool fresh = entry.id.empty();
  read_id(in, "id", entry.id);
  if (fresh)
    entry.name = entry.id;
  if (in.given("name"))
    entry.name = in.name("name");
  read_word(in, "licence", entry.licence);
  read_text(in, "extension", entry.extension);
  read_text(in, "email", entry.email);
}

void write_members(json_writer& json, const model::user& entry) {
  json.key("id").text(entry.id).key("name").text(entry.name);
  json.key("licence").text(model::word_for(entry.licence));
  json.key("extension").text_or_null(entry.extension);
  json.key("email").text_or_null(entry.email);
}

// -- teams ----------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::team& entry) {
  in.allow_only({"id", "members"}, {});
  read_id(in, "id", entry.id);
  read_texts(in, "members", entry.members);
}

void write_members(json_writer& json, const model::team& entry) {
  json.key("id").text(entry.id);
  write_texts(json, "members", entry.members);
}

// -- inboxes --------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::inbox& entry) {
  in.allow_only(
    {"team", "strategy", "outbound", "auto_reply", "close_after_s", "inactive_after_s",
     "claim_expiry_s"},
    {});
  read_id(in, "team", entry.team);
  read_word(in, "strategy", entry.strategy);
  read_word(in, "outbound", entry.outbound);
  read_text(in, "auto_reply", entry.auto_reply);
  read_seconds(in, "close_after_s", entry.close_after_s);
  read_seconds(in, "inactive_after_s", entry.inactive_after_s);
  if (in.given("claim_expiry_s"))
    entry.claim_expiry_s = in.integer("claim_expiry_s").value_or(0);
}

void write_members(json_writer& json, const model::inbox& entry) {
  json.key("team").text(entry.team);
  json.key("strategy").text(model::word_for(entry.strategy));
  json.key("outbound").text(model::word_for(entry.outbound));
  json.key("auto_reply").text_or_null(entry.auto_reply);
  write_seconds(json, "close_after_s", entry.close_after_s);
  write_seconds(json, "inactive_after_s", entry.inactive_after_s);
  json.key("claim_expiry_s").number(entry.claim_expiry_s);
}

// -- links ----------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::link& entry) {
  in.allow_only({"id", "format", "account_sid", "auth_token", "api_base", "public_url",
                 "unknown_outcome"},
                {});
  if (entry.id.empty() && !in.given("format"))
    malformed("format", "is needed");
  read_id(in, "id", entry.id);
  read_word(in, "format", entry.format);
  read_text(in, "account_sid", entry.account_sid);
  read_text(in, "auth_token", entry.auth_token);
  read_text(in, "api_base", entry.api_base);
  read_text(in, "public_url", entry.public_url);
  read_word(in, "unknown_outcome", entry.unknown_outcome);
}

void write_members(json_writer& json, const model::link& entry) {
  json.key("id").text(entry.id).key("format").text(model::word_for(entry.format));
  json.key("account_sid").text(entry.account_sid);
  json.key("api_base").text(entry.api_base).key("public_url").text(entry.public_url);
  json.key("unknown_outcome").text(model::word_for(entry.unknown_outcome));
}

// -- numbers --------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::number& entry) {
  in.allow_only({"address", "channels", "link", "user", "inbox", "rate"}, {});
  read_id(in, "address", entry.identifier);
  read_texts(in, "channels", entry.channels);
  read_text(in, "link", entry.link);
  read_text(in, "user", entry.user);
  read_text(in, "inbox", entry.inbox);
  if (in.given("rate"))
    entry.rate_segments_per_s = in.real("rate");
}

void write_members(json_writer& json, const model::number& entry) {
  json.key("address").text(entry.identifier);
  write_texts(json, "channels", entry.channels);
  json.key("link").text(entry.link);
  json.key("user").text_or_null(entry.user).key("inbox").text_or_null(entry.inbox);
  json.key("rate").real(entry.rate_segments_per_s);
}

// -- caller id lists ------------------------------------------------------------------------------

void read_members(const object_reader& in, model::caller_id_list& entry) {
  in.allow_only({"id", "numbers", "users"}, {});
  read_id(in, "id", entry.id);
  read_texts(in, "numbers", entry.numbers);
  read_texts(in, "users", entry.users);
}

void write_members(json_writer& json, const model::caller_id_list& entry) {
  json.key("id").text(entry.id);
  write_texts(json, "numbers", entry.numbers);
  write_texts(json, "users", entry.users);
}

// -- keys -----------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::api_key& entry) {
  in.allow_only({"name", "scopes", "key"}, {});
  if (!entry.name.empty() && in.given("key"))
    malformed("key", "cannot be changed: make another one and remove this");
  read_id(in, "name", entry.name);
  read_texts(in, "scopes", entry.scopes);
}

void write_members(json_writer& json, const model::api_key& entry) {
  json.key("name").text(entry.name);
  write_texts(json, "scopes", entry.scopes);
}

}  // namespace parley::ingress
