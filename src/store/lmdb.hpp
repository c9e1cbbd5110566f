#pragma once

#include "parley/store/environment.hpp"

#include <lmdb.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Owners for LMDB's handles: whoever holds one cannot forget to give it back, and every refusal is
/// a `store_error` that says which call was refused.
namespace parley::store::lmdb {

/// Throws `store_error` with LMDB's own words unless `code` is success.
inline void check(int code, std::string_view call) {
  if (code != MDB_SUCCESS)
    throw store_error{std::string{call} + ": " + mdb_strerror(code)};
}

/// Views `text` as LMDB wants it. LMDB only reads through keys and values that are passed in; its
/// interface is older than that promise, hence the cast.
[[nodiscard]] inline MDB_val to_val(std::string_view text) noexcept {
  return {text.size(), const_cast<char*>(text.data())};
}

/// Bytes inside the map: they live until the transaction ends or, in a write transaction, changes.
[[nodiscard]] inline std::string_view to_view(const MDB_val& value) noexcept {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

/// A transaction that aborts unless committed.
class transaction {
public:
  enum class mode : unsigned int { read_write = 0, read_only = MDB_RDONLY };

  transaction(MDB_env* env, mode access) {
    MDB_txn* raw = nullptr;
    check(mdb_txn_begin(env, nullptr, static_cast<unsigned int>(access), &raw), "mdb_txn_begin");
    txn_.reset(raw);
  }

  /// Makes every write of this transaction durable, or throws and makes none.
  /// Consumes the transaction: LMDB frees it even when the commit fails.
  void commit() && { check(mdb_txn_commit(txn_.release()), "mdb_txn_commit"); }

  [[nodiscard]] MDB_txn* get() const noexcept { return txn_.get(); }

  /// Gives the handle away, for the pool of read transactions.
  [[nodiscard]] MDB_txn* release() noexcept { return txn_.release(); }

private:
  struct aborter {
    void operator()(MDB_txn* txn) const noexcept { mdb_txn_abort(txn); }
  };
  std::unique_ptr<MDB_txn, aborter> txn_;
};

/// The value under `key`, or nothing.
[[nodiscard]] inline std::optional<std::string_view> get(MDB_txn* txn, MDB_dbi table,
                                                         std::string_view key) {
  auto wanted = to_val(key);
  MDB_val found{};
  const int code = mdb_get(txn, table, &wanted, &found);
  if (code == MDB_NOTFOUND)
    return std::nullopt;
  check(code, "mdb_get");
  return to_view(found);
}

/// As above for a table with integer keys.
[[nodiscard]] inline std::optional<std::string_view> get(MDB_txn* txn, MDB_dbi table,
                                                         std::uint64_t key) {
  return get(txn, table, {reinterpret_cast<const char*>(&key), sizeof key});
}

/// Walks one table. Must not outlive a write transaction: LMDB closes its cursors with it.
class cursor {
public:
  cursor(MDB_txn* txn, MDB_dbi table) {
    MDB_cursor* raw = nullptr;
    check(mdb_cursor_open(txn, table, &raw), "mdb_cursor_open");
    cursor_.reset(raw);
  }

  /// Moves as `operation` says; false at the end. `key` and `value` then view the entry.
  [[nodiscard]] bool move(MDB_cursor_op operation) {
    const int code = mdb_cursor_get(cursor_.get(), &key_, &value_, operation);
    if (code == MDB_NOTFOUND)
      return false;
    check(code, "mdb_cursor_get");
    return true;
  }

  /// Moves to the first entry at or behind `wanted`; false when there is none.
  [[nodiscard]] bool seek(std::string_view wanted) {
    key_ = to_val(wanted);
    return move(MDB_SET_RANGE);
  }
  [[nodiscard]] bool seek(std::uint64_t wanted) {
    return seek(std::string_view{reinterpret_cast<const char*>(&wanted), sizeof wanted});
  }

  [[nodiscard]] std::string_view key() const noexcept { return to_view(key_); }
  [[nodiscard]] std::string_view value() const noexcept { return to_view(value_); }

  /// Makes room for a value under `key` and returns where to write it, or throws.
  [[nodiscard]] char* reserve(std::string_view key, std::size_t value_bytes, unsigned int flags) {
    auto where = to_val(key);
    MDB_val room{value_bytes, nullptr};
    check(mdb_cursor_put(cursor_.get(), &where, &room, flags | MDB_RESERVE), "mdb_cursor_put");
    return static_cast<char*>(room.mv_data);
  }

private:
  struct closer {
    void operator()(MDB_cursor* open) const noexcept { mdb_cursor_close(open); }
  };
  std::unique_ptr<MDB_cursor, closer> cursor_;
  MDB_val key_{};
  MDB_val value_{};
};

/// Erases `key`; nothing happens when it is not there.
inline void erase(MDB_txn* txn, MDB_dbi table, std::string_view key) {
  auto wanted = to_val(key);
  const int code = mdb_del(txn, table, &wanted, nullptr);
  if (code != MDB_NOTFOUND)
    check(code, "mdb_del");
}

}  // namespace parley::store::lmdb
