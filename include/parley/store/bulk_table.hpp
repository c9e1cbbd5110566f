#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "parley/model/bulk.hpp"
#include "parley/model/bulk_lines.hpp"
#include "parley/store/rows.hpp"

namespace parley::store {

// What is kept of bulk jobs (mission 8) besides what has become of their lines, which the writer
// keeps: see `bulk_line_change`. All are rows of the journal's batches.

/// Lines of one row.
inline constexpr std::size_t bulk_block_lines = 64;

/// A job as it is kept.
struct bulk_job_record {
  model::bulk_job job;
  model::id128 key;       ///< Digest of API key and idempotency key; none when there was none.
  model::id128 received;  ///< Digest of all durable lines, one behind the other.

  friend bool operator==(const bulk_job_record&, const bulk_job_record&) = default;
};

/// What has become of an accepted line.
struct bulk_line_outcome {
  model::bulk_line_state state = model::bulk_line_state::waiting;
  std::int32_t error_code = 0;  ///< The carrier's, or an `errc` of a refused one; 0: none.
  model::message_id message;    ///< None: it became none yet.
};

/// The job, and what finds it: while it is not over it is among the open ones.
[[nodiscard]] std::vector<row> bulk_job_rows(const bulk_job_record& what);
/// Finds the job by its idempotency key.
[[nodiscard]] row bulk_key_row(const bulk_job_record& what);
/// The lines from position `block` × 64 on, 64 at most.
[[nodiscard]] row bulk_block_row(std::uint32_t organization, const model::bulk_id& job,
                                 std::uint64_t block, std::span<const model::bulk_entry> lines);
[[nodiscard]] row bulk_refused_row(std::uint32_t organization, const model::bulk_id& job,
                                   const model::bulk_refusal& line);

}  // namespace parley::store
