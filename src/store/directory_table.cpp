#include "parley/store/directory_table.hpp"

#include "src/store/bytes.hpp"
#include "src/store/directory_codec.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/sealed.hpp"

#include <algorithm>
#include <map>

namespace parley::store {
namespace {

/// Users and teams become parts of LMDB's keys, which end at 511 bytes, in front of a NUL.
constexpr std::size_t id_bytes_max = 128;

void require_usable(std::string_view id, std::string_view organization) {
  if (id.empty() || id.size() > id_bytes_max || id.find('\0') != std::string_view::npos)
    throw store_error{"directory: \"" + std::string{organization} + "\" has an id of "
                      + std::to_string(id.size()) + " bytes: 1 to "
                      + std::to_string(id_bytes_max) + " without NUL are kept"};
}

void require_usable(const model::organization& organization) {
  if (organization.index == 0)
    throw store_error{"directory: \"" + organization.id + "\" has no index"};
  require_usable(organization.id, organization.id);
  for (const auto& user : organization.users)
    require_usable(user.id, organization.id);
  for (const auto& team : organization.teams)
    require_usable(team.id, organization.id);
  for (const auto& inbox : organization.inboxes)
    require_usable(inbox.team, organization.id);
}

/// The rows as they are to be: key → value.
[[nodiscard]] std::map<std::string, std::string, std::less<>>
to_rows(const std::vector<model::organization>& all) {
  std::map<std::string, std::string, std::less<>> rows;
  for (const auto& organization : all) {
    auto made = directory_row(organization);
    if (!rows.try_emplace(std::move(made.key), std::move(made.value)).second)
      throw store_error{"directory: two organisations have index "
                        + std::to_string(organization.index)};
  }
  return rows;
}

[[nodiscard]] std::vector<std::string> keys_of_others(MDB_txn* txn, MDB_dbi table,
                                                      const auto& rows) {
  std::vector<std::string> others;
  lmdb::cursor at{txn, table};
  for (bool more = at.move(MDB_FIRST); more; more = at.move(MDB_NEXT))
    if (!rows.contains(at.key()))
      others.emplace_back(at.key());
  return others;
}

}  // namespace

std::vector<model::organization> load_directory(const environment& env) {
  const read_transaction txn{env};
  lmdb::cursor at{txn.get(), txn.in().directory};
  std::vector<model::organization> all;
  for (bool more = at.move(MDB_FIRST); more; more = at.move(MDB_NEXT)) {
    const auto value = unseal("directory", at.key(), at.value());
    if (at.key().size() != sizeof(std::uint32_t))
      throw corruption_error{"directory: the key " + printable(at.key()) + " is no index"};
    try {
      all.push_back(decode_organization(value));
    } catch (const corruption_error& cause) {
      throw corruption_error{"directory: the row " + printable(at.key()) + ": " + cause.what()};
    }
    all.back().index = load_big<std::uint32_t>(at.key().data());
  }
  return all;
}

std::size_t save_directory(environment& env, const std::vector<model::organization>& all) {
  const auto rows = to_rows(all);
  lmdb::transaction txn{env.inside().env.get(), lmdb::transaction::mode::read_write};
  const auto table = env.inside().handles.directory;
  std::size_t written = 0;
  for (const auto& key : keys_of_others(txn.get(), table, rows)) {
    lmdb::erase(txn.get(), table, key);
    ++written;
  }
  for (const auto& [key, value] : rows) {
    const auto present = lmdb::get(txn.get(), table, key);
    std::string sealed(seal_bytes + value.size(), '\0');
    seal_into(sealed.data(), key, value);
    if (present == sealed)
      continue;
    lmdb::cursor at{txn.get(), table};
    std::ranges::copy(sealed, at.reserve(key, sealed.size(), 0));
    ++written;
  }
  if (written > 0)
    std::move(txn).commit();
  return written;
}

row directory_row(const model::organization& organization) {
  require_usable(organization);
  row made;
  made.where = table::directory;
  append_big(made.key, organization.index);
  encode(organization, made.value);
  return made;
}

}  // namespace parley::store
