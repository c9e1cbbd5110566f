#include "actors/supervision.hpp"

#include <atomic>
#include <exception>
#include <thread>
#include <utility>

#include "actors/log.hpp"
#include "actors/number.hpp"
#include "actors/participant.hpp"
#include "actors/sender.hpp"
#include "actors/switchboard_entries.hpp"
#include "actors/team_inbox.hpp"
#include "actors/timekeeper.hpp"

namespace parley::actors {
namespace {

/// The scheduler as measured (ARCHITECTURE.md, "Threads"): sharing beats stealing on few cores, and
/// an unbounded `max-throughput` would let one busy number keep a worker.
struct system_config : caf::actor_system_config {
  explicit system_config(std::size_t worker_threads) {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", worker_threads);
    set("scheduler.max-throughput", std::size_t{300});
  }
};

}  // namespace

struct cast::impl {
  impl(store::journal& journal, const store::reader& reader, answer_sink& answers,
       http::client& carriers, model::directory_ptr directory, const cast_options& options)
    : shared{journal, reader, answers, carriers, std::move(directory), board, options, counts},
      config{options.worker_threads},
      system{config} {}

  // Destroyed bottom-up: the actors first, then what they refer to.
  cast_counts counts;
  switchboard board;
  services shared;
  system_config config;
  caf::actor_system system;
  timekeeper_actor timekeeper;
  bool stopped = false;
};

cast::cast(store::journal& journal, const store::reader& reader, answer_sink& answers,
           http::client& carriers, model::directory_ptr directory, const cast_options& options)
  : impl_{
    std::make_unique<impl>(journal, reader, answers, carriers, std::move(directory), options)} {
  auto& system = impl_->system;
  auto& lines = *impl_->board.entries_;
  const auto* shared = &impl_->shared;
  for (const auto& owner : shared->directory->organizations()) {
    for (const auto& user : owner.users)
      lines.participants.emplace(entry_key{owner.index, user.id},
                                 system.spawn(participant, shared));
    for (const auto& inbox : owner.inboxes)
      lines.team_inboxes.emplace(entry_key{owner.index, inbox.team},
                                 system.spawn(team_inbox, shared, inbox.team));
    for (const auto& described : owner.numbers) {
      const entry_key key{owner.index, described.identifier};
      auto queued = std::make_shared<std::atomic<std::int64_t>>(0);
      if (const auto entry = shared->directory->find_number(owner.index, described.identifier))
        for (const auto kind : {model::channel::sms, model::channel::whatsapp})
          lines.senders.emplace(
            entry_key{owner.index, model::address{kind, described.identifier}.text()},
            system.spawn(sender, shared, *entry, kind, queued));
      lines.numbers.emplace(key, system.spawn(number, shared, &owner, &described, queued));
    }
  }
  for (const auto& [organization, ours] : reader.outbox_numbers())
    if (const auto* waiting = impl_->board.sender(organization, ours))
      caf::anon_send(*waiting, atom::backlog::value, journal.committed());
  impl_->timekeeper = system.spawn(timekeeper, shared);
  caf::anon_send(impl_->timekeeper, atom::tick::value);
}

cast::~cast() {
  stop();
}

const switchboard& cast::board() const noexcept {
  return impl_->board;
}

const cast_counts& cast::counts() const noexcept {
  return impl_->counts;
}

caf::actor_system& cast::system() noexcept {
  return impl_->system;
}

void cast::stop() {
  if (std::exchange(impl_->stopped, true))
    return;
  const auto end = [](const auto& handle) {
    caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  };
  // Those who make work first; an exit queues behind what is in the mailbox, so exit means drain.
  end(impl_->timekeeper);
  auto& lines = *impl_->board.entries_;
  for (const auto& [key, handle] : lines.senders)
    end(handle);
  for (const auto& [key, handle] : lines.numbers)
    end(handle);
  for (const auto& [key, handle] : lines.team_inboxes)
    end(handle);
  for (const auto& [key, handle] : lines.participants)
    end(handle);
  impl_->system.await_all_actors_done();
}

void supervise(caf::scheduled_actor* self, const char* room) {
  self->set_exception_handler([room](caf::scheduled_actor*, std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& fault) {
      log().critical("{}: an exception ended the actor, cause=\"{}\"", room, fault.what());
    } catch (...) {
      log().critical("{}: something that is no exception ended the actor", room);
    }
    return caf::error{caf::exit_reason::unhandled_exception};
  });
  self->set_default_handler([room](caf::scheduled_actor*, caf::message_view&) {
    log().error("{}: a message that the actor does not know was dropped", room);
    return caf::result<caf::message>{caf::sec::unexpected_message};
  });
  self->set_down_handler([room](caf::scheduled_actor*, caf::down_msg&) {
    log().error("{}: an unexpected down message was dropped", room);
  });
}

}  // namespace parley::actors
