#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "parley/http/server.hpp"
#include "parley/model/answer.hpp"
#include "src/ingress/admission.hpp"
#include "src/ingress/ingress_counts.hpp"

namespace parley::ingress {

/// Takes settlements back to the requests that wait for them. Every admitted command comes through
/// here exactly once, and is counted out.
class relay {
public:
  relay(admission& admitted, ingress_counts& counts);

  /// From here on there is somebody to answer to.
  void connect(http::server& server) noexcept;

  /// What a commit settled: one post a lane. The writer's thread.
  void committed(std::span<model::settlement> settled);
  /// What needed no commit. Any thread.
  void answer(const model::settlement& settled);

private:
  [[nodiscard]] http::response response_of(const model::settlement& settled) const;

  admission& admitted_;
  ingress_counts& counts_;
  const http::prepared_response acknowledged_;
  std::atomic<http::server*> server_{nullptr};
  /// The writer's; kept for its room.
  std::vector<std::pair<http::ticket, http::response>> batch_;
};

}  // namespace parley::ingress
