#pragma once

#include <cstddef>
#include <string>

#include "bench/ingest.hpp"

namespace parley::bench {

/// What `status` needs beside load and traffic.
struct status_settings {
  load_settings load;  ///< `messages` is not used: three reports for each send are posted.
  std::string api_key = "demo-key";
  std::string carrier_listen = "127.0.0.1:8090";  ///< The link's `api_base` must be this.
  std::size_t conversations = 20'000;
  std::size_t sends = 60'000;
  double settle_s = 120;  ///< How long the broker may take to hand all sends to the carrier.
};

/// `parley-bench status`: opens conversations, replies in them through the API while a carrier
/// simulator of its own gives the sends their ids, and then measures signed status callbacks for
/// those ids: sent, delivered and read for each. Returns the exit code.
[[nodiscard]] int run_status(const status_settings& settings, traffic what);

}  // namespace parley::bench
