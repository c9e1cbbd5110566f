#include "actors/sender.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include "actors/log.hpp"
#include "actors/supervision.hpp"
#include "actors/switchboard.hpp"
#include "actors/ticking.hpp"
#include "parley/carrier/form.hpp"
#include "parley/carrier/retry.hpp"
#include "parley/carrier/twilio.hpp"
#include "parley/conversation/rules.hpp"
#include "parley/model/limits.hpp"
#include "parley/store/rows.hpp"
#include "parley/text/segments.hpp"

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

/// The entry's record in the journal. Throws `corruption_error` when row or record are damaged.
store::record read_record(const sender_state& my, const store::outbox_entry& entry) {
  if (!entry.fault.empty())
    throw store::corruption_error{entry.fault};
  auto record = my.shared->reader.at(entry.message_seq);
  if (!record)
    throw store::corruption_error{"an outbox row points nowhere"};
  return std::move(*record);
}

/// Whom the entry's message goes to: the recipients of a group, or the pair's other end.
std::vector<std::string> recipients_of(const store::outbox_entry& entry,
                                       const model::message_added& added) {
  if (entry.one_recipient)
    return {entry.to};
  return added.recipients.empty() ? std::vector{std::string{}} : added.recipients;
}

/// Mission 6: what could not be sent by then is expired. A scheduled message is good from its time
/// on.
model::timestamp expiry_of(const sender_state& my, const store::outbox_entry& entry,
                           const model::message_added& added, model::timestamp accepted_at) {
  const auto from = entry.valid_from == model::timestamp{} ? accepted_at : entry.valid_from;
  return from
         + (added.validity_ms > 0 ? std::chrono::milliseconds{added.validity_ms}
                                  : my.shared->options.send_validity);
}

/// Mission 2: in a group everybody sees everybody. All parties hear each other from our number, so
/// the text says whose it is; a text that would become too long for it goes as it is.
void name_author(pending_send& leg, const model::message_added& added) {
  if (added.direction != model::direction::inbound)
    return;
  const auto author = model::address::parse(added.author.id);
  auto named = std::make_shared<model::content>(*added.what);
  named->body = (author ? author->identifier : added.author.id) + ": " + added.what->body;
  const auto cut = text::segment(named->body);
  if (cut.characters > model::body_characters_max)
    return;
  leg.what = std::move(named);
  leg.segments = cut.segments;
}

/// Reads the text of an outbox entry: one send for each recipient. None when it is damaged: then
/// the message, which is named in the log, does not leave, and the others do.
std::vector<pending_send> read_entry(const sender_state& my, const store::outbox_entry& entry) try {
  const auto record = read_record(my, entry);
  const auto pair = model::pair::from_key(entry.pair_key);
  const auto* added = std::get_if<model::message_added>(&record.event.body);
  if (!pair || !added || added->message != entry.message)
    throw store::corruption_error{"an outbox row is of another message"};
  std::vector<pending_send> legs;
  for (auto& to : recipients_of(entry, *added)) {
    auto& leg = legs.emplace_back(pending_send{.entry = entry,
                                               .pair = *pair,
                                               .to = std::move(to),
                                               .what = added->what,
                                               .segments = segments_of(*added),
                                               .expires_at = expiry_of(my, entry, *added,
                                                                       record.event.at)});
    name_author(leg, *added);
  }
  return legs;
} catch (const store::corruption_error& damage) {
  log().error("sender: a message cannot be sent, number={} seq={} cause=\"{}\"",
              my.facts->identifier, entry.seq, damage.what());
  return {};
}

/// Takes the next page of a lane into memory. Returns whether there was anything.
bool read_page(sender_state& my, store::lane which, std::uint64_t& read_up_to) {
  const auto room = my.shared->options.outbox_page_max;
  auto page = my.shared->reader.outbox(my.prefix, which, read_up_to, room);
  for (const auto& entry : page) {
    read_up_to = entry.seq;
    auto legs = read_entry(my, entry);
    if (legs.empty())
      my.facts->queued->fetch_sub(1, std::memory_order_relaxed);
    std::ranges::move(legs, std::back_inserter(my.ready));
  }
  return !page.empty();
}

/// Replies by people before bulk (mission 6).
bool read_page(sender_state& my) {
  return read_page(my, store::lane::reply, my.read_up_to)
         || read_page(my, store::lane::bulk, my.bulk_read_up_to);
}

/// Within it order holds: the pair, and of a group each recipient, whose troubles are nobody
/// else's (I9).
std::string thread_of(const pending_send& what) {
  return what.entry.pair_key + '\0' + what.to;
}

attempt_key key_of(const pending_send& what) {
  return {what.entry.message, what.to};
}

