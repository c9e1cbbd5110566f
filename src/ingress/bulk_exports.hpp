#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "parley/http/server.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/ingress_counts.hpp"
#include "src/ingress/read_pool.hpp"

namespace parley::ingress {

/// `GET /v1/bulk/{id}/results` with `Accept: application/x-ndjson` or `text/csv`: all of a job's
/// results as one stream, read from the store as the reader takes them, so that a million lines
/// cost no memory. Each line is as it is when it is read.
class bulk_exports {
public:
  /// Everything outlives the server that calls. `answer` takes answers from any thread.
  bulk_exports(const model::directory_cell& directory, const store::reader& reader,
               read_pool& pool, ingress_counts& counts,
               std::function<void(http::ticket, http::response)> answer);

  /// Whether the request is for such a stream.
  [[nodiscard]] static bool is_meant(const http::request& incoming);

  /// Answers later, or throws `refusal`. On the request's lane.
  void serve(const http::request& incoming, http::ticket where);

private:
  class results;
  struct wish;

  [[nodiscard]] http::response begin(wish what) const;
  [[nodiscard]] http::response refused(model::errc code, std::string_view detail) const;

  const model::directory_cell& directory_;
  const store::reader& reader_;
  read_pool& pool_;
  ingress_counts& counts_;
  const std::function<void(http::ticket, http::response)> answer_;
};

}  // namespace parley::ingress
