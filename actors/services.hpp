#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "actors/protocol.hpp"
#include "parley/files/signed_url.hpp"
#include "parley/http/client.hpp"
#include "parley/model/answer.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/store/file_store.hpp"
#include "parley/store/journal.hpp"
#include "parley/store/reader.hpp"

namespace parley::actors {

class attendance;
class event_source;
class consent_register;
class earlier_sends;
class link_gates;
class seats;
class switchboard;

/// Takes the answers that need no commit: refusals. Called on worker threads.
class answer_sink {
public:
  virtual ~answer_sink() = default;
  virtual void answer(model::settlement settled) noexcept = 0;
};

/// Limits of the cast. No defaults: the configuration states each.
struct cast_options {
  std::size_t worker_threads = 0;
  std::size_t residents_max = 0;         ///< Conversations in memory; beyond it the idlest go.
  std::size_t snapshot_events_max = 0;   ///< Events of a conversation that a load has to replay.
  std::chrono::seconds resident_idle{};  ///< A conversation goes after this long without a command.
  std::size_t send_window_max = 0;       ///< Attempts of one number that wait for the carrier.
  std::size_t window_replies_min = 0;    ///< Of them those that bulk leaves to replies.
  std::size_t outbox_page_max = 0;       ///< Outbox entries held in memory, of each lane.
  std::chrono::hours send_validity{};    ///< What could not be sent by then is `expired`.
  std::size_t link_attempts_max = 0;  ///< At once, of a link that does not say; see `link_limits`.
  std::size_t link_failures_max = 0;
  std::chrono::milliseconds link_pause{};
  std::chrono::milliseconds link_pause_longest{};
  std::size_t timers_page_max = 0;       ///< Timers fired in one go.
  std::size_t action_in_flight_max = 0;  ///< Questions at one data action's endpoint at once.
  std::size_t action_waiting_max = 0;    ///< Questions that wait for that; beyond: they fail.
  std::chrono::milliseconds action_timeout{};  ///< Of one try.
  std::size_t action_tries = 0;
  std::chrono::seconds presence_grace{};  ///< From a user's last stream to offline.
  std::size_t fetches_max = 0;  ///< Messages of one number whose files are fetched at once.
  std::size_t fetch_tries = 0;  ///< Of one file.
};

/// What happened, for the metrics page. Relaxed counters; read from any thread.
struct cast_counts {
  std::atomic<std::int64_t> residents{0};
  std::atomic<std::uint64_t> loaded{0};
  std::atomic<std::uint64_t> passivated{0};
  std::atomic<std::uint64_t> conversations_opened{0};
  std::atomic<std::uint64_t> messages_inbound{0};
  std::atomic<std::uint64_t> messages_outbound{0};
  std::atomic<std::uint64_t> messages_internal{0};  ///< Among users.
  std::atomic<std::uint64_t> notes{0};
  std::atomic<std::uint64_t> duplicates{0};
  std::atomic<std::uint64_t> delivery_changes{0};
  std::atomic<std::uint64_t> reports_parked{0};
  std::atomic<std::uint64_t> unrouted{0};
  std::atomic<std::uint64_t> alerts{0};         ///< Told to participants.
  std::atomic<std::uint64_t> members_left_out{0};  ///< Team members without the licence.
  std::atomic<std::uint64_t> inbox_opened{0};      ///< Conversations opened for team inboxes.
  std::atomic<std::uint64_t> inbox_closed{0};
  std::atomic<std::uint64_t> assigned{0};  ///< Conversations that inboxes have given to somebody.
  std::atomic<std::int64_t> queued_replies{0};  ///< In the numbers' outboxes: of people …
  std::atomic<std::int64_t> queued_bulk{0};     ///< … and of bulk jobs.
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> throttled{0};
  std::atomic<std::int64_t> senders_paused{0};  ///< Numbers' channels whose carrier asked for it.
  std::atomic<std::uint64_t> unknown_outcomes{0};
  std::atomic<std::uint64_t> timers_fired{0};
  std::atomic<std::uint64_t> questions_asked{0};   ///< To data actions.
  std::atomic<std::uint64_t> questions_answered{0};
  std::atomic<std::uint64_t> questions_failed{0};
  std::atomic<std::uint64_t> questions_timed_out{0};
  std::atomic<std::uint64_t> answers_refused{0};   ///< Of those that failed: not fit to be obeyed.
  std::atomic<std::uint64_t> media_fetched{0};     ///< Files from carriers.
  std::atomic<std::uint64_t> media_failed{0};      ///< Those that stayed there.
  std::atomic<std::uint64_t> webhook_posts{0};      ///< Tries.
  std::atomic<std::uint64_t> webhook_delivered{0};  ///< Events.
  std::atomic<std::uint64_t> webhook_dead{0};       ///< Events that were given up …
  std::atomic<std::uint64_t> webhook_dead_dropped{0};  ///< … and have no letter any more.
  std::atomic<std::uint64_t> contact_flushes{0};    ///< Of the contact book.
  std::atomic<std::uint64_t> directory_changes{0};  ///< Published; several can come together.
};

/// The store of files, as actors use it.
struct file_access {
  files::file_urls urls;  ///< For whoever fetches a message's files from us.
  store::file_store& kept;
  http::client& hosts;    ///< The way to where carriers keep files. Its thread writes to the disk.
};

/// Limits of each webhook. No defaults: the configuration states each.
struct webhook_options {
  std::size_t in_flight_max = 0;     ///< Events at its endpoint at once.
  std::size_t window_max = 0;        ///< Events read ahead of what is settled …
  std::size_t window_bytes_max = 0;  ///< … and their bytes.
  std::chrono::milliseconds timeout{};        ///< Of one try.
  std::chrono::milliseconds retry_first{};    ///< Pause before the second try; then it doubles …
  std::chrono::milliseconds retry_longest{};  ///< … up to this.
  std::chrono::seconds retry_for{};           ///< From the first try to a dead letter.
  std::size_t log_entries_max = 0;   ///< Tries that are remembered; the oldest go.
  std::size_t dead_letters_max = 0;  ///< Beyond it the oldest goes.
  std::size_t replays_max = 0;       ///< Chosen events that wait to be posted again.
};

/// What webhooks post with.
struct webhook_access {
  /// Not the data actions' one: what is told can be much, and must not delay what is asked.
  http::client& endpoints;
  webhook_options limits;
  event_source* events = nullptr;  ///< Null until there is somebody who has the words.
};

/// Limits of bulk jobs. No defaults: the configuration states each.
struct bulk_options {
  std::size_t in_flight_max = 0;  ///< Lines of all jobs on their way to a conversation.
  /// Of them one job's: what a person's reply finds before it when a batch has become durable.
  std::size_t job_in_flight_max = 0;
  std::size_t queued_max = 0;     ///< Lines of one job in its number's outbox.
  std::chrono::milliseconds progress_interval{};  ///< Between two events of one job.
};

/// What bulk jobs share.
struct bulk_access {
  bulk_options limits;
  std::atomic<std::int64_t> running{0};  ///< Jobs.
};

/// What every actor may use; outlives the actor system. References, because the composition root
/// owns them all and ends them in a written order.
struct services {
  store::journal& journal;
  const store::reader& reader;
  answer_sink& answers;
  http::client& carriers;
  /// The way to the organisations' own endpoints. Not the carriers' one: strangers' servers, their
  /// TLS handshakes and their limits shall not touch what is sent.
  http::client& endpoints;
  model::directory_cell& directory;
  const switchboard& board;
  seats& places;          ///< How many conversations users have.
  attendance& presences;  ///< Who is there.
  consent_register& consents;  ///< Who wants no messages.
  cast_options options;
  cast_counts& counts;
  const questioner_actor* questioner = nullptr;  ///< Null where nobody is asked: in tests.
  const file_access* files = nullptr;            ///< Null where there are none: in tests.
  const fetcher_actor* fetcher = nullptr;        ///< Null where nothing is fetched: in tests.
  const webhook_access* webhooks = nullptr;      ///< Null where nothing is posted: in tests.
  bulk_access* bulk = nullptr;                   ///< Null where there are no jobs: in tests.
  const earlier_sends* earlier = nullptr;  ///< Null where there was no process before: in tests.
  link_gates* gates = nullptr;  ///< Null where any number may be attempted at once: in tests.
};

}  // namespace parley::actors
