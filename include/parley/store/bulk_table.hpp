#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "parley/model/bulk.hpp"
#include "parley/model/error.hpp"
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

/// An accepted line.
struct bulk_stored_line {
  std::uint64_t number = 0;  ///< In what was uploaded, from 1.
  std::string to;            ///< An address.
  std::vector<std::string> values;  ///< Of the text's variables, in order of their first use.
  std::string body;                 ///< The line's own text, in place of the job's.

  friend bool operator==(const bulk_stored_line&, const bulk_stored_line&) = default;
};

/// A line that was not accepted, and why.
struct bulk_refused_line {
  std::uint64_t number = 0;
  model::errc code = model::errc::malformed;
  std::string detail;

  friend bool operator==(const bulk_refused_line&, const bulk_refused_line&) = default;
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
                                 std::uint64_t block, std::span<const bulk_stored_line> lines);
[[nodiscard]] row bulk_refused_row(std::uint32_t organization, const model::bulk_id& job,
                                   const bulk_refused_line& line);

}  // namespace parley::store
