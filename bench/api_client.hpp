#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "bench/endpoint.hpp"

#include "parley/http/client.hpp"

namespace parley::bench {

/// An answer of the broker's application side.
struct api_answer {
  int status = 0;  ///< 0: none came.
  std::string body;
};

/// An event of the journal, as far as an audit needs it.
struct api_event {
  std::uint64_t seq = 0;
  std::string_view type;
  const boost::json::object* data = nullptr;  ///< Lives until the callback returns.
};

/// A conversation to reply in.
struct api_conversation {
  std::string id;
  std::string user;  ///< One of its participants.
};

/// The broker's application side, one blocking call at a time: for set-up and checks, not for load.
class api_client {
public:
  api_client(endpoint target, std::string key);

  /// Waits for the answer, at most a minute.
  [[nodiscard]] api_answer get(std::string_view path_and_query);
  /// Whether `GET /readyz` answers 200.
  [[nodiscard]] bool ready();

  /// Calls `each` for every event of these types after `seq`, in order, until there are no more.
  /// Throws `std::runtime_error` when the broker answers otherwise than with a list.
  void read_events(std::uint64_t after, std::string_view types,
                   const std::function<void(const api_event&)>& each);
  /// The position of the last event; 0 when there is none. Asks for one event at a time, so that it
  /// costs the same for every length of the journal.
  [[nodiscard]] std::uint64_t last_event();
  /// Up to `wanted` active conversations that somebody takes part in.
  [[nodiscard]] std::vector<api_conversation> conversations(std::size_t wanted);
  /// The carrier's ids of a conversation's outbound messages, empty where none is known yet.
  [[nodiscard]] std::vector<std::string> outbound_provider_ids(const std::string& conversation);

private:
  [[nodiscard]] boost::json::object get_list(const std::string& path_and_query);

  endpoint target_;
  std::string key_;
  http::client client_;
};

/// A text from one of our numbers to somebody outside, on behalf of a user.
struct api_send {
  std::string from;
  std::string to;
  std::string user;
  std::string body;
};

/// `POST /v1/messages` as HTTP bytes, for the generator.
[[nodiscard]] std::string send_request(const endpoint& target, std::string_view key,
                                       const api_send& what, std::string_view idempotency_key);

/// A reply in a conversation as HTTP bytes, for the generator.
[[nodiscard]] std::string reply_request(const endpoint& target, std::string_view key,
                                        const api_conversation& where, std::string_view text,
                                        std::string_view idempotency_key);

}  // namespace parley::bench
