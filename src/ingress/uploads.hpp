#pragma once

#include "parley/http/server.hpp"
#include "parley/model/answer.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/store/file_store.hpp"
#include "src/ingress/file_urls.hpp"
#include "src/ingress/ingress_counts.hpp"
#include "src/ingress/read_pool.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace parley::ingress {

/// Where files are uploaded.
inline constexpr std::string_view upload_path = "/v1/files";

/// Limits of uploads. No defaults: the configuration states each.
struct upload_limits {
  std::uint64_t bytes_max = 0;      ///< Of one file; beyond: 413.
  std::size_t uploads_max = 0;      ///< At once; beyond: 503.
  std::uint32_t retry_after_s = 0;  ///< What a 503 asks for.
};

/// `POST /v1/files`: takes files in, piece by piece, from the socket to the disk. Key, scope and
/// size are checked before the body is read, the type when all of it is there; answered once the
/// file is durable. The disk's work is done in the pool, so an I/O thread never waits for it.
class uploads {
public:
  /// Everything outlives the server that calls. `answer` takes answers from any thread.
  uploads(const model::directory_cell& directory, store::file_store& kept, read_pool& pool,
          ingress_counts& counts, const file_urls& urls, upload_limits limits,
          std::function<void(http::ticket, http::response)> answer);

  /// Takes the body of a request, or throws `refusal`. On the request's lane.
  [[nodiscard]] std::shared_ptr<http::body_consumer> receive(http::request& head);
  /// The body is complete: answers later, or throws `refusal`. On the request's lane.
  void finish(http::request& complete, http::ticket where);

private:
  class incoming_file;

  [[nodiscard]] model::answer keep(incoming_file& what) const;
  [[nodiscard]] http::response refused(model::errc code, std::string_view detail) const;

  const model::directory_cell& directory_;
  store::file_store& kept_;
  read_pool& pool_;
  ingress_counts& counts_;
  const file_urls& urls_;
  const upload_limits limits_;
  const std::function<void(http::ticket, http::response)> answer_;
  std::atomic<std::size_t> open_{0};
};

}  // namespace parley::ingress
