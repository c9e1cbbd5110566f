#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "bench/api_client.hpp"
#include "bench/bulk.hpp"
#include "bench/bulk_upload.hpp"

namespace parley::bench {

/// The jobs of a run, ready to be uploaded: every ordinal from 0 to `lines` - 1 in one of them.
class bulk_jobs {
public:
  /// Makes the requests. Throws `std::invalid_argument` when they would not fit into memory.
  /// @param start_at RFC 3339; empty: at once.
  /// @param seed tells the idempotency keys of runs apart.
  bulk_jobs(const bulk_settings& settings, const std::string& start_at, std::uint64_t seed);

  /// Uploads one after another. Throws `std::runtime_error` when one is not answered 202 or not all
  /// of its lines are accepted.
  void upload_all();

  [[nodiscard]] std::size_t lines() const noexcept { return lines_; }
  [[nodiscard]] std::size_t bytes() const noexcept;
  /// Of each upload, in order.
  [[nodiscard]] const std::vector<upload_answer>& answers() const noexcept { return answers_; }
  /// The jobs' ids, in order.
  [[nodiscard]] const std::vector<std::string>& ids() const noexcept { return ids_; }
  /// From the first byte of the first to the last answer.
  [[nodiscard]] std::chrono::nanoseconds elapsed() const;

private:
  endpoint target_;
  std::chrono::milliseconds patience_;
  std::size_t lines_ = 0;
  std::vector<std::string> requests_;
  std::vector<std::size_t> lines_of_;
  std::vector<upload_answer> answers_;
  std::vector<std::string> ids_;
};

/// `GET /v1/bulk/{id}`; throws `std::runtime_error` when that is not answered with a job.
[[nodiscard]] boost::json::object job_of(api_client& api, const std::string& id);

/// Waits until each job has ended; the last one's representation. Gives up, with what there is,
/// after `patience`.
[[nodiscard]] std::optional<boost::json::object> await_jobs(api_client& api,
                                                            const std::vector<std::string>& ids,
                                                            std::chrono::duration<double> patience);

}  // namespace parley::bench
