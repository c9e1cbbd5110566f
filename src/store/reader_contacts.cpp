#include "parley/store/reader.hpp"

#include "src/store/contact_codec.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/keys.hpp"
#include "src/store/sealed.hpp"

namespace parley::store {
namespace {

[[nodiscard]] std::optional<model::contact> contact_at(const read_transaction& txn,
                                                       std::string_view key) {
  const auto sealed = lmdb::get(txn.get(), txn.in().contacts, key);
  if (!sealed)
    return std::nullopt;
  return decode_contact(key, unseal("contacts", key, *sealed));
}

[[nodiscard]] std::optional<model::contact_id> holder_at(const read_transaction& txn,
                                                         std::string_view key) {
  const auto sealed = lmdb::get(txn.get(), txn.in().contact_addresses, key);
  if (!sealed)
    return std::nullopt;
  return open_contact_address(unseal("contact_addresses", key, *sealed));
}

/// Moves to the first entry behind `key`.
[[nodiscard]] bool seek_behind(lmdb::cursor& at, std::string_view key) {
  return at.seek(key) && (at.key() != key || at.move(MDB_NEXT));
}

/// The contact that a row of the index names.
[[nodiscard]] model::contact require_holder(const read_transaction& txn, std::uint32_t organization,
                                            std::string_view address_key,
                                            const model::contact_id& id) {
  auto who = contact_at(txn, contact_key(organization, id));
  if (!who)
    throw corruption_error{"contact_addresses: the row " + printable(address_key)
                           + " names a contact that does not exist"};
  return std::move(*who);
}

}  // namespace

std::optional<model::contact> reader::find_contact(std::uint32_t organization,
                                                   const model::contact_id& id) const {
  const read_transaction txn{*env_};
  return contact_at(txn, contact_key(organization, id));
}

std::optional<model::contact_id> reader::contact_id_of(std::uint32_t organization,
                                                       const model::address& theirs) const {
  const read_transaction txn{*env_};
  return holder_at(txn, contact_address_key(organization, theirs.text()));
}

std::optional<model::contact> reader::contact_of(std::uint32_t organization,
                                                 const model::address& theirs) const {
  const read_transaction txn{*env_};
  const auto key = contact_address_key(organization, theirs.text());
  const auto holder = holder_at(txn, key);
  if (!holder)
    return std::nullopt;
  return require_holder(txn, organization, key, *holder);
}

std::optional<model::contact_id>
reader::read_contacts(std::uint32_t organization, const model::contact_id& after,
                      std::size_t scan_max,
                      const std::function<bool(const model::contact&)>& each) const {
  const auto prefix = contact_address_key(organization, {});
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().contacts};
  auto last = after;
  std::size_t scanned = 0;
  for (bool more = seek_behind(at, contact_key(organization, after));
       more && at.key().starts_with(prefix); more = at.move(MDB_NEXT)) {
    if (scanned++ == scan_max)
      return last;
    const auto who = decode_contact(at.key(), unseal("contacts", at.key(), at.value()));
    if (!each(who))
      return last;
    last = who.id;
  }
  return std::nullopt;
}

std::optional<std::string> reader::read_contact_addresses(
  std::uint32_t organization, std::string_view prefix, std::string_view after,
  std::size_t scan_max,
  const std::function<bool(std::string_view, const model::contact&)>& each) const {
  const auto wanted = contact_address_key(organization, prefix);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().contact_addresses};
  std::string last{after};
  std::size_t scanned = 0;
  bool more = after < prefix ? at.seek(wanted)
                             : seek_behind(at, contact_address_key(organization, after));
  for (; more && at.key().starts_with(wanted); more = at.move(MDB_NEXT)) {
    if (scanned++ == scan_max)
      return last;
    const auto holder
      = open_contact_address(unseal("contact_addresses", at.key(), at.value()));
    const auto address = contact_address(at.key());
    if (!each(address, require_holder(txn, organization, at.key(), holder)))
      return last;
    last = address;
  }
  return std::nullopt;
}

}  // namespace parley::store
