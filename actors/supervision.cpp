#include "actors/supervision.hpp"

#include <exception>
#include <utility>

#include "actors/attendance.hpp"
#include "actors/bulk_desk.hpp"
#include "actors/consent_register.hpp"
#include "actors/contact_book.hpp"
#include "actors/earlier_sends.hpp"
#include "actors/fetcher.hpp"
#include "actors/lines.hpp"
#include "actors/link_gate.hpp"
#include "actors/log.hpp"
#include "actors/questioner.hpp"
#include "actors/registrar.hpp"
#include "actors/scheduler.hpp"
#include "actors/seats.hpp"
#include "actors/timekeeper.hpp"

namespace parley::actors {
namespace {

/// An unbounded `max-throughput` would let one busy number keep a worker.
struct system_config : caf::actor_system_config {
  explicit system_config(std::size_t worker_threads) {
    load<scheduler>();
    set("scheduler.max-threads", worker_threads);
    set("scheduler.max-throughput", std::size_t{300});
  }
};

}  // namespace

struct cast::impl {
  impl(store::journal& journal, const store::reader& reader, answer_sink& answers,
       http::client& carriers, http::client& endpoints, model::directory_cell& directory,
       const cast_options& options, file_access files_of, webhook_access webhooks_of,
       const bulk_options& bulk_limits)
    : files{std::move(files_of)},
      hooks{webhooks_of},
      jobs{bulk_limits},
      places{reader},
      presences{reader, board, std::chrono::steady_clock::now() + options.presence_grace},
      consents{reader},
      earlier{reader, journal.committed(), model::wall_clock()},
      gates{{.in_flight_max = options.link_attempts_max,
             .failures_max = options.link_failures_max,
             .pause_first = options.link_pause,
             .pause_longest = options.link_pause_longest}},
      shared{journal, reader, answers,   carriers, endpoints, directory, board, places,
             presences, consents, options, counts, &questioner, &files, &fetcher, &hooks,
             &jobs, &earlier, &gates},
      config{options.worker_threads},
      system{config},
      followers{system, shared, board} {}

  // Destroyed bottom-up: the actors first, then what they refer to.
  cast_counts counts;
  file_access files;
  webhook_access hooks;
  bulk_access jobs;
  switchboard board;
  seats places;
  attendance presences;
  consent_register consents;
  earlier_sends earlier;
  link_gates gates;
  services shared;
  system_config config;
  caf::actor_system system;
  lines followers;
  questioner_actor questioner;
  fetcher_actor fetcher;
  timekeeper_actor timekeeper;
  registrar_actor registrar;
  contact_book_actor contact_book;
  bulk_desk_actor bulk_desk;
  bool stopped = false;
};

cast::cast(store::journal& journal, const store::reader& reader, answer_sink& answers,
           http::client& carriers, http::client& endpoints, model::directory_cell& directory,
           const cast_options& options, file_access files, webhook_access webhooks,
           const bulk_options& bulk)
  : impl_{std::make_unique<impl>(journal, reader, answers, carriers, endpoints, directory,
                                 options, std::move(files), webhooks, bulk)} {
  auto& system = impl_->system;
  const auto* shared = &impl_->shared;
  impl_->questioner = system.spawn(actors::questioner, shared);  // Conversations ask it.
  impl_->fetcher = system.spawn(actors::fetcher, shared);        // They tell it of files.
  const auto known = directory.present();
  for (const auto& owner : known->organizations())
    impl_->followers.follow(nullptr, owner);
  impl_->followers.take_up_backlog();
  take_up_media(*shared, impl_->fetcher);
  impl_->registrar = system.spawn<caf::detached>(actors::registrar, shared, &impl_->followers);
  impl_->contact_book = system.spawn<caf::detached>(actors::contact_book, shared);
  impl_->bulk_desk = system.spawn(actors::bulk_desk, shared);
  impl_->timekeeper = system.spawn(timekeeper, shared);
  caf::anon_send(impl_->timekeeper, atom::tick::value);
}

cast::~cast() {
  stop();
}

void cast::connect(event_source& source) {
  impl_->hooks.events = &source;  // Whoever is told afterwards sees it.
  impl_->board.each_webhook(
    [](const webhook_actor& one) { caf::anon_send(one, atom::wake::value); });
}

const switchboard& cast::board() const noexcept {
  return impl_->board;
}

const link_gates& cast::links() const noexcept {
  return impl_->gates;
}

const cast_counts& cast::counts() const noexcept {
  return impl_->counts;
}

attendance& cast::presences() noexcept {
  return impl_->presences;
}

const registrar_actor& cast::registrar() const noexcept {
  return impl_->registrar;
}

const questioner_actor& cast::questioner() const noexcept {
  return impl_->questioner;
}

std::chrono::milliseconds cast::question_patience() const noexcept {
  return actors::question_patience(impl_->shared.options);
}

const contact_book_actor& cast::contact_book() const noexcept {
  return impl_->contact_book;
}

const bulk_desk_actor& cast::bulk_desk() const noexcept {
  return impl_->bulk_desk;
}

caf::actor_system& cast::system() noexcept {
  return impl_->system;
}

void cast::stop() {
  if (std::exchange(impl_->stopped, true))
    return;
  // Those who make work first.
  caf::anon_send_exit(impl_->timekeeper, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(impl_->bulk_desk, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(impl_->contact_book, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(impl_->registrar, caf::exit_reason::user_shutdown);
  // What is not answered yet is not waited for: conversations' timers settle it at the next start.
  caf::anon_send_exit(impl_->questioner, caf::exit_reason::user_shutdown);
  // Nor is what is being fetched: its rows are taken up at the next start.
  caf::anon_send_exit(impl_->fetcher, caf::exit_reason::user_shutdown);
  // Then nobody makes actors any more, and those that there are can be ended.
  caf::scoped_actor{impl_->system}->wait_for(impl_->registrar);
  impl_->followers.end();
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
