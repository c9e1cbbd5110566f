#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/callbacks.hpp"

namespace parley::bench {

/// What `recover` runs, and how much.
struct recover_settings {
  std::string program;  ///< Path of `parley`.
  std::string data;     ///< Its data directory; should not exist or be empty.
  std::string config_file;
  std::string provision_file;
  std::string listen = "127.0.0.1:18080";
  std::string log_file = "recover-broker.log";  ///< The broker's output.
  std::string api_key = "demo-key";
  std::uint64_t conversations = 1'000'000;
  double load_s = 5;
  std::uint32_t kills = 1;
  std::size_t connections = 256;
  double ready_timeout_s = 60;
  std::string json_file;
};

/// `parley-bench recover`: fills a broker with conversations through its front door, kills it with
/// SIGKILL under load, times its way back, and checks that it lost nothing it had acknowledged.
/// Returns the exit code: 1 when something was lost, doubled or invented.
[[nodiscard]] int run_recover(const recover_settings& settings, traffic what);

}  // namespace parley::bench