/// The first message whose thread has no attempt under way.
std::optional<pending_send> take_ready(sender_state& my) {
  const auto next = std::ranges::find_if(
    my.ready, [&](const pending_send& it) { return !my.busy.contains(thread_of(it)); });
  if (next == my.ready.end())
    return std::nullopt;
  auto taken = std::move(*next);
  my.ready.erase(next);
  return taken;
}

std::optional<pending_send> take_retry(sender_state& my, steady_clock::time_point now) {
  const auto next = std::ranges::find_if(
    my.retries, [&](const pending_send& it) { return it.not_before <= now; });
  if (next == my.retries.end())
    return std::nullopt;
  auto taken = std::move(*next);
  my.retries.erase(next);
  return taken;
}

/// The delivery has its outcome, or needs no attempt: nothing of it stays in memory.
void forget(sender_state& my, const pending_send& done) {
  my.busy.erase(thread_of(done));
}

void begin(self_pointer self, pending_send next) {
  auto& my = self->state;
  if (model::wall_clock() > next.expires_at) {
    tell_conversation(my, next.pair,
                      model::end_attempt{next.entry.message, model::delivery_state::expired, 0, {},
                                         next.to});
    forget(my, next);
    return;
  }
  my.rate->start(steady_clock::now().time_since_epoch(), next.segments);
  my.busy.insert(thread_of(next));
  tell_conversation(my, next.pair, model::begin_attempt{next.entry.message, next.to});
  auto key = key_of(next);
  my.attempts.emplace(std::move(key), std::move(next));
}

/// What is to be sent next, or nothing; asks for a tick when it is only a matter of time.
std::optional<pending_send> next_send(self_pointer self, steady_clock::time_point now) {
  auto& my = self->state;
  if (auto retry = take_retry(my, now))
    return retry;
  for (const auto& later : my.retries)
    tick_by(self, later.not_before);
  // A carrier that refuses everything must not draw the whole outbox into memory.
  if (my.retries.size() >= my.shared->options.outbox_page_max)
    return std::nullopt;
  auto next = take_ready(my);
  while (!next && my.ready.empty() && read_page(my))  // A page may be damaged from end to end.
    next = take_ready(my);
  return next;
}

/// Begins attempts while the window, the rate and the outbox allow it.
void pump(self_pointer self) {
  auto& my = self->state;
  while (my.attempts.size() < my.shared->options.send_window_max) {
    const auto now = steady_clock::now();
    if (now < my.paused_until) {
      tick_by(self, my.paused_until);
      return;
    }
    const steady_clock::time_point allowed{
      std::max(my.rate->next_start(), steady_clock::duration::zero())};
    if (now < allowed) {
      if (!my.ready.empty() || !my.retries.empty() || read_page(my))
        tick_by(self, allowed);
      return;
    }
    auto next = next_send(self, now);
    if (!next)
      return;
    begin(self, std::move(*next));
  }
}

/// Where the carrier reports to. A party's report says nothing of its group, so the URL does.
std::string report_url(const model::link& link, const pending_send& what) {
  auto url = link.public_url + "/carriers/twilio/" + link.id + "/status";
  if (what.pair.theirs.is_group()) {
    url += "?group=";
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

/// The attempt is durable: hand the message to the carrier.
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
    .body = std::move(send.body)};
  my.shared->counts.attempts.fetch_add(1, std::memory_order_relaxed);
  my.shared->carriers.send(std::move(request),
                           [back = caf::actor_cast<sender_actor>(self),
                            key = key_of(what)](http::client_result result) {
                             caf::anon_send(back, carrier_answer{key, std::move(result)});
                           });
}

void retry_at(self_pointer self, pending_send what, steady_clock::time_point when) {
  auto& my = self->state;
  tell_conversation(my, what.pair,
                    model::end_attempt{what.entry.message, model::delivery_state::queued, 0, {},
                                       what.to});
  // What will have expired by then is looked at when it does.
  const auto left = what.expires_at - model::wall_clock() + std::chrono::milliseconds{1};
  what.not_before = std::min(when, steady_clock::now() + std::max(left, decltype(left)::zero()));
  tick_by(self, what.not_before);
  my.retries.push_back(std::move(what));
}

/// Senders that were throttled together do not come back together.
steady_clock::duration with_jitter(std::chrono::milliseconds wait) {
  static thread_local std::minstd_rand noise{std::random_device{}()};
  return carrier::with_jitter(wait, std::uniform_real_distribution<double>{0.0, 1.0}(noise));
}

void finish(self_pointer self, const pending_send& done, model::delivery_state state,
            std::int32_t code, std::string provider_id) {
  auto& my = self->state;
  tell_conversation(my, done.pair,
                    model::end_attempt{done.entry.message, state, code, std::move(provider_id),
                                       done.to});
  forget(my, done);
}

