#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/endpoint.hpp"

namespace parley::bench {

/// One job: the same text to many recipients, each told apart by `numbered_text`'s mark.
struct bulk_order {
  std::string from;  ///< One of our numbers.
  std::string user;  ///< On whose behalf.
  std::string body = "Your order {{name}} is on its way to you today.";
  std::string start_at;             ///< RFC 3339; empty: at once.
  std::uint64_t first_ordinal = 0;  ///< Of the first line; line i has this plus i.
  std::size_t lines = 0;
  std::string idempotency_key;
  bool chunked = false;  ///< The chunked transfer coding in place of a `Content-Length`.
};

/// `POST /v1/bulk` with the whole NDJSON body, as HTTP bytes. Ordinal i goes to `contact_of(i)`.
[[nodiscard]] std::string bulk_request(const endpoint& target, std::string_view key,
                                       const bulk_order& order);

/// How an upload was answered.
struct upload_answer {
  int status = 0;  ///< 0: the connection broke, or nothing moved for the patience.
  std::string body;
  std::chrono::steady_clock::time_point started;  ///< Before the first byte was sent.
  std::chrono::nanoseconds elapsed{};             ///< From then to the last byte of the answer.
};

/// Sends the request over a connection of its own as fast as the target takes it, and waits for the
/// answer, which may come before everything was sent. Blocks. Throws `std::system_error` when it
/// cannot connect.
/// @param patience how long nothing may be sent or answered.
[[nodiscard]] upload_answer upload(const endpoint& target, std::string_view request,
                                   std::chrono::milliseconds patience);

}  // namespace parley::bench
