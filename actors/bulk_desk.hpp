#pragma once

#include <cstdint>
#include <unordered_map>

#include "actors/bulk_job.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"

namespace parley::actors {

/// A job that is not over, and how often it was asked for something.
struct open_bulk_job {
  bulk_job_actor actor;
  std::uint64_t sent = 0;
};

/// State of the BULK_DESK actor: one for all organisations. Bounded by the jobs that may be open.
struct bulk_desk_state {
  static inline const char* name = "bulk_desk";

  const services* shared = nullptr;
  std::unordered_map<model::bulk_id, open_bulk_job, model::id_hash> jobs;
};

/// Spawns the BULK_DESK. It goes on with the jobs that an earlier process has left.
bulk_desk_actor::behavior_type bulk_desk(bulk_desk_actor::stateful_pointer<bulk_desk_state> self,
                                         const services* shared);

}  // namespace parley::actors
