#include "parley/ingress/door.hpp"

#include "src/ingress/admission.hpp"
#include "src/ingress/api/api.hpp"
#include "src/ingress/bulk_exports.hpp"
#include "src/ingress/bulk_uploads.hpp"
#include "src/ingress/callbacks.hpp"
#include "src/ingress/downloads.hpp"
#include "src/ingress/event_feed.hpp"
#include "src/ingress/followers.hpp"
#include "src/ingress/ingress_counts.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/metrics.hpp"
#include "src/ingress/openapi.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/read_pool.hpp"
#include "src/ingress/relay.hpp"
#include "src/ingress/stream.hpp"
#include "src/ingress/uploads.hpp"
#include "src/ingress/webhook_events.hpp"

#include <atomic>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace parley::ingress {

namespace {

bool is_read(http::method verb) noexcept {
  return verb == http::method::get || verb == http::method::head;
}

/// Everything that exists only once there are a journal and a cast. Members end in the reverse
/// order: the server first, then whatever its threads used.
struct opened_parts {
  opened_parts(const door_options& options, store::journal& durable, const store::reader& reader,
               actors::cast& actors, store::file_store& files,
               const model::directory_cell& directory, admission& admitted,
               followers& waiting, ingress_counts& counts, http::handler& owner)
    : journal(durable),
      cast(actors),
      urls{files.secret(), options.files.public_url, options.files.url_validity},
      feed(reader, journal, directory, urls),
      to_webhooks(feed, waiting, directory),
      from_carriers(directory, cast.board(), admitted, counts, options.form_parameters_max,
                    options.server.lanes),
      live(feed, waiting, journal, directory, cast, counts,
           {.streams_max = options.streams_max, .page_max = options.stream_page_max}),
      reads(options.read_threads, options.reads_waiting_max),
      from_applications({.reader = reader,
                         .board = cast.board(),
                         .directory = directory,
                         .presences = cast.presences(),
                         .registrar = cast.registrar(),
                         .questioner = cast.questioner(),
                         .question_patience = cast.question_patience(),
                         .contact_book = cast.contact_book(),
                         .bulk_desk = cast.bulk_desk(),
                         .admitted = admitted,
                         .feed = feed,
                         .files = files,
                         .urls = urls,
                         .mms = options.files.mms,
                         .json_depth_max = options.json_depth_max,
                         .directory_entries_max = options.directory_entries_max,
                         .schedules = {options.schedule_ahead_min, options.validity_max},
                         .retry_after_s = static_cast<std::uint32_t>(options.retry_after.count())},
                        options.server.lanes, reads, counts, answerer()),
      disk(options.files.threads, options.files.waiting_max),
      incoming_files(directory, files, disk, counts, urls,
                     {.bytes_max = options.files.upload_bytes_max,
                      .uploads_max = options.files.uploads_max,
                      .retry_after_s = static_cast<std::uint32_t>(options.retry_after.count())},
                     answerer()),
      outgoing_files(files, disk, counts, urls, answerer()),
      lines(options.bulk.threads, 2 * options.bulk.uploads_max),
      incoming_jobs({.directory = directory,
                     .journal = journal,
                     .reader = reader,
                     .desk = cast.bulk_desk(),
                     .pool = lines,
                     .counts = counts},
                    {.uploads_max = options.bulk.uploads_max,
                     .jobs_open_max = options.bulk.jobs_open_max,
                     .lines = {.line_bytes_max = options.bulk.line_bytes_max,
                               .refused_lines_max = options.bulk.refused_lines_max,
                               .json_depth_max = options.json_depth_max},
                     .retry_after_s = static_cast<std::uint32_t>(options.retry_after.count())},
                    answerer()),
      outgoing_results(directory, reader, lines, counts, answerer()),
      server(options.server, owner) {}

  [[nodiscard]] std::function<void(http::ticket, http::response)> answerer() {
    return [this](http::ticket where, http::response what) {
      server.answer(where, std::move(what));
    };
  }

  store::journal& journal;
  actors::cast& cast;
  file_urls urls;
  event_feed feed;
  webhook_events to_webhooks;
  callbacks from_carriers;
  streams live;
  read_pool reads;
  api from_applications;
  read_pool disk;  // Files' bytes: what waits for a flush must not delay a read.
  uploads incoming_files;
  downloads outgoing_files;
  read_pool lines;  // Of bulk jobs: a million of them must not delay a read.
  bulk_uploads incoming_jobs;
  bulk_exports outgoing_results;
  http::server server;
};

}  // namespace

