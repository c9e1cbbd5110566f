#include "parley/store/reader.hpp"

#include "src/store/environment_impl.hpp"
#include "src/store/sealed.hpp"
#include "src/store/webhook_codec.hpp"

namespace parley::store {

std::optional<std::uint64_t> reader::webhook_cursor(std::uint32_t organization,
                                                    std::string_view webhook) const {
  const auto key = webhook_prefix(organization, webhook);
  const read_transaction txn{*env_};
  const auto sealed = lmdb::get(txn.get(), txn.in().cursors, key);
  if (!sealed)
    return std::nullopt;
  return decode_webhook_cursor(key, unseal("cursors", key, *sealed));
}

std::vector<webhook_try> reader::webhook_tries(std::uint32_t organization,
                                               std::string_view webhook, std::uint64_t before,
                                               std::size_t limit) const {
  const auto prefix = webhook_prefix(organization, webhook);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().webhook_log};
  std::vector<webhook_try> found;
  bool more = at.seek(webhook_try_key(organization, webhook, before)) ? at.move(MDB_PREV)
                                                                       : at.move(MDB_LAST);
  for (; more && at.key().starts_with(prefix) && found.size() < limit; more = at.move(MDB_PREV))
    found.push_back(decode_webhook_try(at.key(), unseal("webhook_log", at.key(), at.value())));
  return found;
}

std::vector<dead_letter> reader::dead_letters(std::uint32_t organization,
                                              std::string_view webhook,
                                              const model::event_id& after,
                                              std::size_t limit) const {
  const auto prefix = webhook_prefix(organization, webhook);
  const auto from = webhook_event_key(organization, webhook, after);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().dead_letters};
  std::vector<dead_letter> found;
  for (bool more = at.seek(from) && (at.key() != from || at.move(MDB_NEXT));
       more && at.key().starts_with(prefix) && found.size() < limit; more = at.move(MDB_NEXT))
    found.push_back(decode_dead_letter(at.key(), unseal("dead_letters", at.key(), at.value())));
  return found;
}

std::vector<model::event_id> reader::webhook_replays(std::uint32_t organization,
                                                     std::string_view webhook,
                                                     std::size_t limit) const {
  const auto prefix = webhook_prefix(organization, webhook);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().webhook_replays};
  std::vector<model::event_id> found;
  for (bool more = at.seek(prefix);
       more && at.key().starts_with(prefix) && found.size() < limit; more = at.move(MDB_NEXT))
    found.push_back(
      decode_webhook_replay(at.key(), unseal("webhook_replays", at.key(), at.value())));
  return found;
}

}  // namespace parley::store
