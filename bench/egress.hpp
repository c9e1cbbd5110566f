#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "bench/command.hpp"
#include "bench/ingest.hpp"

namespace parley::bench {

/// What `egress` needs beside load and traffic.
struct egress_settings {
  load_settings load;
  std::string api_key = "demo-key";
  std::string carrier_listen = "127.0.0.1:8090";  ///< The link's `api_base` must be this.
  /// Sends in Kannel's format to its `sendsms`, for the comparison with Kannel: not audited.
  bool kannel = false;
  bool reports = false;  ///< Whether the carrier reports each send back: sent, delivered.
  double settle_s = 60;  ///< How long the carrier may get nothing before the run is given up.
  bool audit = true;     ///< Whether the journal is read and compared afterwards.
};

/// `parley-bench egress`: sends through `POST /v1/messages`, and the same messages at a carrier
/// simulator of its own. Number i of the provisioned ones must belong to user `agent{i + 1}`, as
/// `provision` without `--team` has it. Returns the exit code: 1 as well when the audit fails.
[[nodiscard]] int run_egress(const egress_settings& settings, traffic what);

/// Adds the subcommand; naming it sets `chosen`.
void add_egress(CLI::App& app, subcommand& chosen);

}  // namespace parley::bench
