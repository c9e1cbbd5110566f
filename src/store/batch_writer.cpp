#include "src/store/batch_writer.hpp"

#include "src/store/bulk_cells.hpp"
#include "src/store/keys.hpp"
#include "src/store/record_decode.hpp"
#include "src/store/record_format.hpp"
#include "src/store/sealed.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>

namespace parley::store {

void batch_writer::write(const batch& what, std::span<head_row> heads, const journal_meta& meta) {
  lmdb::transaction txn{env_.env.get(), lmdb::transaction::mode::read_write};
  write_records(txn.get(), what);
  write_settled_files(txn.get(), what);
  write_editions(txn.get(), what);
  write_redactions(txn.get(), what);
  write_rows(txn.get(), what);
  write_heads(txn.get(), heads);
  write_line_changes(txn.get(), env_.handles, what.line_changes());
  {
    const auto value = journal_meta_value(meta);
    lmdb::cursor at{txn.get(), env_.handles.meta};
    seal_into(at.reserve(journal_meta_key, seal_bytes + value.size(), 0), journal_meta_key, value);
  }
  std::move(txn).commit();
}

void batch_writer::write_records(MDB_txn* txn, const batch& what) const {
  if (what.records().empty())
    return;
  lmdb::cursor at{txn, env_.handles.journal};
  auto seq = what.first_seq();
  for (const auto& slot : what.records()) {
    const auto bytes = what.record(slot);
    const std::string_view key{reinterpret_cast<const char*>(&seq), sizeof seq};
    char* const page = at.reserve(key, bytes.size(), MDB_APPEND);
    std::memcpy(page, bytes.data(), bytes.size());
    seal_record(page, bytes.size(), seq);
    ++seq;
  }
}

template <class Change>
void batch_writer::rewrite(MDB_txn* txn, std::uint64_t seq, Change&& change) const {
  const auto present = lmdb::get(txn, env_.handles.journal, seq);
  const auto record = present ? change(*present) : std::string{};
  if (record.empty())
    return;  // It is damaged, so nobody can read it; the verification names it.
  const std::string_view key{reinterpret_cast<const char*>(&seq), sizeof seq};
  lmdb::cursor at{txn, env_.handles.journal};
  std::ranges::copy(record, at.reserve(key, record.size(), 0));
}

void batch_writer::write_settled_files(MDB_txn* txn, const batch& what) const {
  for (const auto& settled : what.settled())
    rewrite(txn, settled.seq, [&](std::string_view present) {
      return settled_record(settled.seq, present, settled.files);
    });
}

void batch_writer::write_editions(MDB_txn* txn, const batch& what) const {
  for (const auto& edited : what.edited())
    rewrite(txn, edited.seq,
            [&](std::string_view present) { return edited_record(present, edited); });
}

void batch_writer::write_redactions(MDB_txn* txn, const batch& what) const {
  for (const auto seq : what.redactions())
    rewrite(txn, seq, [&](std::string_view present) { return redacted_record(seq, present); });
}

void batch_writer::write_rows(MDB_txn* txn, const batch& what) {
  const auto rows = what.rows();
  order_.resize(rows.size());
  std::iota(order_.begin(), order_.end(), 0U);
  // By key, so that neighbours share pages; stable, so that the last word on a key comes last.
  std::ranges::stable_sort(order_, {}, [&](std::uint32_t i) {
    return std::tuple{rows[i].table, what.key(rows[i])};
  });
  for (std::size_t begin = 0, end = 0; begin < order_.size(); begin = end) {
    const auto table = rows[order_[begin]].table;
    while (end < order_.size() && rows[order_[end]].table == table)
      ++end;
    write_table(txn, table, what, std::span{order_}.subspan(begin, end - begin));
  }
}

void batch_writer::write_heads(MDB_txn* txn, std::span<head_row> heads) const {
  if (heads.empty())
    return;
  std::ranges::sort(heads, {}, &head_row::key);
  lmdb::cursor at{txn, env_.handles.heads};
  for (const auto& row : heads) {
    const auto value = head_value(row.last_seq);
    seal_into(at.reserve(row.key, seal_bytes + value.size(), 0), row.key,
              {value.data(), value.size()});
  }
}

void batch_writer::write_table(MDB_txn* txn, MDB_dbi table, const batch& what,
                               std::span<const std::uint32_t> order) {
  lmdb::cursor at{txn, table};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& slot = what.rows()[order[i]];
    const auto key = what.key(slot);
    if (i + 1 < order.size() && what.key(what.rows()[order[i + 1]]) == key)
      continue;
    if (slot.erase)
      lmdb::erase(txn, table, key);
    else
      seal_into(at.reserve(key, seal_bytes + slot.value_bytes, 0), key, what.value(slot));
  }
}

}  // namespace parley::store
