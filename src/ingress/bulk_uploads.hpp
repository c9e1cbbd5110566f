#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

#include "actors/protocol.hpp"
#include "parley/http/server.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/store/journal.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/bulk_receipt.hpp"
#include "src/ingress/ingress_counts.hpp"
#include "src/ingress/read_pool.hpp"

namespace parley::ingress {

/// Where bulk jobs are uploaded.
inline constexpr std::string_view bulk_path = "/v1/bulk";

/// Limits of bulk uploads. No defaults: the configuration states each.
struct bulk_upload_limits {
  std::size_t uploads_max = 0;    ///< At once; beyond: 503.
  std::size_t jobs_open_max = 0;  ///< Jobs that are not over; beyond: 503.
  receipt_limits lines;
  std::uint32_t retry_after_s = 0;  ///< What a 503 asks for.
};

/// What bulk uploads work with. Everything outlives the server that calls.
struct bulk_upload_parts {
  const model::directory_cell& directory;
  store::journal& journal;
  const store::reader& reader;
  const actors::bulk_desk_actor& desk;
  read_pool& pool;  ///< Of their own: a large upload must not delay a read.
  ingress_counts& counts;
};

/// `POST /v1/bulk`: takes a bulk job's lines in as they come, of any number. A few pieces are on
/// their way to the disk at once, and no more is read before they are durable, so that memory does
/// not grow with the upload; the answer says that all of them are. Lines are read in the pool: no
/// I/O thread waits.
class bulk_uploads {
public:
  /// `answer` takes answers from any thread.
  bulk_uploads(bulk_upload_parts parts, bulk_upload_limits limits,
               std::function<void(http::ticket, http::response)> answer);

  /// Takes the body of a request, or throws `refusal`. On the request's lane.
  [[nodiscard]] std::shared_ptr<http::body_consumer> receive(http::request& head);
  /// The body is complete: answers later, or throws `refusal`. On the request's lane.
  void finish(http::request& complete, http::ticket where);

private:
  class incoming_job;

  [[nodiscard]] http::response refused(model::errc code, std::string_view detail) const;
  /// One upload at a time under one key. False when there is another.
  [[nodiscard]] bool begin_key(std::uint32_t organization, const model::id128& key);
  void end_key(std::uint32_t organization, const model::id128& key);

  const bulk_upload_parts parts_;
  const bulk_upload_limits limits_;
  const std::function<void(http::ticket, http::response)> answer_;
  std::atomic<std::size_t> open_{0};
  std::mutex mutex_;
  std::set<std::pair<std::uint32_t, model::id128>> keys_;  ///< Of the uploads that are open.
};

}  // namespace parley::ingress
