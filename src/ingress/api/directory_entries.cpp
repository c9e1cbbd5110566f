#include "src/ingress/api/directory_entries.hpp"

#include "parley/model/directory_words.hpp"
#include "src/ingress/api/entry_members.hpp"

#include <string>

namespace parley::ingress {

// -- users ----------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::user& entry) {
  in.allow_only({"id", "name", "licence", "extension", "email", "role", "time_zone", "presence"},
                {});
  // Not the directory's: whoever takes a request looks at it (`require_presence`).
  const bool fresh = entry.id.empty();
  read_id(in, "id", entry.id);
  if (fresh)
    entry.name = entry.id;
  if (in.given("name"))
    entry.name = in.name("name");
  read_word(in, "licence", entry.licence);
  read_text(in, "extension", entry.extension);
  read_text(in, "email", entry.email);
  read_word(in, "role", entry.role);
  read_text(in, "time_zone", entry.time_zone);
}

void require_presence(const object_reader& in, model::presence now) {
  constexpr std::size_t word_bytes_max = 64;
  if (in.given("presence") && in.text("presence", word_bytes_max) != model::word_for(now))
    throw refusal{model::errc::malformed,
                  "`presence` is changed by itself: PATCH the user with nothing else"};
}

void write_members(json_writer& json, const model::user& entry) {
  json.key("id").text(entry.id).key("name").text(entry.name);
  json.key("licence").text(model::word_for(entry.licence));
  json.key("extension").text_or_null(entry.extension);
  json.key("email").text_or_null(entry.email);
  json.key("role").text(model::word_for(entry.role));
  json.key("time_zone").text_or_null(entry.time_zone);
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

// -- links ----------------------------------------------------------------------------------------

void read_members(const object_reader& in, model::link& entry) {
  in.allow_only({"id", "format", "account_sid", "auth_token", "api_base", "public_url",
                 "unknown_outcome", "connections_max"},
                {});
  if (entry.id.empty() && !in.given("format"))
    refuse_member("format", "is needed");
  read_id(in, "id", entry.id);
  read_word(in, "format", entry.format);
  read_text(in, "account_sid", entry.account_sid);
  read_text(in, "auth_token", entry.auth_token);
  read_text(in, "api_base", entry.api_base);
  read_text(in, "public_url", entry.public_url);
  read_word(in, "unknown_outcome", entry.unknown_outcome);
  read_number(in, "connections_max", entry.connections_max);
}

void write_members(json_writer& json, const model::link& entry) {
  json.key("id").text(entry.id).key("format").text(model::word_for(entry.format));
  json.key("account_sid").text(entry.account_sid);
  json.key("api_base").text(entry.api_base).key("public_url").text(entry.public_url);
  json.key("unknown_outcome").text(model::word_for(entry.unknown_outcome));
  json.key("connections_max").number(entry.connections_max);
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
  in.allow_only({"name", "scopes", "user", "key"}, {});
  if (!entry.name.empty() && in.given("key"))
    refuse_member("key", "cannot be changed: make another one and remove this");
  read_id(in, "name", entry.name);
  read_texts(in, "scopes", entry.scopes);
  read_text(in, "user", entry.user);
}

void write_members(json_writer& json, const model::api_key& entry) {
  json.key("name").text(entry.name);
  write_texts(json, "scopes", entry.scopes);
  json.key("user").text_or_null(entry.user);
}

}  // namespace parley::ingress
