#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include <sys/types.h>

#include "bench/command.hpp"

namespace parley::bench {

/// What the subcommands `bulk` and `rates` need. Numbers are consecutive, and number i belongs to
/// user `agent{i + 1}`, as `provision` without `--team` has it.
struct bulk_settings {
  std::string target = "http://127.0.0.1:8080";
  std::string api_key = "demo-key";
  std::string number_base = "+15550100001";
  std::string token = "demo-token";               ///< Of the link.
  std::string carrier_listen = "127.0.0.1:8090";  ///< The link's `api_base` must be this.
  std::size_t lines = 1'000'000;                  ///< Over all jobs.
  std::size_t jobs = 1;  ///< One after another, each from a number of its own.
  bool chunked = false;
  bool send = false;     ///< Also until the carrier has all of it; otherwise the job starts later.
  bool reports = false;  ///< Whether the carrier reports each send back: sent, delivered.
  bool audit = true;     ///< With `send`: the journal is read and compared afterwards.
  double settle_s = 60;  ///< How long nothing may move before the run is given up.
  pid_t broker = 0;
  std::string json_file;
};

/// What `rates` needs beside it.
struct rates_settings {
  bulk_settings bulk;        ///< `jobs` are the numbers; `lines` is not used.
  double rate_per_s = 1;     ///< Of each number: what they were provisioned with.
  double seconds = 60;       ///< How much work each number is given, at its rate.
  double burst = 1;          ///< Segments that a window may have above rate × length.
  double slack_s = 0.05;     ///< See `rate_bound`.
  bool by_messages = false;  ///< Fed through `POST /v1/messages` instead of bulk jobs.
  std::size_t connections = 64;
};

/// `parley-bench bulk`: uploads jobs, each as one stream, measures lines a second until they are
/// durable, and with `send` until a carrier simulator of its own has all of them. Returns the exit
/// code.
[[nodiscard]] int run_bulk(const bulk_settings& settings);

/// `parley-bench rates`: gives many rate-limited numbers work for some seconds and says from the
/// carrier's side what they achieved of their limit and how full the fullest windows were. Returns
/// the exit code: 1 when a window was over its bound.
[[nodiscard]] int run_rates(const rates_settings& settings);

/// Adds both subcommands; naming one sets `chosen`.
void add_bulk(CLI::App& app, subcommand& chosen);

}  // namespace parley::bench
