#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/answer.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/event.hpp"
#include "parley/store/rows.hpp"

namespace parley::store {

class environment;

/// Told on the writer's thread that an append is durable; must only pass it on.
class commit_listener {
public:
  virtual ~commit_listener() = default;
  virtual void committed(std::uint64_t token) noexcept = 0;
};

/// What a message's record has as its files from now on.
struct settled_files {
  std::uint64_t seq = 0;            ///< Of the message's event.
  std::vector<model::media> files;  ///< As many as it has.
};

/// What a message's record has as its text and its time from now on.
struct edited_message {
  std::uint64_t seq = 0;      ///< Of the message's event.
  model::content_ptr what;    ///< Null: as it is.
  model::edition as;          ///< Its segments count with `what` only.
};

/// One pair's part of the next batch. The spans and views need to live only for the call.
struct append_request {
  std::string_view pair_key{};
  std::uint32_t organization = 0;
  std::uint64_t prev = 0;                     ///< The pair's last event before these; 0 is none.
  std::span<const model::event> events{};     ///< May be empty: then it is a barrier.
  std::span<const row> rows{};                ///< What follows from the events.
  /// Messages' records that lose text and files for good, by sequence number (mission 3).
  std::span<const std::uint64_t> redactions{};
  /// A message of which something has become known. One that was redacted stays so.
  const settled_files* settled = nullptr;
  const edited_message* edited = nullptr;
  std::span<const bulk_line_change> line_changes{};
  const model::conversation_state* snapshot = nullptr;  ///< State up to `prev`, with no `events`.
  model::settlement settle{};                 ///< Answered once durable; may be nobody.
  std::shared_ptr<commit_listener> listener{};  ///< May be null: most appends interest nobody.
  std::uint64_t token = 0;                    ///< For the listener.
};

/// What the writer tells after each flush, on its own thread.
class commit_sink {
public:
  virtual ~commit_sink() = default;
  /// The batch is durable: answer these (one post a lane), and wake whoever follows the journal.
  virtual void committed(std::span<model::settlement> settled, std::uint64_t last_seq) noexcept = 0;
  /// A write or flush failed. Nothing of the batch was acknowledged. Does not return: the process
  /// must end and recover, because what the disk holds is not known.
  [[noreturn]] virtual void failed(std::string cause) noexcept = 0;
};

struct journal_options {
  std::size_t tail_events_max = 0;  ///< Events that a start has to scan.
  std::size_t batch_bytes_max = 0;  ///< A batch is cut here; the rest is the next one.
};

/// Counts for the metrics page. Read from any thread.
struct journal_counts {
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;      ///< Of records, before LMDB's pages.
  std::uint64_t snapshots = 0;
  std::uint64_t heads = 0;      ///< Rows of `heads`: pairs that left the tail without a snapshot.
  std::uint64_t flush_ns = 0;   ///< Time spent committing, in total.
  std::uint64_t waiting = 0;    ///< Appends not yet durable.
  std::uint64_t tail_events = 0;
  std::uint64_t last_seq = 0;
};

/// The one writer. Appends are given their place at once, under a lock; the writer's thread takes
/// whatever piled up during its last flush as one LMDB transaction. Order of `append` is order of
/// sequence, within one batch and over batches, so an append without events is a barrier: it is
/// settled no earlier than everything appended before it.
///
/// Thread-safe, except `start`, `stop`, `leave_no_tail` and `commit_pending`. Bounded by its
/// callers: what is admitted is counted there.
class journal {
public:
  /// Reads `meta`, scans the tail and learns which pairs have events in it.
  journal(std::shared_ptr<environment> env, journal_options options, commit_sink& sink);
  ~journal();
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  void start();
  /// Commits what was appended, then ends the thread. Appending afterwards is a bug of the caller.
  void stop();

  /// Takes every pair out of the tail, so that the next start has nothing to scan. After `stop`; up
  /// to a second. Throws `store_error`; nothing is lost then, the next start scans.
  void leave_no_tail();

  /// Commits what was appended on the calling thread, for a journal that was not started: tools,
  /// and tests that decide when a batch becomes durable. Throws `store_error`.
  void commit_pending();

  /// Queues and returns the sequence number of the first event (of the last append's last event
  /// when there are none). The others follow without gaps. Never blocks on I/O. Throws
  /// `std::invalid_argument`, and queues nothing, for keys that no table takes.
  std::uint64_t append(const append_request& request);

  /// The last sequence number that is durable.
  [[nodiscard]] std::uint64_t committed() const noexcept;

  /// The pair's last durable event while it is in the tail; 0 when the store's tables know of it.
  /// After a start it may be one that the snapshot has already: `reader::load` compares.
  [[nodiscard]] std::uint64_t tail_head(std::string_view pair_key) const;

  [[nodiscard]] journal_counts counts() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace parley::store
