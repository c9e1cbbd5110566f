#include "parley/store/environment.hpp"

#include "src/store/environment_impl.hpp"
#include "src/store/mapped_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace parley::store {
namespace {

constexpr MDB_dbi tables_max = 64;
/// Threads and processes that read at the same moment; a slot is 64 bytes of the lock file.
constexpr unsigned int readers_max = 1024;
constexpr mdb_mode_t file_mode = 0600;

[[noreturn]] void fail(const std::filesystem::path& where, std::string_view what, int error) {
  throw store_error{where.string() + ": " + std::string{what} + ": "
                    + std::generic_category().message(error)};
}

[[nodiscard]] file_descriptor lock_for_writing(const environment_options& options) {
  if (options.read_only)
    return file_descriptor{-1};
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error)
    fail(options.directory, "cannot be created", error.value());
  const auto path = options.directory / "serve.lock";
  file_descriptor lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, file_mode)};
  if (lock.number() < 0)
    fail(path, "cannot be opened", errno);
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      throw store_error{options.directory.string() + ": another process serves this store"};
    fail(path, "cannot be locked", errno);
  }
  return lock;
}

[[nodiscard]] MDB_env* open_environment(const environment_options& options) {
  MDB_env* raw = nullptr;
  lmdb::check(mdb_env_create(&raw), "mdb_env_create");
  std::unique_ptr<MDB_env, environment::impl::closer> env{raw};
  lmdb::check(mdb_env_set_maxdbs(raw, tables_max), "mdb_env_set_maxdbs");
  lmdb::check(mdb_env_set_maxreaders(raw, readers_max), "mdb_env_set_maxreaders");
  if (options.map_bytes_max > 0)
    lmdb::check(mdb_env_set_mapsize(raw, options.map_bytes_max), "mdb_env_set_mapsize");
  // Without read-ahead: idle conversations lie anywhere in a file that may be larger than memory.
  const unsigned int flags = MDB_NOTLS | MDB_NORDAHEAD | (options.read_only ? MDB_RDONLY : 0U);
  const int code = mdb_env_open(raw, options.directory.c_str(), flags, file_mode);
  if (code != MDB_SUCCESS)
    throw store_error{options.directory.string() + ": cannot be opened: " + mdb_strerror(code)};
  // Readers that were killed would hold their pages back for ever.
  int dead = 0;
  lmdb::check(mdb_reader_check(raw, &dead), "mdb_reader_check");
  return env.release();
}

[[nodiscard]] tables open_tables(MDB_env* env, const environment_options& options) {
  const bool create = !options.read_only;
  lmdb::transaction txn{env, create ? lmdb::transaction::mode::read_write
                                    : lmdb::transaction::mode::read_only};
  const auto open = [&](const char* name, unsigned int flags) {
    MDB_dbi handle = 0;
    const int code
      = mdb_dbi_open(txn.get(), name, flags | (create ? unsigned{MDB_CREATE} : 0U), &handle);
    if (code == MDB_NOTFOUND)
      throw store_error{options.directory.string() + ": has no table " + name
                        + ": an earlier version wrote it; start the broker on it once"};
    lmdb::check(code, "mdb_dbi_open");
    return handle;
  };
  const tables handles{.journal = open("journal", MDB_INTEGERKEY),
                       .conversations = open("conversations", 0),
                       .heads = open("heads", 0),
                       .conversation_ids = open("conversation_ids", 0),
                       .outbox = open("outbox", 0),
                       .timers = open("timers", 0),
                       .listings = open("listings", 0),
                       .directory = open("directory", 0),
                       .contacts = open("contacts", 0),
                       .contact_addresses = open("contact_addresses", 0),
                       .consents = open("consents", 0),
                       .cursors = open("cursors", 0),
                       .webhook_log = open("webhook_log", 0),
                       .dead_letters = open("dead_letters", 0),
                       .webhook_replays = open("webhook_replays", 0),
                       .bulk_jobs = open("bulk_jobs", 0),
                       .bulk_lines = open("bulk_lines", 0),
                       .bulk_cells = open("bulk_cells", 0),
                       .bulk_refused = open("bulk_refused", 0),
                       .meta = open("meta", 0)};
  std::move(txn).commit();
  return handles;
}

}  // namespace

