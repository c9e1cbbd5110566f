#pragma once

#include "parley/store/environment.hpp"
#include "parley/store/rows.hpp"
#include "src/store/lmdb.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace parley::store {

/// A file descriptor that closes itself; with it goes the lock it may hold.
class file_descriptor {
public:
  explicit file_descriptor(int number) noexcept : number_(number) {}
  file_descriptor(file_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;
  file_descriptor& operator=(file_descriptor&&) = delete;
  ~file_descriptor();

  [[nodiscard]] int number() const noexcept { return number_; }

private:
  int number_;
};

/// LMDB's handle of every table.
struct tables {
  MDB_dbi journal = 0;        ///< Sequence number → record.
  MDB_dbi conversations = 0;  ///< Pair key → snapshot.
  MDB_dbi heads = 0;          ///< Pair key → its last event, where no snapshot has that.
  MDB_dbi conversation_ids = 0;
  MDB_dbi outbox = 0;
  MDB_dbi timers = 0;
  MDB_dbi listings = 0;
  MDB_dbi directory = 0;
  MDB_dbi contacts = 0;           ///< Organisation and id → contact.
  MDB_dbi contact_addresses = 0;  ///< Organisation and address → id of the contact that has it.
  MDB_dbi consents = 0;  ///< Organisation, address, our number and event → the event.
  MDB_dbi cursors = 0;       ///< Organisation and webhook → its place in the journal.
  MDB_dbi webhook_log = 0;   ///< Organisation, webhook and number → what came of a try.
  MDB_dbi dead_letters = 0;  ///< Organisation, webhook and event → why it was given up.
  MDB_dbi webhook_replays = 0;  ///< Organisation, webhook and event: to be posted again.
  MDB_dbi bulk_jobs = 0;     ///< See src/store/bulk_rows.hpp, for these four.
  MDB_dbi bulk_lines = 0;
  MDB_dbi bulk_cells = 0;
  MDB_dbi bulk_refused = 0;
  MDB_dbi meta = 0;

  [[nodiscard]] MDB_dbi of(table where) const noexcept;
};

/// A read transaction taken from the environment's pool: renewing one takes no lock and no reader
/// slot, beginning one takes both.
class read_transaction {
public:
  explicit read_transaction(const environment& from);
  ~read_transaction();
  read_transaction(const read_transaction&) = delete;
  read_transaction& operator=(const read_transaction&) = delete;

  [[nodiscard]] MDB_txn* get() const noexcept { return txn_; }
  [[nodiscard]] const tables& in() const noexcept;

private:
  environment::impl& owner_;
  MDB_txn* txn_ = nullptr;
};

struct environment::impl {
  explicit impl(const environment_options& options);
  ~impl();
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  /// A transaction at the present state of the store: a pooled one, else a new one.
  [[nodiscard]] MDB_txn* take_reader();
  void give_back(MDB_txn* txn) noexcept;

  /// Tells the kernel how the map is about to be read: in order (the scan at start) or anywhere.
  void expect_sequential_reads(bool sequential) const;

  /// Lets go of the map's pages when more of them than `mapped_bytes_max` are resident. A few
  /// microseconds, or a few milliseconds when it has to.
  void trim_mapped_pages() const;

  [[nodiscard]] std::size_t used_bytes() const;

  struct closer {
    void operator()(MDB_env* open) const noexcept { mdb_env_close(open); }
  };

  std::filesystem::path directory;
  file_descriptor serve_lock;  ///< Held by the one process that writes.
  std::unique_ptr<MDB_env, closer> env;
  tables handles;
  std::size_t mapped_bytes_max = 0;
  void* map = nullptr;  ///< Where LMDB has mapped the data file; it tells only under MDB_FIXEDMAP.
  std::mutex pool_mutex;
  std::vector<MDB_txn*> pool;  ///< Reset, so they hold no page back. As many as ran at once.
};

}  // namespace parley::store
