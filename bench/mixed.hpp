#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <string>

#include <sys/types.h>

#include "bench/callbacks.hpp"
#include "bench/command.hpp"

namespace parley::bench {

/// What `mixed` needs beside the traffic, whose `numbers` are provisioned without `--team`.
struct mixed_settings {
  std::string target = "http://127.0.0.1:8080";
  std::string api_key = "demo-key";
  std::string carrier_listen = "127.0.0.1:8090";  ///< The link's `api_base` must be this.
  std::size_t conversations = 10'000;
  double reply_rate_per_s = 200;
  double inbound_rate_per_s = 2'000;   ///< While loaded; 0: none.
  std::size_t bulk_lines = 1'000'000;  ///< From the first number, while loaded; 0: no bulk job.
  bool reports = true;           ///< Whether the carrier reports each send back: sent, delivered.
  double seconds = 20;           ///< Of each of the two parts.
  std::size_t connections = 64;  ///< Of replies, and as many of callbacks.
  double settle_s = 60;          ///< How long nothing may move before the run is given up.
  pid_t broker = 0;
  std::string json_file;
};

/// `parley-bench mixed`: replies at a fixed rate, first alone and then while callbacks, delivery
/// reports and a bulk job load the broker: what the load does to a person's reply, in one run.
/// Returns the exit code; a ratio is a result, not a failure.
[[nodiscard]] int run_mixed(const mixed_settings& settings, traffic what);

/// Adds the subcommand; naming it sets `chosen`.
void add_mixed(CLI::App& app, subcommand& chosen);

}  // namespace parley::bench
