#include "parley/store/journal.hpp"

#include "parley/store/environment.hpp"
#include "src/store/batch.hpp"
#include "src/store/batch_writer.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/tail_index.hpp"
#include "src/store/tail_scan.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include <pthread.h>

namespace parley::store {
namespace {

/// Two take turns; more exist only while a backlog is larger than one batch may be.
constexpr std::size_t spare_batches_max = 2;
/// Dead readers of other processes hold pages back; looking for them costs a short lock.
constexpr std::uint64_t batches_between_reader_checks = 4096;
/// Looking costs one small read of /proc.
constexpr std::uint64_t batches_between_trims = 8;
/// Of the index, swept in one transaction when the broker ends: some ten thousand rows.
constexpr std::size_t buckets_per_sweep = 64;
/// Above this a thread's scratch memory goes back after an unusually large append.
constexpr std::size_t draft_bytes_max = std::size_t{1} << 20U;

}  // namespace

struct journal::impl {
  impl(std::shared_ptr<environment> env_, journal_options options_, commit_sink& sink_)
    : env(std::move(env_)),
      options(options_),
      sink(sink_),
      sweep_every(std::max<std::size_t>(1, options.tail_events_max / tail_index::bucket_count)),
      writer(*env) {
    const auto found = scan_tail(*env, index);
    next_seq = found.last_seq + 1;
    last_committed = found.last_seq;
    tail_from = index.first_or(next_seq);
  }

  /// The batch that the next append goes to. Called with the lock held.
  [[nodiscard]] batch& room_for(std::size_t bytes_more) {
    const bool full = pending.empty()
                      || (!pending.back()->empty()
                          && pending.back()->bytes() + bytes_more > options.batch_bytes_max);
    if (full) {
      if (spare.empty())
        spare.push_back(std::make_unique<batch>());
      pending.push_back(std::move(spare.back()));
      spare.pop_back();
    }
    return *pending.back();
  }

  /// Waits for the next batch; null when there will be none.
  [[nodiscard]] std::unique_ptr<batch> next_batch() {
    std::unique_lock lock{mutex};
    while (pending.empty() && !stopping) {
      writer_sleeps = true;
      wake.wait(lock);
    }
    writer_sleeps = false;
    if (pending.empty())
      return nullptr;
    auto next = std::move(pending.front());
    pending.pop_front();
    return next;
  }

  void recycle(std::unique_ptr<batch> done) {
    done->clear();
    done->trim(2 * options.batch_bytes_max);
    const std::lock_guard lock{mutex};
    if (spare.size() < spare_batches_max)
      spare.push_back(std::move(done));
  }

  void commit_and_recycle(std::unique_ptr<batch> next) {
    commit(*next);
    recycle(std::move(next));
    keep_house();
  }

  void run() noexcept {
    try {
      while (auto next = next_batch())
        commit_and_recycle(std::move(next));
    } catch (const std::exception& failure) {
      sink.failed(failure.what());
    }
  }

  /// Makes the batch durable, then tells whoever waits for it, in this order: those who look (the
  /// index, `committed()`), those who asked, those who follow.
  void commit(batch& what) {
    if (what.writes()) {
      sweep_tail();
      const auto begun = std::chrono::steady_clock::now();
      writer.write(what, heads,
                   {.last_seq = what.last_seq(), .tail_from = index.first_or(what.first_seq())});
      const auto spent = std::chrono::steady_clock::now() - begun;
      index.forget_swept();
      index.apply(what);
      tail_from = index.first_or(what.last_seq() + 1);
      unswept_events += what.records().size();
      flush_ns += static_cast<std::uint64_t>(std::chrono::nanoseconds{spent}.count());
      ++batches;
      events += what.records().size();
      bytes += what.record_bytes();
      snapshots += what.snapshots().size();
      heads_written += heads.size();
    }
    last_committed = what.last_seq();
    waiting -= what.appends();
    sink.committed(what.settlements(), what.last_seq());
    for (const auto& [listener, token] : what.listeners())
      listener->committed(token);
  }

  /// Takes a bucket out of the tail for every so many events that came in, so that each is swept
  /// once while the tail is as long as it may be, and no batch has much more to write than others.
  void sweep_tail() {
    heads.clear();
    while (unswept_events >= sweep_every)
      unswept_events = index.sweep(heads) ? unswept_events - sweep_every : 0;
  }

