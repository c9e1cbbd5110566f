#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include <caf/all.hpp>

#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "actors/switchboard.hpp"

namespace parley::actors {

/// Starts and stops the cast, in a written order.
///
/// Start: questioner and fetcher; participants, team inboxes, senders, numbers; then senders whose
/// outbox has rows are told, and the fetcher; then the bulk desk with its jobs, registrar, contact
/// book and timekeeper, whose first round has the inboxes look at their queues. Nothing is loaded:
/// conversations come with their first command.
/// Stop: see `stop`.
class cast {
public:
  cast(store::journal& journal, const store::reader& reader, answer_sink& answers,
       http::client& carriers, http::client& endpoints, model::directory_cell& directory,
       const cast_options& options, file_access files, webhook_access webhooks,
       const bulk_options& bulk);
  ~cast();
  cast(const cast&) = delete;
  cast& operator=(const cast&) = delete;

  /// From here on webhooks post: `source`, which outlives the cast's actors, has the words. Once.
  void connect(event_source& source);

  [[nodiscard]] const switchboard& board() const noexcept;
  [[nodiscard]] const cast_counts& counts() const noexcept;
  /// How the links to carriers are doing.
  [[nodiscard]] const link_gates& links() const noexcept;
  /// Who is there.
  [[nodiscard]] attendance& presences() noexcept;
  /// Who changes the directory.
  [[nodiscard]] const registrar_actor& registrar() const noexcept;
  /// Who asks the organisations' data actions.
  [[nodiscard]] const questioner_actor& questioner() const noexcept;
  /// How long a data action may take, all tries together.
  [[nodiscard]] std::chrono::milliseconds question_patience() const noexcept;
  /// Who changes contacts.
  [[nodiscard]] const contact_book_actor& contact_book() const noexcept;
  /// Who has the bulk jobs.
  [[nodiscard]] const bulk_desk_actor& bulk_desk() const noexcept;
  [[nodiscard]] caf::actor_system& system() noexcept;

  /// Ends the actors, those who make work first: timekeeper, bulk desk, contact book, registrar,
  /// questioner, fetcher, webhooks, senders, numbers with their conversations, then team inboxes
  /// and participants. The journal must still take appends meanwhile.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Handlers that every actor installs: an exception, an unexpected message or a dying companion is
/// logged under the actor's room, and never printed by CAF.
void supervise(caf::scheduled_actor* self, const char* room);

}  // namespace parley::actors