/// The HTTP server's handler: says who serves which path.
struct door::impl final : http::handler {
  explicit impl(door_options given)
    : options(std::move(given)),
      admitted(options.commands_in_flight_max),
      answers(admitted, counts) {}

  std::size_t body_bytes_max(http::method verb, std::string_view path) override {
    if (verb == http::method::post && (path == upload_path || path == bulk_path))
      return http::streamed_body;
    return path.starts_with("/v1/") ? options.api_body_bytes_max
                                    : options.callback_body_bytes_max;
  }

  /// A file is coming, or the lines of a bulk job: nothing else is streamed.
  http::reception receive(http::request& head) override {
    try {
      if (head.path == bulk_path)
        return {parts->incoming_jobs.receive(head), {}};
      return {parts->incoming_files.receive(head), {}};
    } catch (const refusal& no) {
      return {nullptr, refused(no.code(), no.detail())};
    }
  }

  void handle(http::request& incoming, http::ticket where) override {
    std::string allow;
    std::optional<http::response> made;
    try {
      made = dispatch(incoming, where, allow);
    } catch (const refusal& no) {
      made = refused(no.code(), no.detail());
      if (!allow.empty())
        made->headers.emplace_back("Allow", allow);
    } catch (const std::exception& fault) {
      log().error("door: a request failed, cause=\"{}\"", fault.what());
      made = refused(model::errc::internal, {});
    }
    if (made)
      parts->server.answer(where, std::move(*made));
  }

  void end_of_turn(std::uint32_t lane) override { parts->from_carriers.pass_on(lane); }

  http::response upgrade(http::request& incoming) override {
    try {
      if (incoming.path != "/v1/stream")
        return refused(model::errc::not_found, "there is no stream at this path");
      parts->live.admit(incoming);
    } catch (const refusal& no) {
      return refused(no.code(), no.detail());
    }
    http::response accepted;
    accepted.status = 101;
    return accepted;
  }

  void opened(http::request& incoming, std::shared_ptr<http::websocket> socket) override {
    parts->live.open(incoming, socket);
  }

  http::response refuse(int status, std::string_view why) override {
    const auto code = status == 413 ? model::errc::too_large : model::errc::malformed;
    counts.count_refusal(code);
    return to_response(problem_with_status(status, code, why));
  }

  /// The answer, or nothing when it comes later.
  std::optional<http::response> dispatch(http::request& incoming, http::ticket where,
                                         std::string& allow) {
    if (incoming.path.starts_with("/carriers/"))
      return from_carrier(incoming, where, allow);
    if (incoming.path == "/v1/stream") {
      if (incoming.method == http::method::get)
        return refused(model::errc::malformed, "the stream is a WebSocket: ask for the upgrade");
      allow = "GET";
      throw refusal{model::errc::method_not_allowed, "this path takes " + allow};
    }
    if (incoming.path == upload_path) {
      if (incoming.consumer == nullptr) {
        allow = "POST";
        throw refusal{model::errc::method_not_allowed, "this path takes " + allow};
      }
      parts->incoming_files.finish(incoming, where);
      return std::nullopt;
    }
    if (incoming.path == bulk_path && !is_read(incoming.method)) {
      if (incoming.consumer == nullptr) {
        allow = "GET, HEAD, POST";
        throw refusal{model::errc::method_not_allowed, "this path takes " + allow};
      }
      parts->incoming_jobs.finish(incoming, where);
      return std::nullopt;
    }
    if (bulk_exports::is_meant(incoming)) {
      parts->outgoing_results.serve(incoming, where);
      return std::nullopt;
    }
    if (is_shown_file(incoming.path)) {
      if (!is_read(incoming.method)) {
        allow = "GET, HEAD";
        throw refusal{model::errc::method_not_allowed, "this path takes " + allow};
      }
      parts->outgoing_files.serve(incoming, where);
      return std::nullopt;
    }
    if (incoming.path.starts_with("/v1/")) {
      parts->from_applications.take(incoming, where, allow);
      return std::nullopt;
    }
    return operations(incoming, allow);
  }

  std::optional<http::response> from_carrier(http::request& incoming, http::ticket where,
                                             std::string& allow) {
    const auto no = parts->from_carriers.take(incoming, where);
    if (!no)
      return std::nullopt;
    if (no->code == model::errc::method_not_allowed)
      allow = "POST";
    auto made = refused(no->code, no->detail);
    if (!allow.empty())
      made.headers.emplace_back("Allow", allow);
    return made;
  }

