#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace parley::cli {

// The configuration, one struct a section. What each option means, its unit and why it has its
// default stands in config/parley.toml; a test holds both to the same values. Numbers are signed 64
// bits here, as in TOML, and checked against the ranges of `options`; the composition root narrows
// them.

/// `[server]`: the sockets.
struct server_section {
  std::string listen = "127.0.0.1:8080";
  std::int64_t io_threads = 2;
  std::int64_t connections_max = 10'000;
  std::int64_t header_bytes_max = 16'384;
  std::int64_t read_timeout_ms = 15'000;
  std::int64_t idle_timeout_ms = 75'000;
  std::int64_t write_timeout_ms = 15'000;
  std::int64_t websocket_bytes_max = 65'536;

  friend bool operator==(const server_section&, const server_section&) = default;
};

/// `[limits]`: what comes in, and what is said when it is too much.
struct limits_section {
  std::int64_t commands_in_flight_max = 4'096;
  std::int64_t callback_body_bytes_max = 262'144;
  std::int64_t api_body_bytes_max = 262'144;
  std::int64_t form_parameters_max = 256;
  std::int64_t json_depth_max = 16;
  std::int64_t read_threads = 1;
  std::int64_t reads_waiting_max = 256;
  std::int64_t directory_entries_max = 100'000;
  std::int64_t streams_max = 1'000;
  std::int64_t stream_page_max = 256;
  std::int64_t retry_after_s = 1;

  friend bool operator==(const limits_section&, const limits_section&) = default;
};

/// `[residency]`: conversations in memory.
struct residency_section {
  std::int64_t conversations_max = 200'000;
  std::int64_t idle_s = 300;

  friend bool operator==(const residency_section&, const residency_section&) = default;
};

/// `[store]`: the journal and its tables.
struct store_section {
  std::string data_dir = "data";
  std::int64_t map_bytes_max = std::int64_t{1} << 40;
  std::int64_t mapped_bytes_max = 134'217'728;
  std::int64_t tail_events_max = 1'000'000;
  std::int64_t snapshot_events_max = 64;
  std::int64_t batch_bytes_max = 8'388'608;

  friend bool operator==(const store_section&, const store_section&) = default;
};

/// `[actors]`: the cast.
struct actors_section {
  std::int64_t worker_threads = 1;
  std::int64_t timers_page_max = 1'000;

  friend bool operator==(const actors_section&, const actors_section&) = default;
};

/// `[stream]`: live streams of users.
struct stream_section {
  std::int64_t presence_grace_s = 10;

  friend bool operator==(const stream_section&, const stream_section&) = default;
};

/// `[sender]`: what leaves.
struct sender_section {
  std::int64_t window_max = 64;
  std::int64_t window_replies_min = 16;
  std::int64_t outbox_page_max = 1'000;
  std::int64_t validity_h = 10;
  std::int64_t schedule_ahead_min_s = 60;
  std::int64_t connections_per_origin_max = 64;
  std::int64_t waiting_max = 10'000;
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t exchange_timeout_ms = 15'000;
  std::int64_t idle_timeout_ms = 60'000;
  std::int64_t response_bytes_max = 1'048'576;
  std::int64_t link_failures_max = 20;
  std::int64_t link_pause_ms = 1'000;
  std::int64_t link_pause_longest_ms = 60'000;

  friend bool operator==(const sender_section&, const sender_section&) = default;
};

/// `[actions]`: what organisations' data actions are asked.
struct actions_section {
  std::int64_t in_flight_max = 256;
  std::int64_t waiting_max = 10'000;
  std::int64_t timeout_ms = 5'000;
  std::int64_t tries = 2;

  friend bool operator==(const actions_section&, const actions_section&) = default;
};

/// `[webhooks]`: what organisations' endpoints are told.
struct webhooks_section {
  std::int64_t in_flight_max = 8;
  std::int64_t window_max = 256;
  std::int64_t window_bytes_max = 4'194'304;
  std::int64_t timeout_ms = 10'000;
  std::int64_t retry_first_ms = 5'000;
  std::int64_t retry_longest_ms = 3'600'000;
  std::int64_t retry_for_s = 86'400;
  std::int64_t log_entries_max = 1'000;
  std::int64_t dead_letters_max = 10'000;
  std::int64_t replays_max = 10'000;

