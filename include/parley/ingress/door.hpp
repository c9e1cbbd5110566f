#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "actors/services.hpp"
#include "actors/supervision.hpp"
#include "parley/files/mms_countries.hpp"
#include "parley/http/server.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/store/file_store.hpp"
#include "parley/store/journal.hpp"
#include "parley/store/reader.hpp"

namespace parley::ingress {

/// Files that come in and are shown. No defaults: the configuration states each.
struct file_options {
  std::uint64_t upload_bytes_max = 0;   ///< Of one file; beyond: 413.
  std::size_t uploads_max = 0;          ///< At once; beyond: 503.
  std::size_t threads = 0;              ///< Write and read files, so that no I/O thread has to.
  std::size_t waiting_max = 0;          ///< Pieces that wait for them; beyond: 503.
  std::chrono::seconds url_validity{};  ///< How long a signed URL is good.
  std::string public_url;               ///< What the URLs begin with; empty: with their path.
  files::mms_countries mms{};           ///< Where messages with files can be sent as MMS.
};

/// Bulk jobs that come in. No defaults: the configuration states each.
struct bulk_upload_options {
  std::size_t uploads_max = 0;        ///< At once; beyond: 503.
  std::size_t threads = 0;            ///< Read their lines.
  std::size_t line_bytes_max = 0;     ///< Of one line; a longer one is refused.
  std::size_t refused_lines_max = 0;  ///< Of a job, with their reasons; beyond: only counted.
  std::size_t jobs_open_max = 0;      ///< Jobs that are not over; beyond: 503.
};

/// Limits of everything that comes in. No defaults: the configuration states each.
struct door_options {
  http::server_options server;
  std::size_t commands_in_flight_max = 0;    ///< Admitted and not settled; beyond: 503.
  std::size_t callback_body_bytes_max = 0;   ///< Of a carrier's callback; beyond: 413.
  std::size_t api_body_bytes_max = 0;        ///< Of an application's request; beyond: 413.
  std::size_t form_parameters_max = 0;       ///< Of a carrier's callback; beyond: 400.
  std::size_t json_depth_max = 0;
  std::chrono::seconds schedule_ahead_min{};  ///< Of a scheduled message; sooner: 422.
  std::chrono::seconds validity_max{};        ///< Of any message; beyond: 422.
  std::size_t read_threads = 0;  ///< Serve `/v1` reads, so that they never delay callbacks.
  std::size_t reads_waiting_max = 0;         ///< Beyond: 503.
  std::size_t directory_entries_max = 0;     ///< Of an organisation; beyond: 422.
  std::size_t streams_max = 0;               ///< Live streams at once; beyond: 503.
  std::size_t stream_page_max = 0;  ///< Events read from the journal for a stream in one go.
  std::chrono::seconds retry_after{};        ///< What a 503 asks for.
  file_options files;
  bulk_upload_options bulk;
};

/// Everything between the sockets and the cast: implements the HTTP server's handler, the journal's
/// sink and the cast's answers.
///
/// Lifecycle: construct; make the journal with it as sink; make the cast with it as answers;
/// `open`; then `stop_accepting`, `wait_until_settled`, `close`. Between construction and `open`
/// only the `commit_sink` and `answer_sink` members are called.
class door final : public store::commit_sink, public actors::answer_sink {
public:
  explicit door(door_options options);
  ~door() override;

  /// Starts the server; ready from here on. Throws `std::system_error` when it cannot listen.
  void open(store::journal& journal, const store::reader& reader, actors::cast& cast,
            store::file_store& files, const model::directory_cell& directory);
  /// The port that was bound.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// New commands get 503 `shutting_down`, idle connections end, `/readyz` says 503.
  void stop_accepting();
  /// Waits until every admitted command is settled, at most `patience`. False when time ran out.
  [[nodiscard]] bool wait_until_settled(std::chrono::milliseconds patience);
  /// Ends connections and threads. Idempotent.
  void close();

  // store::commit_sink, on the writer's thread
  void committed(std::span<model::settlement> settled, std::uint64_t last_seq) noexcept override;
  [[noreturn]] void failed(std::string cause) noexcept override;

  // actors::answer_sink, on worker threads
  void answer(model::settlement settled) noexcept override;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace parley::ingress