file_descriptor::~file_descriptor() {
  if (number_ >= 0)
    ::close(number_);
}

MDB_dbi tables::of(table where) const noexcept {
  const std::array handles{conversation_ids, outbox,   timers,            listings,
                           directory,        contacts, contact_addresses, consents,
                           cursors,          webhook_log, dead_letters,   webhook_replays,
                           bulk_jobs,        bulk_lines,  bulk_refused};
  return handles[static_cast<std::size_t>(where)];
}

environment::impl::impl(const environment_options& options)
  : directory(options.directory),
    serve_lock(lock_for_writing(options)),
    env(open_environment(options)),
    handles(open_tables(env.get(), options)),
    mapped_bytes_max(options.mapped_bytes_max) {
  int data_file = -1;
  lmdb::check(mdb_env_get_fd(env.get(), &data_file), "mdb_env_get_fd");
  map = map_of(data_file);
}

environment::impl::~impl() {
  for (auto* txn : pool)
    mdb_txn_abort(txn);
}

MDB_txn* environment::impl::take_reader() {
  MDB_txn* txn = nullptr;
  {
    const std::lock_guard lock{pool_mutex};
    if (!pool.empty()) {
      txn = pool.back();
      pool.pop_back();
    }
  }
  if (txn == nullptr)
    return lmdb::transaction{env.get(), lmdb::transaction::mode::read_only}.release();
  if (const int code = mdb_txn_renew(txn); code != MDB_SUCCESS) {
    mdb_txn_abort(txn);
    lmdb::check(code, "mdb_txn_renew");
  }
  return txn;
}

void environment::impl::give_back(MDB_txn* txn) noexcept {
  mdb_txn_reset(txn);
  try {
    const std::lock_guard lock{pool_mutex};
    pool.push_back(txn);
  } catch (const std::exception&) {
    mdb_txn_abort(txn);  // No memory for the pool: the next reader begins a new one.
  }
}

std::size_t environment::impl::used_bytes() const {
  MDB_envinfo info{};
  lmdb::check(mdb_env_info(env.get(), &info), "mdb_env_info");
  MDB_stat stat{};
  lmdb::check(mdb_env_stat(env.get(), &stat), "mdb_env_stat");
  return (info.me_last_pgno + 1) * stat.ms_psize;
}

void environment::impl::expect_sequential_reads(bool sequential) const {
  // Only advice: when the kernel does not take it, the reads are slower and no less right.
  ::madvise(map, used_bytes(), sequential ? MADV_NORMAL : MADV_RANDOM);
}

void environment::impl::trim_mapped_pages() const {
  if (mapped_bytes_max == 0 || resident_file_bytes() <= mapped_bytes_max)
    return;
  // The map is shared and read-only: this forgets translations, the page cache keeps the pages, and
  // the next access finds them there.
  ::madvise(map, used_bytes(), MADV_DONTNEED);
}

read_transaction::read_transaction(const environment& from)
  : owner_(from.inside()), txn_(owner_.take_reader()) {}

read_transaction::~read_transaction() { owner_.give_back(txn_); }

const tables& read_transaction::in() const noexcept { return owner_.handles; }

environment::environment(const environment_options& options)
  : impl_(std::make_unique<impl>(options)) {}

environment::~environment() = default;

void environment::copy_to(const std::filesystem::path& file) const {
  const file_descriptor target{
    ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file_mode)};
  if (target.number() < 0)
    fail(file, "cannot be created", errno);
  const int code = mdb_env_copyfd2(impl_->env.get(), target.number(), MDB_CP_COMPACT);
  const bool flushed = code == MDB_SUCCESS && ::fsync(target.number()) == 0;
  const int error = errno;
  if (flushed)
    return;
  ::unlink(file.c_str());  // Half a copy must not be taken for one.
  if (code != MDB_SUCCESS)
    throw store_error{file.string() + ": cannot be written: " + mdb_strerror(code)};
  fail(file, "cannot be flushed", error);
}

std::uint64_t environment::used_bytes() const { return impl_->used_bytes(); }

}  // namespace parley::store