  friend bool operator==(const webhooks_section&, const webhooks_section&) = default;
};

/// `[bulk]`: jobs that send to many recipients.
struct bulk_section {
  std::int64_t uploads_max = 16;
  std::int64_t threads = 1;
  std::int64_t line_bytes_max = 65'536;
  std::int64_t refused_lines_max = 10'000;
  std::int64_t jobs_open_max = 1'000;
  std::int64_t in_flight_max = 256;
  std::int64_t job_in_flight_max = 16;
  std::int64_t queued_max = 4'096;
  std::int64_t progress_interval_ms = 1'000;

  friend bool operator==(const bulk_section&, const bulk_section&) = default;
};

/// `[files]`: what applications upload, and what carriers keep of inbound messages.
struct files_section {
  std::int64_t upload_bytes_max = 20'971'520;
  std::int64_t uploads_max = 64;
  std::int64_t threads = 1;
  std::int64_t waiting_max = 256;
  std::int64_t url_validity_s = 86'400;
  std::string public_url;
  std::int64_t fetches_max = 4;
  std::int64_t fetch_bytes_max = 20'971'520;
  std::int64_t fetch_timeout_ms = 60'000;
  std::int64_t fetch_tries = 3;

  friend bool operator==(const files_section&, const files_section&) = default;
};

/// `[mms]`: messages with files over SMS.
struct mms_section {
  std::string countries;

  friend bool operator==(const mms_section&, const mms_section&) = default;
};

/// `[security]`.
struct security_section {
  bool allow_private_destinations = false;

  friend bool operator==(const security_section&, const security_section&) = default;
};

/// `[log]`.
struct log_section {
  std::string level = "info";

  friend bool operator==(const log_section&, const log_section&) = default;
};

/// Everything that can be configured. A default-made one holds the built-in defaults.
struct configuration {
  server_section server;
  limits_section limits;
  residency_section residency;
  store_section store;
  actors_section actors;
  stream_section stream;
  sender_section sender;
  actions_section actions;
  webhooks_section webhooks;
  bulk_section bulk;
  files_section files;
  mms_section mms;
  security_section security;
  log_section log;

  friend bool operator==(const configuration&, const configuration&) = default;
};

/// A number and the range it must be in.
struct number_option {
  std::int64_t* value;
  std::int64_t min;
  std::int64_t max;
};

/// A text and the function that says what is wrong with one: empty when nothing is.
struct text_option {
  std::string* value;
  std::string (*complaint)(std::string_view);
};

/// One option of a configuration, as the loaders see it.
struct option {
  std::string_view section;
  std::string_view name;
  std::variant<number_option, bool*, text_option> where;
};

/// Every option, in the order of config/parley.toml. The pointers are into `all`.
[[nodiscard]] std::vector<option> options(configuration& all);

/// A host and a port, as `listen` names them: `127.0.0.1:8080`, `[::1]:0`.
struct endpoint {
  std::string host;  ///< Without brackets.
  std::uint16_t port = 0;

  /// As in a URL: an IPv6 address in brackets.
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] std::optional<endpoint> parse_endpoint(std::string_view text);

/// Reads an environment variable; empty when it is not set.
using environment_reader = std::function<std::optional<std::string>(const std::string& name)>;

/// Sets what the TOML text sets. Throws `input_error` that begins with `file:line:` on a syntax
/// error, an unknown section or option, a wrong type or a value out of range; then `all` is as it
/// was.
void apply_file(configuration& all, std::string_view text, const std::string& file);

/// Sets what `PARLEY_<SECTION>_<OPTION>` variables set. Throws `input_error` on a value that does
/// not fit, and on a variable with a section's prefix that names no option. `names` are all that
/// are set.
void apply_environment(configuration& all, const std::vector<std::string>& names,
                       const environment_reader& read);

/// Defaults, then the file if there is one, then the process's environment. Throws `input_error`.
[[nodiscard]] configuration load_configuration(const std::optional<std::filesystem::path>& file);

/// The whole of a file. Throws `input_error` when it cannot be read.
[[nodiscard]] std::string read_text(const std::filesystem::path& file);

}  // namespace parley::cli