  http::response operations(const http::request& incoming, std::string& allow) {
    const auto make = page_of(incoming.path);
    if (make == nullptr)
      return refused(model::errc::not_found, "nothing is served at this path");
    if (is_read(incoming.method))
      return (this->*make)();
    allow = "GET, HEAD";
    throw refusal{model::errc::method_not_allowed, "this path takes " + allow};
  }

  /// Whether one part follows where files are shown.
  static bool is_shown_file(std::string_view path) noexcept {
    return path.size() > files::shown_path.size() && path.starts_with(files::shown_path)
           && path.find('/', files::shown_path.size()) == std::string_view::npos;
  }

  using page = http::response (impl::*)();
  static page page_of(std::string_view path) noexcept {
    if (path == "/healthz")
      return &impl::healthz;
    if (path == "/readyz")
      return &impl::readyz;
    if (path == "/metrics")
      return &impl::metrics;
    return path == "/openapi.json" ? &impl::openapi : nullptr;
  }

  http::response healthz() { return {.body = R"({"status":"ok"})", .headers = {}}; }

  http::response readyz() {
    if (admitted.closed())
      return to_response(problem(model::errc::shutting_down, {}, retry_after_s()));
    return {.body = R"({"status":"ready"})", .headers = {}};
  }

  http::response metrics() {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = render_metrics({.server = parts->server,
                                    .journal = parts->journal,
                                    .cast = parts->cast.counts(),
                                    .links = parts->cast.links(),
                                    .admitted = admitted,
                                    .reads = parts->reads,
                                    .disk = parts->disk,
                                    .counts = counts}),
            .headers = {}};
  }

  http::response openapi() {
    return {.body = std::string{openapi_document()}, .headers = {}};
  }

  http::response refused(model::errc code, std::string_view detail) {
    counts.count_refusal(code);
    return to_response(problem(code, detail, retry_after_s()));
  }

  [[nodiscard]] std::uint32_t retry_after_s() const noexcept {
    return static_cast<std::uint32_t>(options.retry_after.count());
  }

  const door_options options;
  ingress_counts counts;
  admission admitted;
  followers waiting;
  relay answers;
  std::unique_ptr<opened_parts> parts;
};

door::door(door_options options) : impl_(std::make_unique<impl>(std::move(options))) {}

door::~door() {
  close();
}

void door::open(store::journal& journal, const store::reader& reader, actors::cast& cast,
                store::file_store& files, const model::directory_cell& directory) {
  impl_->parts = std::make_unique<opened_parts>(impl_->options, journal, reader, cast, files,
                                                directory, impl_->admitted,
                                                impl_->waiting, impl_->counts, *impl_);
  impl_->answers.connect(impl_->parts->server);
  impl_->parts->server.start();
  cast.connect(impl_->parts->to_webhooks);
}

std::uint16_t door::port() const noexcept {
  return impl_->parts->server.port();
}

void door::stop_accepting() {
  impl_->admitted.close();
  if (impl_->parts == nullptr)
    return;
  impl_->parts->live.close();
  impl_->parts->server.stop_accepting();
}

bool door::wait_until_settled(std::chrono::milliseconds patience) {
  return impl_->admitted.wait_until_empty(patience);
}

void door::close() {
  if (impl_->parts == nullptr)
    return;
  impl_->admitted.close();
  impl_->parts->live.close();
  impl_->waiting.close();
  // The pools first: what they still serve is answered while there is a server.
  impl_->parts->reads.stop();
  impl_->parts->disk.stop();
  impl_->parts->lines.stop();
  impl_->parts->server.stop();
}

void door::committed(std::span<model::settlement> settled, std::uint64_t last_seq) noexcept {
  impl_->answers.committed(settled);
  impl_->waiting.committed(last_seq);
}

void door::failed(std::string cause) noexcept {
  // What the disk holds is not known. Nothing more may be acknowledged, nor cleaned up: the next
  // start recovers from what is durable.
  log().critical("door: the journal cannot be written and the broker ends, cause=\"{}\"", cause);
  log().flush();
  std::_Exit(EXIT_FAILURE);
}

void door::answer(model::settlement settled) noexcept {
  impl_->answers.answer(settled);
}

}  // namespace parley::ingress
