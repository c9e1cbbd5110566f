#include "actors/questioner.hpp"

#include <algorithm>
#include <variant>

#include "actors/log.hpp"
#include "actors/noise.hpp"
#include "actors/supervision.hpp"
#include "actors/switchboard.hpp"
#include "parley/actions/answer.hpp"

namespace parley::actors {
namespace {

using self_pointer = questioner_actor::stateful_pointer<questioner_state>;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds retry_pause{250};
constexpr milliseconds retry_jitter_max{50};
/// What the client's clock may be late by: it looks at its deadlines now and then.
constexpr milliseconds client_slack{200};
constexpr std::chrono::minutes warning_interval{1};

/// What came of a question.
struct conclusion {
  model::question_outcome outcome = model::question_outcome::failed;
  std::string detail;
  actions::decoded_answer answer{};
};

questioner_state::key key_of(const actions::question& what) {
  return {what.between.organization, what.action};
}

milliseconds time_left(const actions::question& what) {
  return what.until - model::wall_clock();
}

/// Strangers' endpoints can fail at will; that must not fill the log.
void warn(questioner_state& my, const actions::question& what, const conclusion& end) {
  const auto now = steady_clock::now();
  if (now < my.quiet_until) {
    ++my.unheard;
    return;
  }
  log().warn("questioner: a data action was of no use, organization={} action={} cause=\"{}\" "
             "unheard={}",
             what.between.organization, what.action, end.detail, std::exchange(my.unheard, 0));
  my.quiet_until = now + warning_interval;
}

void count(cast_counts& counts, model::question_outcome outcome) {
  auto& counter = outcome == model::question_outcome::answered ? counts.questions_answered
                  : outcome == model::question_outcome::failed ? counts.questions_failed
                                                               : counts.questions_timed_out;
  counter.fetch_add(1, std::memory_order_relaxed);
}

void tell_conversation(questioner_state& my, const actions::question& what, conclusion end) {
  const auto* number
    = my.shared->board.number(what.between.organization, what.between.ours.identifier);
  if (number == nullptr)
    return;
  auto asked = std::make_shared<envelope>();
  asked->received_at = model::wall_clock();
  asked->pair = what.between;
  for (auto& reply : end.answer.answer.replies)
    reply.message = my.ids.next_as<model::message_id>(asked->received_at);
  asked->what = model::settle_question{what.conversation, what.index, end.outcome,
                                       std::move(end.detail), std::move(end.answer.answer)};
  caf::anon_send(*number, envelope_ptr{std::move(asked)});
}

void settle(questioner_state& my, const asked_question& asked, conclusion end) {
  count(my.shared->counts, end.outcome);
  if (end.outcome != model::question_outcome::answered)
    warn(my, asked.what, end);
  if (!asked.receiver) {
    tell_conversation(my, asked.what, std::move(end));
    return;
  }
  using kind = outbound_verdict::kind;
  std::exchange(asked.receiver, nullptr)({end.answer.refuses ? kind::refused : kind::pass,
                                          std::move(end.answer.reason),
                                          std::move(end.answer.from)});
}

conclusion too_late() {
  return {model::question_outcome::timed_out, "there was no answer in time"};
}

/// The endpoint can fetch our own files.
actions::question with_fetchable_files(const questioner_state& my, actions::question what) {
  if (my.shared->files != nullptr)
    what.what = files::with_fresh_urls(std::move(what.what), my.shared->files->urls,
                                       model::wall_clock());
  return what;
}

/// Hands the question to its endpoint. Nothing when it is on its way, else why it is not.
std::optional<conclusion> try_once(self_pointer self, open_try next) {
  auto& my = self->state;
  const auto& what = next.asked->what;
  const auto left = std::min(time_left(what), my.shared->options.action_timeout);
  if (left <= milliseconds::zero())
    return too_late();
  const auto directory = my.shared->directory.present();
  const auto* owner = directory->find_organization(what.between.organization);
  const auto* action = owner == nullptr ? nullptr : owner->find_data_action(what.action);
  if (action == nullptr)
    return conclusion{model::question_outcome::failed,
                      "there is no data action `" + what.action + "`"};
  if (next.body.empty())
    next.body = actions::encode(with_fetchable_files(my, what));
  ++next.tries;
  http::client_request request{
    .verb = "POST",
    .url = action->url,
    .headers = {{"Content-Type", "application/json"},
                {"Accept", "application/json"},
                {"Parley-Action", action->id},
                {"Parley-Signature",
                 actions::signature(action->secret, model::wall_clock(), next.body)}},
    .body = next.body,
    .timeout = left};
  const auto number = ++my.last_try;
  my.tries.emplace(number, std::move(next));
  my.shared->endpoints.send(
    std::move(request),
    [back = caf::actor_cast<questioner_actor>(self), number](http::client_result result) {
      caf::anon_send(back, endpoint_answer{number, std::move(result)});
    });
  return std::nullopt;
}

/// Begins to ask; true when the question now has a place in flight.
bool begin(self_pointer self, asked_question_ptr asked) {
  auto& my = self->state;
  my.shared->counts.questions_asked.fetch_add(1, std::memory_order_relaxed);
  open_try first;
  first.asked = asked;
  auto end = try_once(self, std::move(first));
  if (end)
    settle(my, *asked, std::move(*end));
  return !end;
}

/// Asks what waits, as far as there is room, and tells those whose time has passed.
void pump(self_pointer self, const questioner_state::key& key) {
  auto& my = self->state;
  const auto found = my.lanes.find(key);
  if (found == my.lanes.end())
    return;
  auto& lane = found->second;
  while (!lane.waiting.empty()) {
    const bool late = time_left(lane.waiting.front()->what) <= milliseconds::zero();
    if (!late && lane.in_flight >= my.shared->options.action_in_flight_max) {
      tick_by(self, steady_clock::now() + time_left(lane.waiting.front()->what));
      return;
    }
    const auto next = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    if (late)
      settle(my, *next, too_late());
    else if (begin(self, next))
      ++lane.in_flight;
  }
  if (lane.in_flight == 0)
    my.lanes.erase(found);
}

void take(self_pointer self, const asked_question_ptr& asked) {
  auto& my = self->state;
  const auto key = key_of(asked->what);
  auto& lane = my.lanes[key];
  if (lane.in_flight >= my.shared->options.action_in_flight_max
      && lane.waiting.size() >= my.shared->options.action_waiting_max) {
    settle(my, *asked, {model::question_outcome::failed, "too many questions wait"});
    return;
  }
  lane.waiting.push_back(asked);
  pump(self, key);
}

/// Frees the question's place.
void leave(self_pointer self, const open_try& done, conclusion end) {
  auto& my = self->state;
  settle(my, *done.asked, std::move(end));
  const auto key = key_of(done.asked->what);
  --my.lanes.at(key).in_flight;
  pump(self, key);
}

conclusion read_answer(questioner_state& my, const actions::question& what,
                       const std::string& body) {
  const auto directory = my.shared->directory.present();
  const auto* owner = directory->find_organization(what.between.organization);
  if (owner == nullptr)
    return {model::question_outcome::failed, "the organisation is gone"};
  auto decoded = actions::decode_answer(body, what, *owner);
  if (auto* answer = std::get_if<actions::decoded_answer>(&decoded))
    return {model::question_outcome::answered, {}, std::move(*answer)};
  my.shared->counts.answers_refused.fetch_add(1, std::memory_order_relaxed);
  return {model::question_outcome::failed, std::get<actions::faulty_answer>(decoded).why};
}

/// Another try may help. A question changes nothing, so one that may have been heard is repeated.
bool may_be_repeated(const http::client_result& result) {
  constexpr int request_timeout = 408;
  constexpr int too_many_requests = 429;
  return result.outcome != http::exchange_outcome::answered || result.status >= 500
         || result.status == request_timeout || result.status == too_many_requests;
}

conclusion failure_of(const http::client_result& result) {
  if (result.timed_out)
    return too_late();
  if (result.outcome == http::exchange_outcome::answered)
    return {model::question_outcome::failed,
            "the endpoint answered with status " + std::to_string(result.status)};
  return {model::question_outcome::failed, "the endpoint was not reached: " + result.cause};
}

/// A pause with jitter: questions that failed together do not come back together.
steady_clock::duration pause_before_retry() {
  return retry_pause + std::chrono::duration_cast<milliseconds>(retry_jitter_max * noise());
}

void answered(self_pointer self, const endpoint_answer& heard) {
  auto& my = self->state;
  const auto found = my.tries.find(heard.number);
  if (found == my.tries.end())
    return;
  auto done = std::move(found->second);
  my.tries.erase(found);
  const auto& result = heard.result;
  if (result.outcome == http::exchange_outcome::answered && result.status / 100 == 2) {
    leave(self, done, read_answer(my, done.asked->what, result.body));
    return;
  }
  const auto pause = pause_before_retry();
  if (may_be_repeated(result) && done.tries < my.shared->options.action_tries
      && pause < time_left(done.asked->what)) {
    done.not_before = steady_clock::now() + pause;
    tick_by(self, done.not_before);
    my.retries.push_back(std::move(done));
    return;
  }
  leave(self, done, failure_of(result));
}

/// Tries again whose pause is over, and looks for those whose time has passed in line.
void tick(self_pointer self) {
  auto& my = self->state;
  tick_came(self);
  const auto now = steady_clock::now();
  for (auto count = my.retries.size(); count > 0; --count) {
    auto next = std::move(my.retries.front());
    my.retries.pop_front();
    if (next.not_before > now) {
      tick_by(self, next.not_before);
      my.retries.push_back(std::move(next));
      continue;
    }
    const auto kept = next;
    if (auto end = try_once(self, std::move(next)))
      leave(self, kept, std::move(*end));
  }
  std::vector<questioner_state::key> busy;
  for (const auto& [key, lane] : my.lanes)
    if (!lane.waiting.empty())
      busy.push_back(key);
  for (const auto& key : busy)
    pump(self, key);
}

}  // namespace

asked_question::asked_question(actions::question asked, verdict_receiver waiting)
  : what(std::move(asked)), receiver(std::move(waiting)) {}

asked_question::~asked_question() {
  if (!receiver)
    return;
  try {
    receiver({outbound_verdict::kind::ended, {}, {}});
  } catch (const std::exception& fault) {
    log().error("questioner: whoever asked could not be told, cause=\"{}\"", fault.what());
  }
}

void ask(const services& shared, actions::question what) {
  if (shared.questioner != nullptr && *shared.questioner)
    caf::anon_send(*shared.questioner,
                   asked_question_ptr{std::make_shared<asked_question>(std::move(what))});
}

void ask_outbound(const questioner_actor& whom, actions::question what,
                  verdict_receiver receiver) {
  caf::anon_send(whom, asked_question_ptr{std::make_shared<asked_question>(std::move(what),
                                                                           std::move(receiver))});
}

milliseconds question_patience(const cast_options& options) noexcept {
  const auto tries = static_cast<milliseconds::rep>(options.action_tries);
  return tries * (options.action_timeout + client_slack + retry_pause + retry_jitter_max);
}

questioner_actor::behavior_type questioner(self_pointer self, const services* shared) {
  supervise(self, "questioner");
  self->state.shared = shared;
  return {
    [self](const asked_question_ptr& asked) { take(self, asked); },
    [self](const endpoint_answer& heard) { answered(self, heard); },
    [self](atom::tick) { tick(self); },
  };
}

}  // namespace parley::actors