  void leave_no_tail() {
    for (;;) {
      heads.clear();
      for (std::size_t i = 0; i < buckets_per_sweep && index.sweep(heads); ++i) {
      }
      if (heads.empty())
        return;
      tail_from = index.first_or(last_committed + 1);
      writer.write(batch{}, heads, {.last_seq = last_committed, .tail_from = tail_from});
      index.forget_swept();
      heads_written += heads.size();
    }
  }

  void keep_house() const {
    if (batches % batches_between_trims == 0)
      env->inside().trim_mapped_pages();
    if (batches % batches_between_reader_checks == batches_between_reader_checks - 1) {
      int dead = 0;
      lmdb::check(mdb_reader_check(env->inside().env.get(), &dead), "mdb_reader_check");
    }
  }

  std::shared_ptr<environment> env;
  const journal_options options;
  commit_sink& sink;
  const std::size_t sweep_every;  // Events.
  batch_writer writer;            // Writer's thread, and the next three.
  tail_index index;
  std::vector<head_row> heads;  // Of the batch being written; kept for its memory.
  std::size_t unswept_events = 0;

  std::mutex mutex;  // Guards what follows, up to `wake`.
  std::uint64_t next_seq = 1;
  std::deque<std::unique_ptr<batch>> pending;  // Oldest first; the last one is being filled.
  std::vector<std::unique_ptr<batch>> spare;
  bool writer_sleeps = false;
  bool stopping = false;
  std::condition_variable wake;

  // Written by the writer's thread, `waiting` by all; read by any.
  std::atomic<std::uint64_t> last_committed{0};
  std::atomic<std::uint64_t> tail_from{1};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> snapshots{0};
  std::atomic<std::uint64_t> heads_written{0};
  std::atomic<std::uint64_t> flush_ns{0};
  std::atomic<std::uint64_t> waiting{0};

  std::thread thread;
};

journal::journal(std::shared_ptr<environment> env, journal_options options, commit_sink& sink)
  : impl_(std::make_unique<impl>(std::move(env), options, sink)) {}

journal::~journal() { stop(); }

void journal::start() {
  impl_->thread = std::thread{[this] {
    ::pthread_setname_np(::pthread_self(), "journal");
    impl_->run();
  }};
}

void journal::stop() {
  if (!impl_->thread.joinable())
    return;
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

void journal::leave_no_tail() { impl_->leave_no_tail(); }

void journal::commit_pending() {
  const auto take = [&]() -> std::unique_ptr<batch> {
    const std::lock_guard lock{impl_->mutex};
    if (impl_->pending.empty())
      return nullptr;
    auto next = std::move(impl_->pending.front());
    impl_->pending.pop_front();
    return next;
  };
  while (auto next = take())
    impl_->commit_and_recycle(std::move(next));
}

std::uint64_t journal::append(const append_request& request) {
  thread_local draft encoded;
  encoded.write(request, impl_->env->inside().handles);
  bool asleep = false;
  std::uint64_t first = 0;
  {
    const std::lock_guard lock{impl_->mutex};
    first = impl_->next_seq;
    impl_->room_for(encoded.bytes.size()).take(encoded, first, request);
    impl_->next_seq += request.events.size();
    impl_->waiting.fetch_add(1, std::memory_order_relaxed);
    asleep = std::exchange(impl_->writer_sleeps, false);
  }
  if (asleep)
    impl_->wake.notify_one();
  if (encoded.bytes.capacity() > draft_bytes_max)
    encoded = draft{};
  return request.events.empty() ? first - 1 : first;
}

std::uint64_t journal::committed() const noexcept { return impl_->last_committed; }

std::uint64_t journal::tail_head(std::string_view pair_key) const {
  return impl_->index.last_of(pair_key);
}

journal_counts journal::counts() const noexcept {
  const auto last = impl_->last_committed.load();
  const auto from = impl_->tail_from.load();
  return {.batches = impl_->batches,
          .events = impl_->events,
          .bytes = impl_->bytes,
          .snapshots = impl_->snapshots,
          .heads = impl_->heads_written,
          .flush_ns = impl_->flush_ns,
          .waiting = impl_->waiting,
          .tail_events = last + 1 > from ? last + 1 - from : 0,
          .last_seq = last};
}

}  // namespace parley::store
