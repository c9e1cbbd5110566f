#include "actors/sender.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "actors/earlier_sends.hpp"
#include "actors/log.hpp"
#include "actors/noise.hpp"
#include "actors/outbox_reading.hpp"
#include "actors/supervision.hpp"
#include "actors/switchboard.hpp"
#include "parley/carrier/form.hpp"
#include "parley/carrier/retry.hpp"
#include "parley/carrier/twilio.hpp"
#include "parley/store/rows.hpp"

namespace parley::actors {
namespace {

using self_pointer = sender_actor::stateful_pointer<sender_state>;
using std::chrono::steady_clock;

void pump(self_pointer self);

/// Passes a command of the sender's to the message's conversation.
void tell_conversation(const sender_state& my, const model::pair& pair, model::command what) {
  const auto* number = my.shared->board.number(pair.organization, pair.ours.identifier);
  if (!number)
    return;
  auto asked = std::make_shared<envelope>();
  asked->pair = pair;
  asked->what = std::move(what);
  asked->received_at = model::wall_clock();
  caf::anon_send(*number, envelope_ptr{std::move(asked)});
}

outbox_lane& lane_of(sender_state& my, store::lane which) noexcept {
  return which == store::lane::bulk ? my.bulk : my.replies;
}

attempt_key key_of(const pending_send& what) {
  return {what.message, what.to};
}

// -- reading the outbox ---------------------------------------------------------------------------

/// The row cannot be sent, and nobody will say what becomes of it.
void give_up_damaged(sender_state& my, store::lane which) {
  my.facts->queued->fetch_sub(1, std::memory_order_relaxed);
  auto& counted = which == store::lane::bulk ? my.shared->counts.queued_bulk
                                             : my.shared->counts.queued_replies;
  counted.fetch_sub(1, std::memory_order_relaxed);
}

/// Takes the next page of a lane into memory, if there is room. Returns whether there was anything.
bool read_page(sender_state& my, store::lane which) {
  auto& lane = lane_of(my, which);
  const auto page_max = my.shared->options.outbox_page_max;
  const auto held = my.queue.held(which);
  // A carrier that refuses everything must not draw the whole outbox into memory.
  if (!lane.more || held >= page_max)
    return false;
  const auto page
    = my.shared->reader.outbox(my.prefix, which, lane.read_up_to, page_max - held);
  lane.more = page.size() == page_max - held;
  for (const auto& entry : page) {
    lane.read_up_to = entry.seq;
    if (lane.ahead.erase(entry.seq) != 0)
      continue;
    auto legs = read_sends(my.shared->reader, *my.facts, entry, my.shared->options.send_validity);
    if (legs.empty())
      give_up_damaged(my, which);
    for (auto& leg : legs)
      my.queue.add(std::move(leg));
  }
  return !page.empty();
}

/// Whether a message of the lane may begin.
bool offers(sender_state& my, store::lane which, steady_clock::time_point now) {
  while (!my.queue.has(which, now))  // A page may be damaged from end to end.
    if (!read_page(my, which))
      return false;
  return true;
}

/// What bulk may have of the window: it never takes all of it from replies.
std::size_t bulk_window(const cast_options& options) noexcept {
  const auto all = options.send_window_max;
  return all > options.window_replies_min ? all - options.window_replies_min : 1;
}

/// Attempts of bulk of one number that are asked for or wait for the rate: a batch that becomes
/// durable has no more of them, and a person's reply does not wait behind a whole window (P11).
constexpr std::size_t bulk_not_handed_max = 16;

/// The lane that is next, or nothing; asks for a tick when it is only a matter of time.
std::optional<store::lane> choose(self_pointer self, steady_clock::time_point now) {
  auto& my = self->state;
  for (const auto which : {store::lane::reply, store::lane::bulk})
    if (const auto due = my.queue.next_due(which); due && *due > now)
      tick_by(self, *due);
  if (offers(my, store::lane::reply, now))
    return store::lane::reply;
  if (my.bulk_attempts < bulk_window(my.shared->options) && my.bulk_not_handed < bulk_not_handed_max
      && offers(my, store::lane::bulk, now))
    return store::lane::bulk;
  return std::nullopt;
}

// -- beginning attempts ---------------------------------------------------------------------------

/// How long before its turn an attempt is asked for, so that it is durable by then.
steady_clock::duration lead(const sender_state& my) noexcept {
  using namespace std::chrono_literals;
  return std::clamp<std::chrono::nanoseconds>(2 * my.durable_after, 2ms, 1s);
}

steady_clock::time_point as_time(carrier::rate_limit::clock_time since_origin) noexcept {
  return steady_clock::time_point{since_origin};
}

/// It is not among those any more that are asked for or wait for the rate.
void no_longer_waits(sender_state& my, const pending_send& what) noexcept {
  my.uncharged_units -= what.segments;
  if (what.lane == store::lane::bulk)
    --my.bulk_not_handed;
}

/// The attempt is over, or was none: the place at the link and the lane's share are free again.
void leave_gate(sender_state& my, const send_attempt& attempt, link_sign shown) {
  if (attempt.what.lane == store::lane::bulk)
    --my.bulk_attempts;
  if (!attempt.handed_at)
    no_longer_waits(my, attempt.what);
  if (attempt.gate)
    attempt.gate->leave(attempt.what.lane, attempt.probe, shown, steady_clock::now());
}

void begin(self_pointer self, send_attempt attempt) {
  auto& my = self->state;
  auto& next = attempt.what;
  if (model::wall_clock() > next.expires_at) {
    tell_conversation(my, next.pair,
                      model::end_attempt{next.message, model::delivery_state::expired, 0, {},
                                         next.to});
    leave_gate(my, attempt, link_sign::none);
    my.queue.done(next);
    return;
  }
  tell_conversation(my, next.pair,
                    model::begin_attempt{next.message, next.to, next.attempts,
                                         next.first_after_seq});
  auto key = key_of(next);
  my.attempts.emplace(std::move(key), std::move(attempt));
}

/// Whether the number pauses; whoever asks is told when that is over.
bool is_paused(self_pointer self, steady_clock::time_point now) {
  auto& my = self->state;
  if (now < my.paused_until) {
    tick_by(self, my.paused_until);
    return true;
  }
  if (std::exchange(my.paused, false))
    my.shared->counts.senders_paused.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

/// A place at the link. Nothing: it has none, and says when, or it is left alone.
std::optional<send_attempt> enter_gate(self_pointer self, store::lane which,
                                       steady_clock::time_point now) {
  auto& my = self->state;
  send_attempt attempt{.what = {}, .gate = my.facts->gate, .asked_at = now};
  if (!attempt.gate)
    return attempt;
  const auto passed = attempt.gate->enter(which, caf::actor_cast<sender_actor>(self), now);
  if (passed.again_at)
    tick_by(self, *passed.again_at);
  if (!passed.entered)
    return std::nullopt;
  attempt.probe = passed.probe;
  return attempt;
}

/// Begins one attempt. False: there is nothing to send, or it is not the time.
bool begin_next(self_pointer self) {
  auto& my = self->state;
  const auto now = steady_clock::now();
  if (my.attempts.size() >= my.shared->options.send_window_max || is_paused(self, now))
    return false;
  const auto which = choose(self, now);
  if (!which)
    return false;
  const auto ask_at = as_time(my.rate->next_start_behind(my.uncharged_units)) - lead(my);
  if (now < ask_at) {
    tick_by(self, ask_at);
    return false;
  }
  auto attempt = enter_gate(self, *which, now);
  if (!attempt)
    return false;
  attempt->what = my.queue.take(*which, now);
  auto& next = attempt->what;
  my.uncharged_units += next.segments;
  if (*which == store::lane::bulk) {
    ++my.bulk_attempts;
    ++my.bulk_not_handed;
  }
  if (my.pairs) {
    const auto own = as_time(my.pairs->next_start(next.thread, now.time_since_epoch()));
    if (now < own) {
      leave_gate(my, *attempt, link_sign::none);
      my.queue.put_off(std::move(next), own);
      return true;
    }
  }
  begin(self, std::move(*attempt));
  return true;
}

// -- handing over ---------------------------------------------------------------------------------

/// Where the carrier reports to. The URL says which message it is about, because a report may be
/// the only word that ever comes of it; and a party's report says nothing of its group.
std::string report_url(const model::link& link, const pending_send& what) {
  auto url = link.public_url + "/carriers/twilio/" + link.id + "/status?message="
             + what.message.text();
  if (what.pair.theirs.is_group()) {
    url += "&group=";
    carrier::append_percent_encoded(url, what.pair.theirs.identifier);
  }
  return url;
}

model::address recipient_of(const pending_send& what) {
  return model::address::parse(what.to).value_or(what.pair.theirs);
}

/// What the carrier is handed: it fetches our own files by URLs that are good from now on. They
/// begin as the configuration says, else as the carrier reaches us for callbacks.
model::content_ptr fetchable(const sender_state& my, model::content_ptr what) {
  if (my.shared->files == nullptr)
    return what;
  const auto& urls = my.shared->files->urls;
  const auto& base = urls.public_url.empty() ? my.facts->link->public_url : urls.public_url;
  return files::with_fresh_urls(std::move(what), {urls.secret, base, urls.validity},
                                model::wall_clock());
}

/// The attempt is durable and the rate has been charged: hand the message to the carrier.
void hand_over(self_pointer self, const pending_send& what) {
  auto& my = self->state;
  const auto& link = *my.facts->link;
  const auto content = fetchable(my, what.what);
  const auto callback = report_url(link, what);
  auto send = carrier::encode_twilio_send({.api_base = link.api_base,
                                           .account_sid = link.account_sid,
                                           .auth_token = link.auth_token,
                                           .status_callback = callback},
                                          what.pair.ours, recipient_of(what), *content);
  http::client_request request{
    .verb = "POST",
    .url = std::move(send.url),
    .headers = {{"Authorization", std::move(send.authorization)},
                {"Content-Type", "application/x-www-form-urlencoded"},
                {"Accept", "application/json"}},
    .body = std::move(send.body),
    .pool = link.id,
    .connections_max = static_cast<std::size_t>(link.connections_max)};
  my.shared->counts.attempts.fetch_add(1, std::memory_order_relaxed);
  my.shared->carriers.send(std::move(request),
                           [back = caf::actor_cast<sender_actor>(self),
                            key = key_of(what)](http::client_result result) {
                             caf::anon_send(back, carrier_answer{key, std::move(result)});
                           });
}

/// The attempt has come to nothing that is final; the conversation lets the message wait again.
/// @param tried whether it counts as a try.
void tell_waits_again(const sender_state& my, const pending_send& what, std::int32_t code,
                      bool tried) {
  tell_conversation(my, what.pair,
                    model::end_attempt{what.message, model::delivery_state::queued, code, {},
                                       what.to, tried});
}

/// Takes the attempt out of those under way.
send_attempt end(sender_state& my, const attempt_key& which, link_sign shown) {
  auto attempt = std::move(my.attempts.extract(which).mapped());
  leave_gate(my, attempt, shown);
  return attempt;
}

/// The number pauses, or the link is left alone: what is durable and was not handed over waits
/// again, so that a crash meanwhile leaves no doubt about it.
void take_back(self_pointer self, outbox_lane& lane) {
  auto& my = self->state;
  const auto keys = std::exchange(lane.durable, {});
  for (const auto& key : keys) {
    auto attempt = end(my, key, link_sign::none);
    --attempt.what.attempts;
    tell_waits_again(my, attempt.what, 0, false);
    my.queue.give_back(std::move(attempt.what));
  }
}

/// Hands over what is durable as the rate allows it, replies first. False: no more for now.
bool hand_over_next(self_pointer self) {
  auto& my = self->state;
  auto& lane = my.replies.durable.empty() ? my.bulk : my.replies;
  if (lane.durable.empty())
    return false;
  const auto now = steady_clock::now();
  const auto found = my.attempts.find(lane.durable.front());
  auto& attempt = found->second;
  if (is_paused(self, now) || (attempt.gate && !attempt.gate->still_open_to(attempt.probe))) {
    take_back(self, lane);
    return true;
  }
  const auto allowed = as_time(my.rate->next_start());
  if (now < allowed) {
    tick_by(self, allowed);
    return false;
  }
  lane.durable.pop_front();
  my.rate->start(now.time_since_epoch(), attempt.what.segments);
  if (my.pairs)
    my.pairs->start(attempt.what.thread, now.time_since_epoch());
  no_longer_waits(my, attempt.what);
  attempt.handed_at = now;
  hand_over(self, attempt.what);
  return true;
}

/// Does whatever window, rate, link and outbox allow.
void pump(self_pointer self) {
  while (hand_over_next(self)) {
  }
  while (begin_next(self)) {
  }
}

// -- what comes of attempts -----------------------------------------------------------------------

void finish(self_pointer self, const pending_send& done, model::delivery_state state,
            std::int32_t code, std::string provider_id) {
  auto& my = self->state;
  tell_conversation(my, done.pair,
                    model::end_attempt{done.message, state, code, std::move(provider_id),
                                       done.to});
  my.queue.done(done);
}

/// The carrier wants less: everything of the number waits. What was handed over before the pause
/// and is turned away too makes it no longer, unless the carrier says so.
void pause(sender_state& my, const http::client_result& result,
           steady_clock::time_point handed_at) {
  const auto now = steady_clock::now();
  my.shared->counts.throttled.fetch_add(1, std::memory_order_relaxed);
  if (handed_at >= my.paused_until)
    ++my.throttled_in_a_row;
  else if (result.retry_after.empty())
    return;
  const auto wait = carrier::with_jitter(
    carrier::throttle_pause(my.throttled_in_a_row, result.retry_after, model::wall_clock()),
    noise());
  my.paused_until = std::max(my.paused_until, now + wait);
  if (!std::exchange(my.paused, true))
    my.shared->counts.senders_paused.fetch_add(1, std::memory_order_relaxed);
  log().info("sender: the carrier asks for a pause, number={} pause_ms={}", my.facts->identifier,
             wait.count());
}

/// What will have expired by the end of a pause is looked at when it does.
std::chrono::milliseconds until_expiry(const pending_send& what, std::chrono::milliseconds wait) {
  using namespace std::chrono_literals;
  return std::min(wait, std::max(what.expires_at - model::wall_clock() + 1ms, 0ms));
}

void try_again_or_fail(self_pointer self, pending_send what, std::int32_t code) {
  auto& my = self->state;
  const auto wait = carrier::retry_delay(what.attempts);
  if (!wait) {
    finish(self, what, model::delivery_state::failed, code, {});
    return;
  }
  tell_waits_again(my, what, code, true);
  const auto when = steady_clock::now() + until_expiry(what, carrier::with_jitter(*wait, noise()));
  tick_by(self, when);
  my.queue.put_off(std::move(what), when);
}

void conclude(self_pointer self, send_attempt attempt, const carrier::attempt_verdict& verdict,
              const http::client_result& result) {
  auto& my = self->state;
  auto& done = attempt.what;
  const auto handed_at = attempt.handed_at.value_or(attempt.asked_at);
  using what = carrier::attempt_verdict::kind;
  if (verdict.what != what::throttled && handed_at >= my.paused_until)
    my.throttled_in_a_row = 0;
  switch (verdict.what) {
    case what::accepted:
      finish(self, done, model::delivery_state::sent, 0, verdict.provider_id);
      return;
    case what::permanent:
      finish(self, done, model::delivery_state::failed, verdict.error_code, {});
      return;
    case what::unknown:
      log().warn("sender: the outcome of an attempt is not known, message={} cause=\"{}\"",
                 done.message.text(), result.cause);
      if (my.facts->link->unknown_outcome == model::unknown_outcome_policy::hold) {
        finish(self, done, model::delivery_state::unknown, 0, {});
        return;
      }
      break;  // `resend`: as after any transient failure.
    case what::throttled:
      pause(my, result, handed_at);
      tell_waits_again(my, done, verdict.error_code, false);
      --done.attempts;
      my.queue.give_back(std::move(done));
      return;
    case what::transient:
      break;
  }
  try_again_or_fail(self, std::move(done), verdict.error_code);
}

void answered(self_pointer self, const carrier_answer& answer) {
  auto& my = self->state;
  if (!my.attempts.contains(answer.which))
    return;
  const auto& result = answer.result;
  const auto verdict = carrier::judge_attempt(result.outcome == http::exchange_outcome::answered,
                                              result.outcome == http::exchange_outcome::lost,
                                              result.status, result.body);
  using what = carrier::attempt_verdict::kind;
  const bool broken = verdict.what == what::transient || verdict.what == what::unknown;
  conclude(self, end(my, answer.which, broken ? link_sign::broken : link_sign::alive), verdict,
           result);
  pump(self);
}

// -- what conversations decide --------------------------------------------------------------------

/// The sends of a row that was not read yet, whichever lane it stands in; none: there is no such
/// row, or it is damaged.
std::vector<pending_send> read_ahead(sender_state& my, std::uint64_t seq) {
  for (const auto which : {store::lane::reply, store::lane::bulk}) {
    auto& lane = lane_of(my, which);
    const auto rows = my.shared->reader.outbox(my.prefix, which, seq - 1, 1);
    if (rows.empty() || rows.front().seq != seq || seq <= lane.read_up_to)
      continue;
    lane.ahead.insert(seq);
    auto legs = read_sends(my.shared->reader, *my.facts, rows.front(),
                           my.shared->options.send_validity);
    if (legs.empty())
      give_up_damaged(my, which);
    return legs;
  }
  return {};
}

/// A message that the pair has accepted earlier goes first, whichever lane it stands in: at once,
/// so that a reply never waits for a whole queue of bulk.
void let_earlier_go(self_pointer self, pending_send taken, std::uint64_t seq) {
  auto& my = self->state;
  if (auto behind = my.queue.find_behind(taken, seq)) {
    my.queue.yield_to(std::move(taken), std::move(*behind));
    return;
  }
  auto legs = read_ahead(my, seq);
  const auto own = std::ranges::find(legs, taken.thread, &pending_send::thread);
  if (own == legs.end()) {  // It was damaged, and does not leave.
    taken.first_after_seq = seq;
    my.queue.give_back(std::move(taken));
    return;
  }
  for (auto leg = legs.begin(); leg != legs.end(); ++leg) {
    if (leg == own)
      continue;
    leg->lane = store::lane::reply;
    my.queue.add(std::move(*leg));
  }
  my.queue.yield_to(std::move(taken), std::move(*own));
}

/// An earlier process has tried it: it waits for the rest of its time.
void wait_for_retry(self_pointer self, pending_send taken, const conversation::attempt_wait& why) {
  using namespace std::chrono_literals;
  const auto delay
    = carrier::with_jitter(carrier::retry_delay(why.tried).value_or(30min), noise());
  const auto rest = why.since + delay - model::wall_clock();
  const auto when = steady_clock::now()
                    + until_expiry(taken, std::clamp<std::chrono::milliseconds>(rest, 0ms, delay));
  taken.attempts = why.tried;
  tick_by(self, when);
  self->state.queue.put_off(std::move(taken), when);
}

void decided(self_pointer self, const attempt_decision& decision) {
  auto& my = self->state;
  const auto found = my.attempts.find(decision.which);
  if (found == my.attempts.end()) {
    // What waited for another try was called off.
    if (!decision.go && my.queue.call_off(decision.which.message, decision.which.to))
      pump(self);
    return;
  }
  if (decision.go) {
    auto& attempt = found->second;
    attempt.what.attempts = decision.attempts;
    const std::chrono::nanoseconds took = steady_clock::now() - attempt.asked_at;
    my.durable_after = (7 * my.durable_after + took) / 8;
    lane_of(my, attempt.what.lane).durable.push_back(decision.which);
  } else {
    auto attempt = end(my, decision.which, link_sign::none);
    if (!decision.wait)
      my.queue.done(attempt.what);
    else if (decision.wait->earlier_seq != 0)
      let_earlier_go(self, std::move(attempt.what), decision.wait->earlier_seq);
    else
      wait_for_retry(self, std::move(attempt.what), *decision.wait);
  }
  pump(self);
}

// -- the actor ------------------------------------------------------------------------------------

/// Rows that an earlier process left count towards the queue's limit; new ones are counted as they
/// come.
void count_backlog(sender_state& my, std::uint64_t up_to) {
  for (const auto which : {store::lane::reply, store::lane::bulk}) {
    std::uint64_t after = 0;
    std::int64_t sends = 0;
    for (bool more = true; more;) {
      constexpr std::size_t page_max = 1'000;
      const auto page = my.shared->reader.outbox(my.prefix, which, after, page_max);
      for (const auto& entry : page)
        sends += entry.seq <= up_to ? count_sends(my.shared->reader, *my.facts, entry) : 0;
      more = page.size() == page_max;
      if (more)
        after = page.back().seq;
    }
    my.facts->queued->fetch_add(sends, std::memory_order_relaxed);
    auto& counted = which == store::lane::bulk ? my.shared->counts.queued_bulk
                                               : my.shared->counts.queued_replies;
    counted.fetch_add(sends, std::memory_order_relaxed);
  }
}

carrier::allowance rate_of(const sender_state& my) {
  return carrier::number_allowance(my.kind == model::channel::whatsapp
                                     ? carrier::whatsapp_messages_per_s
                                     : my.facts->rate_segments_per_s);
}

/// I8 holds over a restart too: what an earlier process has sent lately is charged.
void set_limits(sender_state& my) {
  constexpr std::size_t pairs_max = 65'536;  // Far more than the rate lets owe anything.
  my.rate.emplace(rate_of(my));
  const auto now = steady_clock::now().time_since_epoch();
  const auto* earlier = my.shared->earlier;
  if (my.kind == model::channel::whatsapp)
    my.pairs.emplace(carrier::whatsapp_pair, pairs_max,
                     now - (earlier ? earlier->known_for() : std::chrono::hours{1}));
  if (earlier == nullptr)
    return;
  my.rate->assume_used_up(now - earlier->known_for(), carrier::message_segments_max);
  for (const auto& sent : earlier->of(my.prefix)) {
    my.rate->start(std::max(now - sent.ago, my.rate->next_start()), sent.units);
    if (my.pairs)
      my.pairs->start(sent.thread, now - sent.ago);
  }
}

void learn(self_pointer self, const number_facts_ptr& newer) {
  auto& my = self->state;
  if (newer->gate != my.facts->gate)
    my.left_gate = my.facts->gate;
  my.facts = newer;
  my.rate->change(steady_clock::now().time_since_epoch(), rate_of(my));
  pump(self);
}

/// A gate has a place. Whoever does not need it lets the next one know.
void called(self_pointer self) {
  auto& my = self->state;
  pump(self);
  for (const auto& gate : {my.facts->gate, my.left_gate})
    if (gate)
      gate->pass_on();
}

void look_for_more(self_pointer self) {
  self->state.replies.more = true;
  self->state.bulk.more = true;
  pump(self);
}

}  // namespace

sender_actor::behavior_type sender(self_pointer self, const services* shared,
                                   number_facts_ptr facts, model::channel kind) {
  supervise(self, "sender");
  auto& my = self->state;
  my.shared = shared;
  my.facts = std::move(facts);
  my.kind = kind;
  my.prefix = store::outbox_prefix(my.facts->organization, {kind, my.facts->identifier});
  set_limits(my);
  return {
    [self](atom::outbox) { look_for_more(self); },
    [self](atom::room) { called(self); },
    [self](const number_facts_ptr& newer) { learn(self, newer); },
    [self](const attempt_decision& decision) { decided(self, decision); },
    [self](const carrier_answer& answer) { answered(self, answer); },
    [self](atom::backlog, std::uint64_t up_to) {
      count_backlog(self->state, up_to);
      look_for_more(self);
    },
    [self](atom::tick) {
      tick_came(self);
      pump(self);
    },
  };
}

}  // namespace parley::actors
