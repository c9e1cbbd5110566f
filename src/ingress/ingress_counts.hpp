#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "parley/model/error.hpp"

namespace parley::ingress {

/// What happened at the door, for the metrics page. Relaxed counters; any thread.
struct ingress_counts {
  std::atomic<std::uint64_t> callbacks_inbound{0};  ///< Admitted.
  std::atomic<std::uint64_t> callbacks_status{0};   ///< Admitted.
  std::atomic<std::uint64_t> api_requests{0};       ///< Authenticated.
  std::atomic<std::uint64_t> files_kept{0};         ///< Uploaded, and durable.
  std::atomic<std::uint64_t> settled{0};            ///< Answered because a commit made it durable.
  std::atomic<std::uint64_t> commands_refused{0};   ///< Admitted, and refused by the cast.
  std::atomic<std::uint64_t> largest_batch{0};      ///< Answers of one commit.
  std::atomic<std::int64_t> streams_open{0};
  std::atomic<std::uint64_t> streams_total{0};
  std::atomic<std::uint64_t> stream_events{0};      ///< Read for streams.
  /// Refused at the door, by `errc`.
  std::array<std::atomic<std::uint64_t>, model::errc_table.size()> refused{};

  void count_refusal(model::errc code) noexcept {
    refused[static_cast<std::size_t>(code) - 1].fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace parley::ingress
