#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <string>

#include "bench/command.hpp"
#include "bench/ingest.hpp"

namespace parley::bench {

/// What `fanout` needs beside load and traffic.
struct fanout_settings {
  load_settings load;
  std::string api_key = "demo-key";
  std::size_t readers = 100;
  bool as_users
    = true;  ///< Reader i is user `agent{i + 1}`'s stream, as `provision --team` has it.
  double settle_s = 30;  ///< How long the readers may get nothing before the run is given up.
};

/// `parley-bench fanout`: inbound callbacks to a team inbox, and every message of them on every
/// reader's live stream. Returns the exit code: 1 as well when a reader lacks one or has another
/// order.
[[nodiscard]] int run_fanout(const fanout_settings& settings, traffic what);

/// Adds the subcommand; naming it sets `chosen`.
void add_fanout(CLI::App& app, subcommand& chosen);

}  // namespace parley::bench
