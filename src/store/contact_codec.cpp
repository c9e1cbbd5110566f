#include "src/store/contact_codec.hpp"

#include "parley/store/contact_table.hpp"
#include "parley/store/environment.hpp"
#include "src/store/codec_parts.hpp"
#include "src/store/keys.hpp"
#include "src/store/packing.hpp"
#include "src/store/sealed.hpp"
#include "src/store/unpacking.hpp"

#include <utility>

namespace parley::store {
namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t contact_fields = 9;

void pack_addresses(packer& out, const std::vector<model::address>& all) {
  out.array(all.size());
  for (const auto& one : all)
    out.text(one.text());
}

[[nodiscard]] std::vector<model::address> unpack_addresses(unpacker& in) {
  const auto count = in.array(0);
  std::vector<model::address> all;
  all.reserve(in.room_for(count));
  for (std::size_t i = 0; i < count; ++i) {
    auto one = model::address::parse(in.text());
    if (!one)
      in.fail("has an address that is none");
    all.push_back(std::move(*one));
  }
  return all;
}

[[nodiscard]] model::contact unpack_contact(unpacker& in) {
  const auto fields = in.array(contact_fields);
  if (in.number() < version)
    in.fail("has no version");
  model::contact who;
  who.name = in.text();
  who.addresses = unpack_addresses(in);
  who.attributes = unpack_attributes(in);
  who.language = in.text();
  who.time_zone = in.text();
  who.phone_books = unpack_texts(in);
  who.created_at = in.time();
  who.updated_at = in.time();
  in.skip(fields - contact_fields);
  in.finish();
  return who;
}

[[nodiscard]] row make_row(table where, std::string key, std::string value, bool erase) {
  row made;
  made.where = where;
  made.erase = erase;
  made.key = std::move(key);
  made.value = std::move(value);
  return made;
}

}  // namespace

void encode(const model::contact& who, std::string& out) {
  packer pack{out};
  pack.array(contact_fields).number(version).text(who.name);
  pack_addresses(pack, who.addresses);
  pack_attributes(pack, who.attributes);
  pack.text(who.language).text(who.time_zone);
  pack_texts(pack, who.phone_books);
  pack.time(who.created_at).time(who.updated_at);
}

model::contact decode_contact(std::string_view key, std::string_view value) {
  try {
    unpacker in{value, "a contact"};
    auto who = unpack_contact(in);
    who.id = contact_id_of(key);
    return who;
  } catch (const corruption_error& cause) {
    throw corruption_error{"contacts: the row " + printable(key) + ": " + cause.what()};
  }
}

row contact_row(std::uint32_t organization, const model::contact& who) {
  std::string value;
  encode(who, value);
  return make_row(table::contacts, contact_key(organization, who.id), std::move(value), false);
}

row contact_gone_row(std::uint32_t organization, const model::contact_id& id) {
  return make_row(table::contacts, contact_key(organization, id), {}, true);
}

row contact_address_row(std::uint32_t organization, const model::address& address,
                        const model::contact_id& holder) {
  return make_row(table::contact_addresses, contact_address_key(organization, address.text()),
                  contact_address_value(holder), false);
}

row contact_address_gone_row(std::uint32_t organization, const model::address& address) {
  return make_row(table::contact_addresses, contact_address_key(organization, address.text()), {},
                  true);
}

}  // namespace parley::store
