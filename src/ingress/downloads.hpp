#pragma once

#include "parley/http/server.hpp"
#include "parley/store/file_store.hpp"
#include "src/ingress/file_urls.hpp"
#include "src/ingress/ingress_counts.hpp"
#include "src/ingress/read_pool.hpp"

#include <functional>
#include <string>

namespace parley::ingress {

/// `GET /files/{id}?expires=…&signature=…`: shows one file to whoever has its URL, whole or in
/// part. There is no key: carriers and browsers have none. Only what the signature is for is shown,
/// so a URL of one organisation shows nothing of another (I11).
///
/// The disk is read in the pool, a piece at a time, when the peer has taken the piece before.
class downloads {
public:
  /// Everything outlives the server that calls. `answer` takes answers from any thread.
  downloads(store::file_store& kept, read_pool& pool, ingress_counts& counts, const file_urls& urls,
            std::function<void(http::ticket, http::response)> answer);

  /// Answers a GET or HEAD below `files::shown_path` later, or throws `refusal`.
  void serve(const http::request& incoming, http::ticket where);

private:
  struct wish;
  class content_source;

  [[nodiscard]] http::response show(const wish& what) const;
  [[nodiscard]] http::response refused(model::errc code, std::string_view detail) const;

  store::file_store& kept_;
  read_pool& pool_;
  ingress_counts& counts_;
  const file_urls& urls_;
  const std::function<void(http::ticket, http::response)> answer_;
};

}  // namespace parley::ingress
