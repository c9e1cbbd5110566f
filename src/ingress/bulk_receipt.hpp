#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "parley/bulk/cost.hpp"
#include "parley/bulk/lines.hpp"
#include "parley/bulk/splitter.hpp"
#include "parley/store/bulk_table.hpp"
#include "src/ingress/api/bulk_parameters.hpp"

namespace parley::ingress {

/// Limits of one bulk job's lines.
struct receipt_limits {
  std::size_t line_bytes_max = 0;
  std::size_t refused_lines_max = 0;  ///< Kept with their reasons; beyond: only counted.
  std::size_t json_depth_max = 0;
};

/// What an answer shows of a job's refused lines at once.
inline constexpr std::size_t refused_lines_shown = 100;

/// Makes rows of what is uploaded for one bulk job, piece by piece. Lines become durable by whole
/// blocks, so that an upload that broke goes on where its job ends: whoever repeats it from the
/// beginning is read along, and compared, up to there.
///
/// One thread at a time. Throws `refusal` (idempotency_mismatch) when what is repeated is not what
/// came before.
class bulk_receipt {
public:
  /// @param record of a new job, or of one whose lines are durable in part or in whole.
  /// @param refused_before the first refused lines that are durable.
  bulk_receipt(store::bulk_job_record record, const bulk_wish& wish, receipt_limits limits,
               std::vector<model::bulk_refusal> refused_before = {});

  void take(std::string_view bytes);
  /// There is no more.
  void finish();

  /// Takes the rows of what may become durable now; `record` is true as soon as they are.
  [[nodiscard]] std::vector<store::row> take_rows();
  [[nodiscard]] const store::bulk_job_record& record() const noexcept { return record_; }
  /// The first of them.
  [[nodiscard]] const std::vector<model::bulk_refusal>& refused() const noexcept {
    return refused_;
  }

  /// What the accepted lines will cost; of a dry run with prices only.
  [[nodiscard]] const std::optional<bulk::cost_estimate>& cost() const noexcept { return cost_; }

private:
  void take_line(const bulk::raw_line& line);
  void compare(std::uint64_t number) const;
  void refuse(model::bulk_refusal line);
  void close_block();
  void move_point();

  store::bulk_job_record record_;  ///< As it is once the rows up to `ready_` are durable.
  const receipt_limits limits_;
  const std::uint64_t known_lines_;  ///< That are durable already …
  const model::id128 known_;         ///< … and their digest.
  const bool complete_;              ///< There are no others.
  bulk::splitter cut_;
  bulk::line_reader reader_;
  model::id128 digest_;
  std::uint64_t refused_total_;
  std::uint64_t segments_;
  std::optional<bulk::cost_estimate> cost_;
  std::vector<model::bulk_entry> block_;
  std::vector<model::bulk_refusal> refused_;
  std::vector<store::row> rows_;
  std::size_t ready_ = 0;  ///< Rows that whole blocks have.
};

}  // namespace parley::ingress
