#include "src/cli/serve.hpp"

#include "actors/supervision.hpp"
#include "parley/actions/answer.hpp"
#include "parley/cli/input_error.hpp"
#include "parley/cli/provisioning.hpp"
#include "parley/http/client.hpp"
#include "parley/ingress/door.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/store/directory_table.hpp"
#include "parley/store/environment.hpp"
#include "parley/store/file_store.hpp"
#include "parley/store/journal.hpp"
#include "parley/store/reader.hpp"
#include "src/cli/logging.hpp"
#include "src/cli/signals.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace parley::cli {

namespace {

using std::chrono::milliseconds;

/// An orderly end takes no longer (interface.md: exit 0 within 10 s).
constexpr milliseconds stop_patience{10'000};
/// Of that, how long commands in flight may take to settle.
constexpr milliseconds settle_patience{4'000};

/// The loader has checked the range.
std::size_t size(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

ingress::door_options door_options_of(const configuration& from) {
  const auto listen = parse_endpoint(from.server.listen).value();
  return {
    .server = {
      .host = listen.host,
      .port = listen.port,
      .lanes = size(from.server.io_threads),
      .connections_max = size(from.server.connections_max),
      .header_bytes_max = size(from.server.header_bytes_max),
      .read_timeout = milliseconds{from.server.read_timeout_ms},
      .idle_timeout = milliseconds{from.server.idle_timeout_ms},
      .write_timeout = milliseconds{from.server.write_timeout_ms},
      .websocket_bytes_max = size(from.server.websocket_bytes_max),
    },
    .commands_in_flight_max = size(from.limits.commands_in_flight_max),
    .callback_body_bytes_max = size(from.limits.callback_body_bytes_max),
    .api_body_bytes_max = size(from.limits.api_body_bytes_max),
    .form_parameters_max = size(from.limits.form_parameters_max),
    .json_depth_max = size(from.limits.json_depth_max),
    .schedule_ahead_min = std::chrono::seconds{from.sender.schedule_ahead_min_s},
    .validity_max = std::chrono::hours{from.sender.validity_h},
    .read_threads = size(from.limits.read_threads),
    .reads_waiting_max = size(from.limits.reads_waiting_max),
    .directory_entries_max = size(from.limits.directory_entries_max),
    .streams_max = size(from.limits.streams_max),
    .stream_page_max = size(from.limits.stream_page_max),
    .retry_after = std::chrono::seconds{from.limits.retry_after_s},
    .files = {
      .upload_bytes_max = size(from.files.upload_bytes_max),
      .uploads_max = size(from.files.uploads_max),
      .threads = size(from.files.threads),
      .waiting_max = size(from.files.waiting_max),
      .url_validity = std::chrono::seconds{from.files.url_validity_s},
      .public_url = from.files.public_url,
      .mms = files::mms_countries{from.mms.countries},
    },
    .bulk = {
      .uploads_max = size(from.bulk.uploads_max),
      .threads = size(from.bulk.threads),
      .line_bytes_max = size(from.bulk.line_bytes_max),
      .refused_lines_max = size(from.bulk.refused_lines_max),
      .jobs_open_max = size(from.bulk.jobs_open_max),
    },
  };
}

http::client_options client_options_of(const configuration& from) {
  return {
    .connections_per_origin_max = size(from.sender.connections_per_origin_max),
    .waiting_max = size(from.sender.waiting_max),
    .connect_timeout = milliseconds{from.sender.connect_timeout_ms},
    .exchange_timeout = milliseconds{from.sender.exchange_timeout_ms},
    .idle_timeout = milliseconds{from.sender.idle_timeout_ms},
    .response_bytes_max = size(from.sender.response_bytes_max),
    .allow_private_destinations = from.security.allow_private_destinations,
  };
}

/// The way to data actions: one origin gets as many connections as it may have questions, and
/// nothing of an answer beyond its limit is read.
http::client_options endpoint_client_options_of(const configuration& from) {
  return {
    .connections_per_origin_max = size(from.actions.in_flight_max),
    .waiting_max = size(from.actions.waiting_max),
    .connect_timeout = milliseconds{from.actions.timeout_ms},
    .exchange_timeout = milliseconds{from.actions.timeout_ms},
    .idle_timeout = milliseconds{from.sender.idle_timeout_ms},
    .response_bytes_max = parley::actions::answer_bytes_max,
    .allow_private_destinations = from.security.allow_private_destinations,
  };
}

/// The way to webhooks: a webhook has as many connections as it may have events under way. Those of
/// one host share them.
http::client_options webhook_client_options_of(const configuration& from) {
  constexpr std::size_t webhooks_of_a_host = 4;
  constexpr std::size_t answer_bytes_max = 64 * 1024;  // Nobody reads it.
  return {
    .connections_per_origin_max = webhooks_of_a_host * size(from.webhooks.in_flight_max),
    .waiting_max = size(from.sender.waiting_max),
    .connect_timeout = milliseconds{from.webhooks.timeout_ms},
    .exchange_timeout = milliseconds{from.webhooks.timeout_ms},
    .idle_timeout = milliseconds{from.sender.idle_timeout_ms},
    .response_bytes_max = answer_bytes_max,
    .allow_private_destinations = from.security.allow_private_destinations,
  };
}

actors::webhook_options webhook_options_of(const configuration& from) {
  return {
    .in_flight_max = size(from.webhooks.in_flight_max),
    .window_max = size(from.webhooks.window_max),
    .window_bytes_max = size(from.webhooks.window_bytes_max),
    .timeout = milliseconds{from.webhooks.timeout_ms},
    .retry_first = milliseconds{from.webhooks.retry_first_ms},
    .retry_longest = milliseconds{from.webhooks.retry_longest_ms},
    .retry_for = std::chrono::seconds{from.webhooks.retry_for_s},
    .log_entries_max = size(from.webhooks.log_entries_max),
    .dead_letters_max = size(from.webhooks.dead_letters_max),
    .replays_max = size(from.webhooks.replays_max),
  };
}

actors::bulk_options bulk_options_of(const configuration& from) {
  return {
    .in_flight_max = size(from.bulk.in_flight_max),
    .job_in_flight_max = size(from.bulk.job_in_flight_max),
    .queued_max = size(from.bulk.queued_max),
    .progress_interval = milliseconds{from.bulk.progress_interval_ms},
  };
}

/// The way to where carriers keep the files of inbound messages. What waits for a connection waits
/// without a time limit: that there is much to fetch must not count as a failure.
http::client_options media_client_options_of(const configuration& from) {
  constexpr std::size_t connections_per_origin_max = 16;
  return {
    .connections_per_origin_max = connections_per_origin_max,
    .waiting_max = size(from.sender.waiting_max),
    .connect_timeout = milliseconds{from.sender.connect_timeout_ms},
    .exchange_timeout = milliseconds{from.files.fetch_timeout_ms},
    .idle_timeout = milliseconds{from.sender.idle_timeout_ms},
    .response_bytes_max = size(from.files.fetch_bytes_max),
    .allow_private_destinations = from.security.allow_private_destinations,
  };
}

actors::cast_options cast_options_of(const configuration& from) {
  return {
    .worker_threads = size(from.actors.worker_threads),
    .residents_max = size(from.residency.conversations_max),
    .snapshot_events_max = size(from.store.snapshot_events_max),
    .resident_idle = std::chrono::seconds{from.residency.idle_s},
    .send_window_max = size(from.sender.window_max),
    .window_replies_min = size(from.sender.window_replies_min),
    .outbox_page_max = size(from.sender.outbox_page_max),
    .send_validity = std::chrono::hours{from.sender.validity_h},
    .link_attempts_max = size(from.sender.connections_per_origin_max),
    .link_failures_max = size(from.sender.link_failures_max),
    .link_pause = milliseconds{from.sender.link_pause_ms},
    .link_pause_longest = milliseconds{from.sender.link_pause_longest_ms},
    .timers_page_max = size(from.actors.timers_page_max),
    .action_in_flight_max = size(from.actions.in_flight_max),
    .action_waiting_max = size(from.actions.waiting_max),
    .action_timeout = milliseconds{from.actions.timeout_ms},
    .action_tries = size(from.actions.tries),
    .presence_grace = std::chrono::seconds{from.stream.presence_grace_s},
    .fetches_max = size(from.files.fetches_max),
    .fetch_tries = size(from.files.fetch_tries),
  };
}

files::file_urls file_urls_of(const configuration& from, const store::file_store& kept) {
  return {.secret = kept.secret(),
          .public_url = from.files.public_url,
          .validity = std::chrono::seconds{from.files.url_validity_s}};
}

store::environment_options environment_options_of(const configuration& from) {
  return {.directory = from.store.data_dir,
          .map_bytes_max = size(from.store.map_bytes_max),
          .read_only = false,
          .mapped_bytes_max = size(from.store.mapped_bytes_max)};
}

store::journal_options journal_options_of(const configuration& from) {
  return {.tail_events_max = size(from.store.tail_events_max),
          .batch_bytes_max = size(from.store.batch_bytes_max)};
}

/// The directory as stored, after the provisioning file if there is one. Before the journal starts:
/// the directory table has no other writer, and every actor is made from it.
model::directory_ptr load_directory(store::environment& env,
                                    const std::optional<std::filesystem::path>& provisioning) {
  auto organizations = store::load_directory(env);
  if (provisioning) {
    organizations
      = provision(std::move(organizations), read_text(*provisioning), provisioning->string());
    const auto rows = store::save_directory(env, organizations);
    spdlog::info("provisioned from {}: rows_written={}", provisioning->string(), rows);
  }
  for (const auto& sentence : not_yet_acting(organizations))
    spdlog::warn("{}", sentence);
  return std::make_shared<const model::directory>(std::move(organizations));
}

/// Owns the rooms' big objects. Members are in the order of the start, and what is above is used by
/// what is below; the stop is written out in `stop`, because it is not simply the reverse.
class broker {
public:
  /// Everything but the sockets. Nothing here reads more of the store than its tail and its
  /// directory.
  broker(const configuration& wanted, const std::optional<std::filesystem::path>& provisioning)
    : env_(std::make_shared<store::environment>(environment_options_of(wanted))),
      directory_(load_directory(*env_, provisioning)),
      files_(wanted.store.data_dir),                      // Under the environment's lock.
      door_(door_options_of(wanted)),                     // The journal's sink, the cast's answers.
      journal_(env_, journal_options_of(wanted), door_),  // Learns the tail.
      reader_(env_, journal_),                            // Needs the tail to know what is newest.
      carriers_(client_options_of(wanted)),               // The senders' way out.
      endpoints_(endpoint_client_options_of(wanted)),     // The questioner's.
      media_hosts_(media_client_options_of(wanted)),      // The fetcher's.
      webhook_hosts_(webhook_client_options_of(wanted)),  // The webhooks'.
      cast_(journal_, reader_, door_, carriers_, endpoints_, directory_, cast_options_of(wanted),
            {.urls = file_urls_of(wanted, files_), .kept = files_, .hosts = media_hosts_},
            {.endpoints = webhook_hosts_, .limits = webhook_options_of(wanted)},
            bulk_options_of(wanted)) {}

  /// Starts the writer, then the sockets: a command must find both its actors and the journal.
  /// Throws `std::system_error` when the address cannot be bound; then everything is stopped again.
  void start() {
    journal_.start();
    try {
      door_.open(journal_, reader_, cast_, files_, directory_);
    } catch (...) {
      stop();
      throw;
    }
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return door_.port(); }

  /// Ends in an order in which nothing that was accepted is dropped.
  void stop_in_order() {
    // First no new work: from here on commands get 503, and the number in flight only falls.
    door_.stop_accepting();
    // Then what was admitted gets its answer, which needs actors, writer and sockets.
    if (!door_.wait_until_settled(settle_patience))
      spdlog::warn("some commands in flight were not settled in time");
    stop();
    journal_.leave_no_tail();
  }

private:
  void stop() {
    cast_.stop();      // Actors append while they end, so the journal is still there.
    journal_.stop();   // Commits the last batch; its answers still have their sockets.
    carriers_.stop();  // Nobody is left to hear of an exchange: the outbox has what was begun.
    endpoints_.stop();
    media_hosts_.stop();
    webhook_hosts_.stop();
    door_.close();     // Last: until here connections could still be given their answers.
  }

  std::shared_ptr<store::environment> env_;
  model::directory_cell directory_;
  store::file_store files_;
  ingress::door door_;
  store::journal journal_;
  store::reader reader_;
  http::client carriers_;
  http::client endpoints_;
  http::client media_hosts_;
  http::client webhook_hosts_;
  actors::cast cast_;
};

void listen(broker& what, const configuration& wanted) {
  try {
    what.start();
  } catch (const std::system_error& fault) {
    throw std::runtime_error{fmt::format("cannot listen on {}: {}; free it, or choose another "
                                         "address with --listen",
                                         wanted.server.listen, fault.code().message())};
  }
}

void announce(const configuration& wanted, std::uint16_t port) {
  auto where = parse_endpoint(wanted.server.listen).value();
  where.port = port;
  fmt::print("parley listening on http://{}\n", where.text());
  std::fflush(stdout);
}

}  // namespace

int serve(const configuration& wanted, const std::optional<std::filesystem::path>& provisioning) {
  // Signals and loggers first: threads inherit the one and look up the other.
  block_ending_signals();
  start_logging(wanted.log.level);
  raise_open_files();

  auto running = std::make_unique<broker>(wanted, provisioning);
  listen(*running, wanted);
  announce(wanted, running->port());

  const int signal = wait_for_ending_signal();
  spdlog::info("{}: draining", strsignal(signal));
  const deadline hard_end{stop_patience};
  running->stop_in_order();
  running.reset();  // Within the deadline: the actor system and the store end here.
  spdlog::info("stopped");
  return 0;
}

}  // namespace parley::cli
