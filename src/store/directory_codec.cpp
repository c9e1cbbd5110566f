#include "src/store/directory_codec.hpp"

#include "src/store/codec_parts.hpp"
#include "src/store/packing.hpp"
#include "src/store/unpacking.hpp"

#include <algorithm>

namespace parley::store {
namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t organization_fields = 14;
constexpr std::size_t user_fields = 5;
constexpr std::size_t team_fields = 2;
constexpr std::size_t inbox_fields_min = 6;
constexpr std::size_t inbox_fields = 7;
constexpr std::size_t link_fields = 7;
constexpr std::size_t number_fields = 6;
constexpr std::size_t list_fields = 3;
constexpr std::size_t key_fields = 3;

void pack_seconds(packer& out, const std::optional<std::int64_t>& seconds) {
  if (seconds)
    out.signed_number(*seconds);
  else
    out.nothing();
}

[[nodiscard]] std::optional<std::int64_t> unpack_seconds(unpacker& in) {
  if (in.take_nothing())
    return std::nullopt;
  return in.signed_number();
}

void pack_one(packer& out, const model::user& user) {
  out.array(user_fields).text(user.id).text(user.name).choice(user.licence);
  out.text(user.extension).text(user.email);
}

void unpack_one(unpacker& in, model::user& user) {
  user.id = in.text();
  user.name = in.text();
  user.licence = in.choice(model::licence::standard, model::licence::pro_cx);
  user.extension = in.text();
  user.email = in.text();
}

void pack_one(packer& out, const model::team& team) {
  out.array(team_fields).text(team.id);
  pack_texts(out, team.members);
}

void unpack_one(unpacker& in, model::team& team) {
  team.id = in.text();
  team.members = unpack_texts(in);
}

void pack_one(packer& out, const model::inbox& inbox) {
  out.array(inbox_fields).text(inbox.team).choice(inbox.strategy).choice(inbox.outbound);
  out.text(inbox.auto_reply);
  pack_seconds(out, inbox.close_after_s);
  pack_seconds(out, inbox.inactive_after_s);
  out.signed_number(inbox.claim_expiry_s);
}

std::size_t unpack_one(unpacker& in, model::inbox& inbox, std::size_t fields) {
  inbox.team = in.text();
  inbox.strategy
    = in.choice(model::assignment_strategy::everyone, model::assignment_strategy::everyone);
  inbox.outbound
    = in.choice(model::outbound_policy::forbidden, model::outbound_policy::allowed_copy_team);
  inbox.auto_reply = in.text();
  inbox.close_after_s = unpack_seconds(in);
  inbox.inactive_after_s = unpack_seconds(in);
  if (fields < inbox_fields)
    return inbox_fields_min;
  inbox.claim_expiry_s = in.signed_number();
  return inbox_fields;
}

void pack_one(packer& out, const model::link& link) {
  out.array(link_fields).text(link.id).choice(link.format).text(link.account_sid);
  out.text(link.auth_token).text(link.api_base).text(link.public_url);
  out.choice(link.unknown_outcome);
}

void unpack_one(unpacker& in, model::link& link) {
  link.id = in.text();
  link.format = in.choice(model::link_format::twilio, model::link_format::http);
  link.account_sid = in.text();
  link.auth_token = in.text();
  link.api_base = in.text();
  link.public_url = in.text();
  link.unknown_outcome
    = in.choice(model::unknown_outcome_policy::hold, model::unknown_outcome_policy::resend);
}

void pack_one(packer& out, const model::number& number) {
  out.array(number_fields).text(number.identifier);
  pack_texts(out, number.channels);
  out.text(number.link).text(number.user).text(number.inbox);
  out.real(number.rate_segments_per_s);
}

void unpack_one(unpacker& in, model::number& number) {
  number.identifier = in.text();
  number.channels = unpack_texts(in);
  number.link = in.text();
  number.user = in.text();
  number.inbox = in.text();
  number.rate_segments_per_s = in.real();
}

void pack_one(packer& out, const model::caller_id_list& list) {
  out.array(list_fields).text(list.id);
  pack_texts(out, list.numbers);
  pack_texts(out, list.users);
}

void unpack_one(unpacker& in, model::caller_id_list& list) {
  list.id = in.text();
  list.numbers = unpack_texts(in);
  list.users = unpack_texts(in);
}

void pack_one(packer& out, const model::api_key& key) {
  out.array(key_fields).text(key.name).binary(key.digest.data(), key.digest.size());
  pack_texts(out, key.scopes);
}

void unpack_one(unpacker& in, model::api_key& key) {
  key.name = in.text();
  const auto digest = in.binary();
  if (digest.size() != key.digest.size())
    in.fail("has a digest of the wrong length");
  std::ranges::transform(digest, key.digest.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  key.scopes = unpack_texts(in);
}

template <class T>
void pack_all(packer& out, const std::vector<T>& all) {
  out.array(all.size());
  for (const auto& one : all)
    pack_one(out, one);
}

template <class T>
void unpack_all(unpacker& in, std::size_t fields_min, std::vector<T>& all) {
  const auto count = in.array(0);
  all.reserve(in.room_for(count));
  if constexpr (requires(T& one) { unpack_one(in, one, fields_min); })
    unpack_each(in, count, fields_min,
                [&](std::size_t fields) { return unpack_one(in, all.emplace_back(), fields); });
  else
    unpack_each(in, count, fields_min, [&] { unpack_one(in, all.emplace_back()); });
}

}  // namespace

void encode(const model::organization& organization, std::string& out) {
  packer pack{out};
  pack.array(organization_fields).number(version).text(organization.id).text(organization.name);
  pack.text(organization.time_zone).text(organization.default_inbox);
  pack.signed_number(organization.close_after_s).signed_number(organization.inactive_after_s);
  pack_all(pack, organization.users);
  pack_all(pack, organization.teams);
  pack_all(pack, organization.inboxes);
  pack_all(pack, organization.links);
  pack_all(pack, organization.numbers);
  pack_all(pack, organization.caller_id_lists);
  pack_all(pack, organization.keys);
}

model::organization decode_organization(std::string_view bytes) {
  unpacker in{bytes, "an organisation"};
  const auto fields = in.array(organization_fields);
  if (in.number() < version)
    in.fail("has no version");
  model::organization organization;
  organization.id = in.text();
  organization.name = in.text();
  organization.time_zone = in.text();
  organization.default_inbox = in.text();
  organization.close_after_s = in.signed_number();
  organization.inactive_after_s = in.signed_number();
  unpack_all(in, user_fields, organization.users);
  unpack_all(in, team_fields, organization.teams);
  unpack_all(in, inbox_fields_min, organization.inboxes);
  unpack_all(in, link_fields, organization.links);
  unpack_all(in, number_fields, organization.numbers);
  unpack_all(in, list_fields, organization.caller_id_lists);
  unpack_all(in, key_fields, organization.keys);
  in.skip(fields - organization_fields);
  in.finish();
  return organization;
}

}  // namespace parley::store
