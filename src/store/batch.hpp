#pragma once

#include "parley/model/answer.hpp"
#include "parley/store/journal.hpp"
#include "src/store/environment_impl.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::store {

/// Where a record lies in a batch's bytes.
struct record_slot {
  std::size_t offset = 0;
  std::uint32_t bytes = 0;
  std::uint16_t key_bytes = 0;
};

/// Where a row's key and, right behind it, its value lie.
struct row_slot {
  std::size_t offset = 0;
  std::uint32_t value_bytes = 0;
  std::uint16_t key_bytes = 0;
  bool erase = false;
  std::int32_t key_ends_with_seq_of = -1;
  MDB_dbi table = 0;
};

/// A snapshot among the rows, and its place in the order of the records.
struct snapshot_slot {
  std::size_t row = 0;
  std::size_t records_before = 0;
  std::uint64_t head_seq = 0;
};

/// One append, encoded. Each thread has one and uses it again and again; what depends on the
/// sequence number is left open, so that encoding needs no lock.
struct draft {
  /// Throws `std::invalid_argument` for keys that no table takes, before anything is queued.
  void write(const append_request& request, const tables& handles);

  std::string bytes;
  std::vector<record_slot> records;
  std::vector<row_slot> rows;
  std::vector<snapshot_slot> snapshots;

private:
  void write_records(const append_request& request);
  void write_rows(const append_request& request, const tables& handles);
  void write_snapshot(const append_request& request, const tables& handles);
  void add_row(MDB_dbi table, std::string_view key, std::string_view value);

  std::string encoded_state_;
};

/// What becomes durable together: everything lies in one run of bytes, and vectors say where.
/// Cleared and filled again, so a steady load allocates nothing here.
class batch {
public:
  /// Takes in `from` as the events from `seq` on. The first append of a batch gives it its number.
  void take(const draft& from, std::uint64_t seq, const append_request& request);

  void clear();
  /// Gives memory back that only an unusual burst needed.
  void trim(std::size_t bytes_max);

  [[nodiscard]] bool empty() const noexcept { return appends_ == 0; }
  /// Whether there is anything to write: a batch of barriers has nothing.
  [[nodiscard]] bool writes() const noexcept {
    return !records_.empty() || !rows_.empty() || !line_changes_.empty();
  }

  [[nodiscard]] std::uint64_t first_seq() const noexcept { return first_seq_; }
  /// The last sequence number that is given when this batch is durable.
  [[nodiscard]] std::uint64_t last_seq() const noexcept { return first_seq_ + records_.size() - 1; }
  [[nodiscard]] std::size_t appends() const noexcept { return appends_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::size_t record_bytes() const noexcept { return record_bytes_; }

  [[nodiscard]] std::span<const record_slot> records() const noexcept { return records_; }
  [[nodiscard]] std::span<const row_slot> rows() const noexcept { return rows_; }
  [[nodiscard]] std::span<const snapshot_slot> snapshots() const noexcept { return snapshots_; }
  [[nodiscard]] std::span<const std::uint64_t> redactions() const noexcept { return redactions_; }
  [[nodiscard]] std::span<const settled_files> settled() const noexcept { return settled_; }
  [[nodiscard]] std::span<const edited_message> edited() const noexcept { return edited_; }

  [[nodiscard]] std::span<const bulk_line_change> line_changes() const noexcept {
    return line_changes_;
  }

  [[nodiscard]] std::string_view record(const record_slot& slot) const noexcept;
  [[nodiscard]] std::string_view pair_key(const record_slot& slot) const noexcept;
  [[nodiscard]] std::string_view key(const row_slot& slot) const noexcept;
  [[nodiscard]] std::string_view value(const row_slot& slot) const noexcept;

  [[nodiscard]] std::span<model::settlement> settlements() noexcept { return settlements_; }

  struct told {
    std::shared_ptr<commit_listener> listener;
    std::uint64_t token = 0;
  };
  [[nodiscard]] std::span<const told> listeners() const noexcept { return listeners_; }

private:
  std::uint64_t first_seq_ = 0;
  std::size_t appends_ = 0;
  std::size_t record_bytes_ = 0;
  std::string bytes_;
  std::vector<record_slot> records_;
  std::vector<row_slot> rows_;
  std::vector<snapshot_slot> snapshots_;
  std::vector<std::uint64_t> redactions_;  ///< Sequence numbers.
  std::vector<settled_files> settled_;
  std::vector<edited_message> edited_;
  std::vector<bulk_line_change> line_changes_;
  std::vector<model::settlement> settlements_;
  std::vector<told> listeners_;
};

}  // namespace parley::store
