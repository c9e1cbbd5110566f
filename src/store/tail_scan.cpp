#include "src/store/tail_scan.hpp"

#include "src/store/bytes.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/record_format.hpp"
#include "src/store/sealed.hpp"

namespace parley::store {
namespace {

[[nodiscard]] std::string number(std::uint64_t value) { return std::to_string(value); }

/// The journal's end as `meta` has it; compared with the journal's own last key.
[[nodiscard]] journal_meta read_meta(const read_transaction& txn) {
  lmdb::cursor at{txn.get(), txn.in().journal};
  const auto last = at.move(MDB_LAST) ? load_little<std::uint64_t>(at.key().data()) : 0;
  const auto sealed = lmdb::get(txn.get(), txn.in().meta, journal_meta_key);
  if (!sealed) {
    if (last != 0)
      throw store_error{"meta: says nothing of a journal that ends at " + number(last)};
    return {};
  }
  const auto meta = open_journal_meta(unseal("meta", journal_meta_key, *sealed));
  if (meta.last_seq != last)
    throw store_error{"journal: ends at " + number(last) + ", but " + number(meta.last_seq)
                      + " was acknowledged"};
  if (meta.tail_from == 0 || meta.tail_from > last + 1)
    throw corruption_error{"meta: the tail begins at " + number(meta.tail_from)
                           + " of a journal that ends at " + number(last)};
  return meta;
}

}  // namespace

journal_meta scan_tail(const environment& env, tail_index& index) {
  const read_transaction txn{env};
  const auto meta = read_meta(txn);
  env.inside().expect_sequential_reads(true);
  lmdb::cursor at{txn.get(), txn.in().journal};
  auto expected = meta.tail_from;
  for (bool more = at.seek(expected); more; more = at.move(MDB_NEXT), ++expected) {
    const auto seq = load_little<std::uint64_t>(at.key().data());
    if (seq != expected)
      throw corruption_error{"journal: record " + number(expected) + " is missing"};
    const auto record = open_record(seq, at.value());
    const auto before = index.add(record.pair_key, seq);
    // The first one of a pair in the tail may follow any earlier event, the others only each other.
    if (before != 0 ? record.prev != before : record.prev >= meta.tail_from)
      throw corruption_error{"journal: record " + number(seq) + " follows " + number(record.prev)
                             + ", which is not the event before it of "
                             + printable(record.pair_key)};
  }
  env.inside().expect_sequential_reads(false);
  if (expected != meta.last_seq + 1)
    throw corruption_error{"journal: record " + number(expected) + " is missing"};
  return meta;
}

}  // namespace parley::store