void conclude(self_pointer self, pending_send done, const http::client_result& result) {
  auto& my = self->state;
  const auto verdict = carrier::judge_attempt(result.outcome == http::exchange_outcome::answered,
                                              result.outcome == http::exchange_outcome::lost,
                                              result.status, result.body);
  using what = carrier::attempt_verdict::kind;
  if (verdict.what != what::throttled)
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
                 done.entry.message.text(), result.cause);
      if (my.facts->link->unknown_outcome == model::unknown_outcome_policy::hold) {
        finish(self, done, model::delivery_state::unknown, 0, {});
        return;
      }
      break;  // `resend`: as after any transient failure.
    case what::throttled: {
      my.shared->counts.throttled.fetch_add(1, std::memory_order_relaxed);
      const auto pause = with_jitter(
        carrier::throttle_pause(++my.throttled_in_a_row, result.retry_after,
                                model::wall_clock()));
      my.paused_until = steady_clock::now() + pause;
      retry_at(self, std::move(done), my.paused_until);
      return;
    }
    case what::transient:
      break;
  }
  if (const auto wait = carrier::retry_delay(done.attempts))
    retry_at(self, std::move(done), steady_clock::now() + with_jitter(*wait));
  else
    finish(self, done, model::delivery_state::failed, verdict.error_code, {});
}

/// How many sends an outbox row stands for: those of a group that are not done with.
std::int64_t sends_of(const sender_state& my, const store::outbox_entry& entry) try {
  const auto pair = model::pair::from_key(entry.pair_key);
  if (!pair || !pair->theirs.is_group() || entry.one_recipient)
    return 1;
  auto stored = my.shared->reader.load(entry.pair_key);
  auto state = stored.snapshot.value_or(model::conversation_state{});
  for (const auto& record : stored.tail)
    conversation::apply(state, record.event, record.seq);
  return std::ranges::count_if(state.deliveries, [&](const model::delivery& one) {
    return one.message == entry.message && one.queued_seq == 0 && model::in_outbox(one.state);
  });
} catch (const store::store_error& damage) {
  log().error("sender: what waits cannot be counted, number={} seq={} cause=\"{}\"",
              my.facts->identifier, entry.seq, damage.what());
  return 1;
}

/// Rows that an earlier process left count towards the queue's limit; new ones count themselves.
void count_backlog(sender_state& my, store::lane which, std::uint64_t up_to) {
  std::uint64_t after = 0;
  std::int64_t rows = 0;
  for (;;) {
    const auto page = my.shared->reader.outbox(my.prefix, which, after, 1'000);
    for (const auto& entry : page)
      rows += entry.seq <= up_to ? sends_of(my, entry) : 0;
    if (page.size() < 1'000)
      break;
    after = page.back().seq;
  }
  my.facts->queued->fetch_add(rows, std::memory_order_relaxed);
}

carrier::allowance rate_of(const sender_state& my) {
  return carrier::number_allowance(my.kind == model::channel::whatsapp
                                     ? carrier::whatsapp_messages_per_s
                                     : my.facts->rate_segments_per_s);
}

/// What waited for another try was called off: its thread goes on at once.
void call_off(self_pointer self, const attempt_key& which) {
  auto& my = self->state;
  const auto waits = std::ranges::find(my.retries, which, key_of);
  if (waits == my.retries.end())
    return;
  forget(my, *waits);
  my.retries.erase(waits);
  pump(self);
}

void decided(self_pointer self, const attempt_decision& decision) {
  auto& my = self->state;
  const auto found = my.attempts.find(decision.which);
  if (found == my.attempts.end()) {
    if (!decision.go)
      call_off(self, decision.which);
    return;
  }
  if (decision.go) {
    found->second.attempts = decision.attempts;
    hand_over(self, found->second);
    return;
  }
  forget(my, found->second);
  my.attempts.erase(found);
  pump(self);
}

void answered(self_pointer self, const carrier_answer& answer) {
  auto& my = self->state;
  const auto found = my.attempts.find(answer.which);
  if (found == my.attempts.end())
    return;
  auto done = std::move(found->second);
  my.attempts.erase(found);
  conclude(self, std::move(done), answer.result);
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
  my.rate.emplace(rate_of(my));
  return {
    [self](atom::outbox) { pump(self); },
    [self](const number_facts_ptr& newer) {
      self->state.facts = newer;
      self->state.rate->change(steady_clock::now().time_since_epoch(),
                               rate_of(self->state));
    },
    [self](const attempt_decision& decision) { decided(self, decision); },
    [self](const carrier_answer& answer) { answered(self, answer); },
    [self](atom::backlog, std::uint64_t up_to) {
      count_backlog(self->state, store::lane::reply, up_to);
      count_backlog(self->state, store::lane::bulk, up_to);
      pump(self);
    },
    [self](atom::tick) {
      self->state.tick_at.reset();
      pump(self);
    },
  };
}

}  // namespace parley::actors
