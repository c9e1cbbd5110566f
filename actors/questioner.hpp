#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "actors/ticking.hpp"
#include "parley/actions/question.hpp"
#include "parley/model/ids.hpp"

namespace parley::actors {

/// What a data action says to a conversation that somebody inside wants to start.
struct outbound_verdict {
  enum class kind : std::uint8_t {
    pass,     ///< Go on. Also when the endpoint is broken or late: it never blocks a message.
    refused,  ///< The endpoint has said no.
    ended,    ///< The broker ends; nobody was asked, or the answer was not waited for.
  };

  kind what = kind::pass;
  std::string reason;  ///< Of a refusal; may be empty.
  std::string from;    ///< Another number to start from; empty: as asked.
};

/// Called once, on some thread that must not be held up.
using verdict_receiver = std::function<void(outbound_verdict)>;

/// A question and whoever waits for what comes of it: the conversation, or a request of the API.
/// A request that waits is told even if the question is dropped with the broker's end.
struct asked_question {
  explicit asked_question(actions::question asked, verdict_receiver waiting = nullptr);
  ~asked_question();
  asked_question(const asked_question&) = delete;
  asked_question& operator=(const asked_question&) = delete;

  actions::question what;
  mutable verdict_receiver receiver;  ///< The QUESTIONER's; null: the conversation is told.
};

/// Asks about a message, once its `question_asked` is durable. The conversation is told what came
/// of it by the command `settle_question`. When the broker ends meanwhile it is not, and its own
/// timer uses the default route. Any thread.
void ask(const services& shared, actions::question what);

/// Asks before a conversation is started from inside. Any thread.
void ask_outbound(const questioner_actor& whom, actions::question what, verdict_receiver receiver);

/// How long all tries together can take: a question is asked with `until` that far ahead.
[[nodiscard]] std::chrono::milliseconds question_patience(const cast_options& options) noexcept;

/// A question that is being asked. It keeps its place among its data action's `in_flight` also
/// while it waits for its next try.
struct open_try {
  asked_question_ptr asked;
  std::string body;                                    ///< The same for every try.
  std::size_t tries = 0;
  std::chrono::steady_clock::time_point not_before{};  ///< Of the next try.
};

/// State of the QUESTIONER.
///
/// Each data action has its own bound of questions in flight and its own line behind it, so a slow
/// endpoint holds up its own conversations only (I9); what does not find a place in the line fails
/// at once. Nothing is kept on disk: after a crash the conversation's timer settles what was asked.
struct questioner_state {
  static inline const char* name = "questioner";

  /// Organisation and the data action's id.
  using key = std::pair<std::uint32_t, std::string>;

  struct lane {
    std::size_t in_flight = 0;
    std::deque<asked_question_ptr> waiting;  ///< In order of asking.
  };

  const services* shared = nullptr;
  model::id_source ids;                                ///< Of the replies.
  std::map<key, lane> lanes;                           ///< Of those that have something to do.
  std::unordered_map<std::uint64_t, open_try> tries;   ///< At their endpoints, by their number.
  std::uint64_t last_try = 0;
  std::deque<open_try> retries;
  asked_ticks ticks;
  std::chrono::steady_clock::time_point quiet_until{};  ///< The log hears no more before that …
  std::uint64_t unheard = 0;                            ///< … of so many that failed.
};

/// Spawns the QUESTIONER.
questioner_actor::behavior_type
questioner(questioner_actor::stateful_pointer<questioner_state> self, const services* shared);

}  // namespace parley::actors
