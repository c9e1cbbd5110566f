#include "actors/bulk_desk.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "actors/log.hpp"
#include "actors/supervision.hpp"
#include "parley/model/limits.hpp"

namespace parley::actors {
namespace {

using self_pointer = bulk_desk_actor::stateful_pointer<bulk_desk_state>;

/// The job as it is stored; nothing when there is none or it is damaged.
std::optional<store::bulk_job_record> find(const bulk_desk_state& my, std::uint32_t organization,
                                           const model::bulk_id& job) try {
  return my.shared->reader.find_bulk_job(organization, job);
} catch (const store::store_error& fault) {
  log().error("bulk_desk: a job cannot be read, job={} cause=\"{}\"", job.text(), fault.what());
  return std::nullopt;
}

open_bulk_job* find_or_spawn(self_pointer self, std::uint32_t organization,
                             const model::bulk_id& job) {
  auto& my = self->state;
  if (const auto known = my.jobs.find(job); known != my.jobs.end())
    return &known->second;
  auto record = find(my, organization, job);
  if (!record)
    return nullptr;
  auto actor = self->spawn(bulk_job, my.shared, bulk_desk_actor{self}, std::move(*record));
  return &my.jobs.emplace(job, open_bulk_job{std::move(actor)}).first->second;
}

void pass_on(self_pointer self, const bulk_request_ptr& asked) {
  auto& my = self->state;
  if (auto* job = find_or_spawn(self, asked->organization, asked->job)) {
    ++job->sent;
    caf::anon_send(job->actor, asked);
    return;
  }
  const store::bulk_job_record unknown;
  my.shared->answers.answer({asked->answer_to, std::make_shared<const model::answer>(
                                                 asked->render({unknown, {}, false}))});
}

void let_go(bulk_desk_state& my, const model::bulk_id& job, std::uint64_t handled) {
  const auto known = my.jobs.find(job);
  if (known == my.jobs.end() || known->second.sent != handled)
    return;  // A request is on its way there, which may bring it back.
  // Not `normal`, which CAF takes for no reason to end: the job's listener refers to it.
  caf::anon_send_exit(known->second.actor, caf::exit_reason::user_shutdown);
  my.jobs.erase(known);
}

/// Whether somebody may still send the lines that are missing: an upload under a key goes on where
/// it was for as long as the key holds, and is under way for no longer than that either.
bool may_go_on(const store::bulk_job_record& record) {
  return record.key.has_value()
         && model::wall_clock() - record.job.created_at < 2 * model::idempotency_lifetime;
}

/// Takes up what an earlier process has left, and gives up what nobody will complete: it would hold
/// a place among the jobs that may be open (`bulk.jobs_open_max`). No upload is under way yet.
void take_up(self_pointer self) {
  for (const auto& [organization, job] : self->state.shared->reader.open_bulk_jobs()) {
    const auto record = find(self->state, organization, job);
    if (record && (record->job.state != model::bulk_state::receiving || !may_go_on(*record)))
      find_or_spawn(self, organization, job);
  }
}

/// Gives up uploads whose key does not hold any more. Those without one say themselves that they
/// broke; other jobs have their actors.
void give_up_old_uploads(self_pointer self) try {
  for (const auto& [organization, job] : self->state.shared->reader.open_bulk_jobs()) {
    const auto record = find(self->state, organization, job);
    if (record && record->job.state == model::bulk_state::receiving && record->key.has_value()
        && !may_go_on(*record))
      find_or_spawn(self, organization, job);
  }
} catch (const store::store_error& fault) {
  log().error("bulk_desk: the open jobs cannot be read, cause=\"{}\"", fault.what());
}

void look_again_later(self_pointer self) {
  self->delayed_send(self, std::chrono::hours{1}, atom::tick::value);
}

void give_up(self_pointer self, std::uint32_t organization, const model::bulk_id& job) {
  const auto record = find(self->state, organization, job);
  if (record && record->job.state == model::bulk_state::receiving)
    find_or_spawn(self, organization, job);
}

}  // namespace

bulk_desk_actor::behavior_type bulk_desk(self_pointer self, const services* shared) {
  supervise(self, "bulk_desk");
  self->state.shared = shared;
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    for (const auto& [id, job] : self->state.jobs)
      caf::anon_send_exit(job.actor, caf::exit_reason::user_shutdown);
    self->state.jobs.clear();
    self->quit(exit.reason);
  });
  take_up(self);
  look_again_later(self);
  return {
    [self](atom::begin, std::uint32_t organization, const model::bulk_id& job) {
      find_or_spawn(self, organization, job);
    },
    [self](atom::broken, std::uint32_t organization, const model::bulk_id& job) {
      give_up(self, organization, job);
    },
    [self](atom::tick) {
      give_up_old_uploads(self);
      look_again_later(self);
    },
    [self](const bulk_request_ptr& asked) { pass_on(self, asked); },
    [self](atom::over, const model::bulk_id& job, std::uint64_t handled) {
      let_go(self->state, job, handled);
    },
  };
}

}  // namespace parley::actors
