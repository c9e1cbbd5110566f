#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "actors/supervision.hpp"
#include "parley/http/server.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/store/journal.hpp"
#include "src/ingress/event_feed.hpp"
#include "src/ingress/event_types.hpp"
#include "src/ingress/followers.hpp"
#include "src/ingress/ingress_counts.hpp"

namespace parley::ingress {

struct stream_limits {
  std::size_t streams_max = 0;
  std::size_t page_max = 0;  ///< Events read for one stream in one go.
};

/// `GET /v1/stream`: each WebSocket gets a SUBSCRIBER of its own. A stream of a user (`user=`) also
/// has the user's PARTICIPANT know that somebody is there. Called on I/O threads.
class streams {
public:
  streams(event_feed& feed, followers& waiting, const store::journal& journal,
          const model::directory_cell& directory, actors::cast& cast, ingress_counts& counts,
          stream_limits limits);

  /// Checks path, key, scope, query and room. Throws `refusal`.
  void admit(const http::request& incoming);
  /// The WebSocket that `admit` let in.
  void open(const http::request& incoming, const std::shared_ptr<http::websocket>& socket);

  /// Ends every stream (1001 with its position) and lets no other in. Any thread.
  void close();

private:
  struct request {
    model::directory_ptr known;  ///< `caller` is its.
    model::directory::key_entry caller{};
    std::uint64_t after = 0;
    type_filter types;
    std::string user;  ///< Who is there while the stream is open; empty: nobody.
  };

  [[nodiscard]] request read(const http::request& incoming) const;
  [[nodiscard]] actors::subscriber_actor spawn(const request& asked,
                                               const std::shared_ptr<http::websocket>& socket);

  event_feed& feed_;
  followers& waiting_;
  const store::journal& journal_;
  const model::directory_cell& directory_;
  actors::cast& cast_;
  ingress_counts& counts_;
  const stream_limits limits_;

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, actors::subscriber_actor> live_;
  std::uint64_t last_key_ = 0;
  bool closed_ = false;
};

}  // namespace parley::ingress
