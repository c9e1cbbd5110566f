#include "parley/store/codec.hpp"
#include "parley/store/reader.hpp"
#include "src/store/bytes.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/keys.hpp"
#include "src/store/sealed.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>
#include <variant>

namespace parley::store {
namespace {

[[nodiscard]] consent_record consent_at(const lmdb::cursor& at) {
  const auto place = open_consent_key(at.key());
  auto event = decode_event(unseal("consents", at.key(), at.value()));
  auto* change = std::get_if<model::consent_changed>(&event.body);
  if (change == nullptr)
    throw corruption_error{"consents: the row " + printable(at.key()) + " is no consent"};
  return {place.seq, event.at, event.conversation, std::move(*change)};
}

/// What the rows of this row's scope begin with.
[[nodiscard]] std::string_view scope_of(std::string_view key) {
  std::ignore = open_consent_key(key);
  return key.substr(0, key.size() - sizeof(std::uint64_t));
}

/// Moves to the last row of a scope; false when it has none.
[[nodiscard]] bool seek_newest(lmdb::cursor& at, const std::string& scope) {
  auto behind = scope;
  append_big(behind, std::numeric_limits<std::uint64_t>::max());
  const bool found = at.seek(behind) ? at.move(MDB_PREV) : at.move(MDB_LAST);
  return found && at.key().starts_with(scope);
}

}  // namespace

std::optional<consent_record> reader::consent_of(std::uint32_t organization,
                                                 std::string_view address,
                                                 std::string_view number) const {
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().consents};
  if (!seek_newest(at, consent_scope_key(organization, address, number)))
    return std::nullopt;
  return consent_at(at);
}

std::optional<std::string>
reader::read_consents(std::uint32_t organization, std::string_view address, std::string_view after,
                      bool newest_only, std::size_t scan_max,
                      const std::function<bool(const consent_record&)>& each) const {
  const auto prefix = consent_prefix(organization, address);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().consents};
  // One may go on from where this address begins, too: the one before it may have filled the page.
  std::string last{std::max(after, std::string_view{prefix})};
  std::size_t scanned = 0;
  bool more = after < prefix ? at.seek(prefix)
                             : at.seek(after) && (at.key() != after || at.move(MDB_NEXT));
  for (; more && at.key().starts_with(prefix); more = at.move(MDB_NEXT)) {
    if (newest_only && !seek_newest(at, std::string{scope_of(at.key())}))
      break;
    if (scanned++ == scan_max || !each(consent_at(at)))
      return last;
    last = at.key();
  }
  return std::nullopt;
}

}  // namespace parley::store
