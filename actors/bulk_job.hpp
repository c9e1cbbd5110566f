#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "actors/number_facts.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "actors/ticking.hpp"
#include "parley/bulk/lines.hpp"
#include "parley/model/directory.hpp"
#include "parley/store/bulk_table.hpp"

namespace parley::actors {

/// What an application asks of a job (mission 8).
enum class bulk_action : std::uint8_t { pause, resume, cancel, retry_failed };

/// What became of that, for whoever puts it into words.
struct bulk_outcome {
  const store::bulk_job_record& job;  ///< As it is afterwards.
  const model::bulk_counts& counts;
  bool done = false;  ///< Else it is in no state for it.
};

struct bulk_request {
  std::uint32_t organization = 0;
  model::bulk_id job;
  bulk_action what = bulk_action::pause;
  model::reply_to answer_to;
  model::answer (*render)(const bulk_outcome&) = nullptr;  ///< Pure; on a worker thread.
};

/// Where a job is in its lines.
struct bulk_position {
  std::uint64_t block = 0;
  std::size_t at = 0;  ///< Of the block's lines, the next one.
  std::vector<model::bulk_entry> lines;
  std::vector<store::bulk_line_outcome> outcomes;  ///< As they were when the block was read.
  bool read = false;    ///< The block is in memory.
  bool put_off = false;  ///< A line was passed over that may be sent later.
};

/// A change of many lines, a few blocks a turn.
struct bulk_move {
  model::bulk_line_state to = model::bulk_line_state::waiting;
  std::uint64_t first = 0;  ///< Position of the next line.
  bulk_request_ptr asked;   ///< Answered at its end; null: nobody has.
};

/// State of a BULK_JOB actor. Its lines are in the store, and what has become of each: it holds one
/// block of them, and the positions of those that are on their way to a conversation. Whatever
/// moment the process dies at, the lines that are no message yet are those that wait, so that none
/// is sent twice and none is left out.
///
/// It reads on while few of its lines are in the number's outbox: the job waits there no longer
/// than a few seconds of the number's rate, so that a pause soon takes hold, jobs take turns and no
/// queue grows (mission 6: one job delays no other).
struct bulk_job_state {
  static inline const char* name = "bulk_job";

  const services* shared = nullptr;
  bulk_desk_actor desk;
  store::bulk_job_record record;
  bulk::job_text text;
  std::string pair_key;          ///< Of its own chain.
  std::uint64_t head_seq = 0;    ///< Of that chain.
  model::bulk_counts counts;     ///< As last read.
  model::bulk_counts told;       ///< As the last event said.
  model::timestamp told_at{};
  bulk_position place;
  std::set<std::uint64_t> flying;  ///< Lines that are on their way to a conversation.
  std::shared_ptr<store::commit_listener> listener;
  std::uint64_t unflushed = 0;   ///< Changes of lines that the store does not show yet.
  bool from_the_start = false;   ///< Once nothing is on its way: some lines wait again.
  model::timestamp again_at{};   ///< When to look at what was put off.
  model::directory_ptr known;    ///< The directory that `route` is of.
  std::variant<model::route, model::errc> route{model::errc::unknown_number};
  asked_ticks ticks;
  bool counted = false;          ///< Among the running ones.
  std::optional<bulk_move> moving;
  std::size_t blocks_left = 0;   ///< That may be read in this turn.
  std::uint64_t handled = 0;     ///< Requests; the DESK compares before it lets go.
};

/// Spawns a BULK_JOB. Everything of the job must be durable by then. One whose lines are not
/// complete is one that nobody will complete: it is canceled.
bulk_job_actor::behavior_type bulk_job(bulk_job_actor::stateful_pointer<bulk_job_state> self,
                                       const services* shared, bulk_desk_actor desk,
                                       store::bulk_job_record record);

}  // namespace parley::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::store::bulk_job_record)
