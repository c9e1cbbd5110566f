#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

#include <sys/types.h>

#include "bench/callbacks.hpp"

namespace parley::bench {

/// How hard and how long to load; shared by the subcommands that do.
struct load_settings {
  std::string target = "http://127.0.0.1:8080";
  std::size_t connections = 256;
  std::size_t threads = 1;
  std::size_t messages
    = 0;  ///< 0: as many as `duration_s` needs, or the default of the subcommand.
  double duration_s = 0;
  double rate_per_s = 0;
  bool max = false;
  bool fill = false;  ///< `ingest`: every pair gets a message before anything else.
  double warmup_s = 0;
  std::size_t warmup_messages = 0;
  pid_t broker = 0;
  std::string json_file;
};

/// How many requests each part of a run needs.
struct preparation {
  std::size_t warmup = 0;
  std::size_t measured = 0;
};

/// The requests that the settings ask for; says so on standard error when that is more than are
/// held in memory.
[[nodiscard]] preparation plan_requests(const load_settings& settings);

/// Adds the options of `load_settings` to a subcommand.
void add_load_options(CLI::App& command, load_settings& settings);
/// Adds the options of `traffic` that concern the signature and the pairs.
void add_traffic_options(CLI::App& command, traffic& what);

/// `parley-bench ingest`: inbound callbacks, open or closed loop. Returns the exit code.
[[nodiscard]] int run_ingest(const load_settings& settings, traffic what);

}  // namespace parley::bench
