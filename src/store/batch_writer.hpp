#pragma once

#include "parley/store/environment.hpp"
#include "src/store/batch.hpp"
#include "src/store/keys.hpp"
#include "src/store/tail_index.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace parley::store {

/// Turns a batch into one durable LMDB transaction. Used by the journal's thread alone.
class batch_writer {
public:
  explicit batch_writer(environment& env) noexcept : env_(env.inside()) {}

  /// Writes the batch, these rows of `heads` (in the order of their keys: sorts them) and `meta` as
  /// it is then. Returns once everything is flushed. Throws `store_error` on any refusal of LMDB or
  /// the system; what the disk then holds is not known.
  void write(const batch& what, std::span<head_row> heads, const journal_meta& meta);

private:
  void write_records(MDB_txn* txn, const batch& what) const;
  /// Behind the records: a message may be redacted in the batch that adds it.
  void write_redactions(MDB_txn* txn, const batch& what) const;
  /// Likewise. What is redacted in the same batch loses its files in the end.
  void write_settled_files(MDB_txn* txn, const batch& what) const;
  void write_editions(MDB_txn* txn, const batch& what) const;
  /// Puts what `change` makes of a record in its place; an empty one leaves it as it is.
  template <class Change>
  void rewrite(MDB_txn* txn, std::uint64_t seq, Change&& change) const;
  void write_rows(MDB_txn* txn, const batch& what);
  void write_heads(MDB_txn* txn, std::span<head_row> heads) const;
  /// One table's rows, in the order of their keys; of several on one key the last counts.
  static void write_table(MDB_txn* txn, MDB_dbi table, const batch& what,
                          std::span<const std::uint32_t> order);

  environment::impl& env_;
  std::vector<std::uint32_t> order_;  ///< Rows of the batch by table and key; kept for its memory.
};

}  // namespace parley::store
