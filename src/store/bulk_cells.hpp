#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "parley/model/bulk.hpp"
#include "parley/store/bulk_table.hpp"
#include "parley/store/rows.hpp"
#include "src/store/environment_impl.hpp"

/// What has become of a bulk job's lines: a cell a line, 64 of them a row, and one row that counts
/// them. Only the writer writes them, in the transaction of the events that they follow from, so
/// that they are exact whenever the process dies. Lines of which nothing is known have no row: they
/// wait.
namespace parley::store {

/// One line's state, the carrier's or our code for it, and the message that it became.
struct bulk_cell {
  model::bulk_line_state state = model::bulk_line_state::waiting;
  std::int32_t error_code = 0;
  model::message_id message;

  friend bool operator==(const bulk_cell&, const bulk_cell&) = default;
};

using bulk_block = std::array<bulk_cell, bulk_block_lines>;

/// Organisation (4), job (16).
[[nodiscard]] std::string bulk_job_key(std::uint32_t organization, const model::bulk_id& job);
/// … and the number of the block (8, big-endian).
[[nodiscard]] std::string bulk_block_key(std::uint32_t organization, const model::bulk_id& job,
                                         std::uint64_t block);
/// The row that counts a job's lines by state: behind all of its blocks.
[[nodiscard]] std::string bulk_counts_key(std::uint32_t organization, const model::bulk_id& job);
/// Whether a key of the table is such a row's.
[[nodiscard]] bool is_bulk_counts_key(std::string_view key) noexcept;

/// All throw `corruption_error` for what this version has not written.
[[nodiscard]] std::string encode_bulk_block(const bulk_block& cells);
[[nodiscard]] bulk_block decode_bulk_block(std::string_view value);
[[nodiscard]] std::string encode_bulk_counts(const model::bulk_counts& counts);
[[nodiscard]] model::bulk_counts decode_bulk_counts(std::string_view value);

/// The cell after a change, or nothing when the change is not for it: another message's, or a step
/// that the cell has already made. Pure.
[[nodiscard]] std::optional<bulk_cell> changed(const bulk_cell& before,
                                               const bulk_line_change& change);

/// Makes the changes, in order, and counts them. Rows that are damaged stay as they are: nobody can
/// read them, and the verification names them.
void write_line_changes(MDB_txn* txn, const tables& handles,
                        std::span<const bulk_line_change> changes);

}  // namespace parley::store
