#include "parley/store/reader.hpp"

#include "src/store/bytes.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/keys.hpp"
#include "src/store/record_decode.hpp"
#include "src/store/sealed.hpp"

#include <algorithm>

namespace parley::store {
namespace {

[[noreturn]] void fail_at(std::uint64_t seq, std::string_view what) {
  throw corruption_error{"journal: record " + std::to_string(seq) + " " + std::string{what}};
}

/// Reads back along the chain from `seq` until `each` returns false or the chain ends.
template <class Each>
void walk_back(const read_transaction& txn, std::uint64_t seq, Each&& each) {
  std::string pair_key;
  while (seq != 0) {
    const auto bytes = lmdb::get(txn.get(), txn.in().journal, seq);
    if (!bytes)
      fail_at(seq, "is missing");
    auto found = decode_record(seq, *bytes);
    if (pair_key.empty())
      pair_key = found.pair_key;
    if (found.pair_key != pair_key)
      fail_at(seq, "is in the chain of " + printable(pair_key) + " but of another pair");
    if (found.prev >= seq)
      fail_at(seq, "points forward");
    seq = found.prev;
    if (!each(std::move(found)))
      return;
  }
}

/// The pair's last event when it left the tail, or 0.
[[nodiscard]] std::uint64_t stored_head(const read_transaction& txn, std::string_view pair_key) {
  const auto key = head_key(pair_key);
  const auto sealed = lmdb::get(txn.get(), txn.in().heads, key);
  return sealed ? open_head(unseal("heads", key, *sealed)) : 0;
}

}  // namespace

reader::reader(std::shared_ptr<environment> env, const journal& tail)
  : env_(std::move(env)), tail_(tail) {}

stored_pair reader::load(std::string_view pair_key) const {
  // The tail before the transaction: what it names is then certainly in it, and what has left the
  // tail since, or is covered by a newer snapshot, is told by the numbers.
  auto head = tail_.tail_head(pair_key);
  const read_transaction txn{*env_};
  if (head == 0)
    head = stored_head(txn, pair_key);
  stored_pair pair;
  std::uint64_t covered = 0;
  if (const auto sealed = lmdb::get(txn.get(), txn.in().conversations, pair_key)) {
    const auto snapshot = open_snapshot(unseal("conversations", pair_key, *sealed));
    covered = snapshot.head_seq;
    pair.snapshot = decode_state_of("conversations", pair_key, snapshot.encoded_state);
  }
  if (head <= covered)
    return pair;
  std::uint64_t oldest_prev = 0;
  walk_back(txn, head, [&](record&& found) {
    oldest_prev = found.prev;
    pair.tail.push_back(std::move(found));
    return oldest_prev > covered;
  });
  if (pair.tail.front().pair_key != pair_key)
    fail_at(head, "is in the chain of " + printable(pair_key) + " but of another pair");
  if (oldest_prev != covered)
    throw corruption_error{"conversations: the snapshot of " + printable(pair_key) + " ends at "
                           + std::to_string(covered) + ", which is not in the pair's chain"};
  std::ranges::reverse(pair.tail);
  return pair;
}

std::optional<conversation_place> reader::find(const model::conversation_id& id) const {
  const read_transaction txn{*env_};
  const auto key = id_key(id);
  const auto sealed = lmdb::get(txn.get(), txn.in().conversation_ids, key);
  if (!sealed)
    return std::nullopt;
  const auto place = open_place(unseal("conversation_ids", key, *sealed));
  conversation_place found{.pair_key = std::string{place.pair_key}, .closed = std::nullopt};
  if (place.closed)
    found.closed = decode_state_of("conversation_ids", key, *place.closed);
  return found;
}

std::optional<record> reader::at(std::uint64_t seq) const {
  const read_transaction txn{*env_};
  const auto bytes = lmdb::get(txn.get(), txn.in().journal, seq);
  if (!bytes)
    return std::nullopt;
  return decode_record(seq, *bytes);
}

std::uint64_t reader::read_from(std::uint64_t seq, std::size_t limit,
                                const std::function<bool(const record&)>& each) const {
  if (seq >= tail_.committed())
    return seq;  // Nothing new: the usual answer to a consumer that keeps up.
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().journal};
  bool more = at.seek(seq + 1);
  for (; more && limit > 0; more = at.move(MDB_NEXT), --limit) {
    const auto found = load_little<std::uint64_t>(at.key().data());
    if (found != seq + 1)
      fail_at(seq + 1, "is missing");
    seq = found;
    if (!each(decode_record(seq, at.value())))
      break;
  }
  return seq;
}

void reader::read_back(std::uint64_t seq, const std::function<bool(const record&)>& each) const {
  const read_transaction txn{*env_};
  walk_back(txn, seq, [&](record&& found) { return each(found); });
}

}  // namespace parley::store
