#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace parley::model {

/// Where an answer goes: the request that waits, as the HTTP server names it. Generation 0 is
/// nobody.
struct reply_to {
  std::uint32_t lane = 0;
  std::uint32_t slot = 0;
  std::uint64_t generation = 0;

  [[nodiscard]] bool wanted() const noexcept { return generation != 0; }
};

/// What a request is answered with, in the words of no particular protocol library.
struct answer {
  int status = 200;
  std::string_view content_type = "application/json";  ///< Static storage.
  std::string body;
  std::uint32_t retry_after_s = 0;  ///< 0: no `Retry-After`.
};
using answer_ptr = std::shared_ptr<const answer>;

/// An answer that is due once an append is durable. A null `what` is the carrier's plain
/// acknowledgement, `<Response/>`: the hot path allocates nothing for it.
struct settlement {
  reply_to to;
  answer_ptr what;
};

}  // namespace parley::model
