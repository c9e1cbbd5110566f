#include "actors/webhook.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "actors/log.hpp"
#include "actors/noise.hpp"
#include "actors/supervision.hpp"
#include "parley/actions/question.hpp"
#include "parley/store/environment.hpp"

namespace parley::actors {
namespace {

using self_pointer = webhook_actor::stateful_pointer<webhook_state>;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Rows wait so long for others at most: they cost a flush that nobody else may need.
constexpr milliseconds write_delay{250};
constexpr std::size_t rows_at_once = 64;
/// A cursor that only passes what is not wanted is written no more often than this.
constexpr std::uint64_t idle_cursor_stride = 10'000;
constexpr std::chrono::seconds warning_interval{10};
constexpr std::size_t error_bytes_max = 200;

const webhook_options& limits_of(const webhook_state& my) { return my.shared->webhooks->limits; }
std::uint32_t organization_of(const webhook_state& my) { return my.facts->organization; }
const std::string& id_of(const webhook_state& my) { return my.facts->described.id; }

bool is_running(const webhook_state& my) {
  return my.loaded && !my.facts->gone && my.facts->described.enabled;
}

/// Doubles from the first pause to the longest, and up to a quarter more: what failed together does
/// not come back together.
milliseconds pause_after(const webhook_options& limits, std::size_t failures) {
  auto pause = limits.retry_first;
  for (std::size_t i = 1; i < failures && pause < limits.retry_longest; ++i)
    pause *= 2;
  pause = std::min(pause, limits.retry_longest);
  return pause + std::chrono::duration_cast<milliseconds>(pause / 4 * noise());
}

// -- what is kept ---------------------------------------------------------------------------------

/// Everything up to here is settled.
std::uint64_t cursor_of(const webhook_state& my) {
  const auto first = my.window.first_live();
  return first ? *first - 1 : my.position;
}

void append(webhook_state& my, std::vector<store::row> rows, model::settlement settle = {}) {
  my.shared->journal.append(
    {.organization = organization_of(my), .rows = rows, .settle = std::move(settle)});
}

void write_rows(webhook_state& my, model::settlement settle = {}) {
  auto rows = std::exchange(my.rows, {});
  if (const auto cursor = cursor_of(my); cursor != my.written) {
    rows.push_back(store::webhook_cursor_row(organization_of(my), id_of(my), cursor));
    my.written = cursor;
  }
  if (!rows.empty() || settle.to.wanted())
    append(my, std::move(rows), std::move(settle));
}

void keep(self_pointer self, store::row made) {
  auto& my = self->state;
  if (my.rows.empty()) {
    my.write_at = steady_clock::now() + write_delay;
    tick_by(self, my.write_at);
  }
  my.rows.push_back(std::move(made));
  if (my.rows.size() >= rows_at_once)
    write_rows(my);
}

void keep_try(self_pointer self, store::webhook_try line) {
  auto& my = self->state;
  line.number = ++my.last_try;
  const auto most = limits_of(my).log_entries_max;
  keep(self, store::webhook_try_row(organization_of(my), id_of(my), line));
  if (line.number > most)
    keep(self,
         store::webhook_try_gone_row(organization_of(my), id_of(my), line.number - most));
}

/// The oldest leaves when there are too many: the event itself stays in the journal.
void keep_dead(self_pointer self, const store::dead_letter& letter) {
  auto& my = self->state;
  my.dead.insert(letter.event);
  keep(self, store::dead_letter_row(organization_of(my), id_of(my), letter));
  my.shared->counts.webhook_dead.fetch_add(1, std::memory_order_relaxed);
  if (my.dead.size() <= limits_of(my).dead_letters_max)
    return;
  keep(self, store::dead_letter_gone_row(organization_of(my), id_of(my), *my.dead.begin()));
  my.dead.erase(my.dead.begin());
  my.shared->counts.webhook_dead_dropped.fetch_add(1, std::memory_order_relaxed);
}

/// Takes away what is there of a webhook that is gone, or was there before under the same id. A few
/// thousand rows at most.
void erase_rows(webhook_state& my) {
  const auto& reader = my.shared->reader;
  const auto organization = organization_of(my);
  const auto& id = id_of(my);
  std::vector<store::row> rows;
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  for (const auto& one :
       reader.webhook_tries(organization, id, std::numeric_limits<std::uint64_t>::max(), all))
    rows.push_back(store::webhook_try_gone_row(organization, id, one.number));
  for (const auto& one : reader.dead_letters(organization, id, {}, all))
    rows.push_back(store::dead_letter_gone_row(organization, id, one.event));
  for (const auto& one : reader.webhook_replays(organization, id, all))
    rows.push_back(store::webhook_replay_gone_row(organization, id, one));
  if (!rows.empty())
    append(my, std::move(rows));
}

// -- posting --------------------------------------------------------------------------------------

void warn(webhook_state& my, const posting& what, const std::string& error) {
  const auto now = steady_clock::now();
  if (now < my.quiet_until) {
    ++my.unheard;
    return;
  }
  log().warn("webhook: an event was posted in vain, organization={} webhook={} event={} tries={} "
             "cause=\"{}\" unheard={}",
             organization_of(my), id_of(my), what.event.id.text(), what.tries, error,
             std::exchange(my.unheard, 0));
  my.quiet_until = now + warning_interval;
}

std::string error_of(const http::client_result& result) {
  if (result.outcome == http::exchange_outcome::answered)
    return "the endpoint answered with status " + std::to_string(result.status);
  if (result.timed_out)
    return "there was no answer in time";
  return ("the endpoint was not reached: " + result.cause).substr(0, error_bytes_max);
}

void post(self_pointer self, const posting_key& key) {
  auto& my = self->state;
  auto& what = my.window.at(key);
  const auto now = model::wall_clock();
  ++what.tries;
  if (what.tries == 1)
    what.first_try = now;
  const auto& described = my.facts->described;
  http::client_request request{
    .verb = "POST",
    .url = described.url,
    .headers = {{"Content-Type", "application/json"},
                {"Parley-Webhook", described.id},
                {"Parley-Event", what.event.id.text()},
                {"Parley-Signature",
                 actions::signature(described.secret, now, *what.event.body)}},
    .body = *what.event.body,
    .timeout = limits_of(my).timeout};
  const auto number = ++my.last_flight;
  my.flights.emplace(number, webhook_state::flight{key, steady_clock::now(), now});
  my.shared->counts.webhook_posts.fetch_add(1, std::memory_order_relaxed);
  my.shared->webhooks->endpoints.send(
    std::move(request),
    [back = caf::actor_cast<webhook_actor>(self), number](http::client_result result) {
      caf::anon_send(back, endpoint_answer{number, std::move(result)});
    });
}

/// An endpoint that takes nothing any more is probed with one event at a time. What it refuses of
/// one conversation alone is that conversation's trouble, and no other waits for it.
bool is_down(const webhook_state& my) {
  return my.refused.size() >= std::max(std::size_t{2}, limits_of(my).in_flight_max);
}

/// It takes something, or is another: what it refused counts no longer.
void believe_in_it(webhook_state& my) {
  my.refused.clear();
  my.probes = 0;
}

void post_what_may_be(self_pointer self) {
  auto& my = self->state;
  if (!is_running(my))
    return;
  const auto now = steady_clock::now();
  if (is_down(my) && now < my.paused_until) {
    tick_by(self, my.paused_until);
    return;
  }
  const auto most = is_down(my) ? std::size_t{1} : limits_of(my).in_flight_max;
  while (my.flights.size() < most) {
    const auto next = my.window.begin_next(now);
    if (!next)
      break;
    post(self, *next);
  }
  if (const auto when = my.window.next_time())
    tick_by(self, *when);
}

// -- reading --------------------------------------------------------------------------------------

bool has_room(const webhook_state& my) {
  return my.window.size() < limits_of(my).window_max
         && my.window.bytes() < limits_of(my).window_bytes_max;
}

/// One of those that were chosen; nothing when it is no event any more, or damaged.
std::optional<outgoing_event> find_chosen(const webhook_state& my, const model::event_id& wanted) {
  try {
    auto page = my.shared->webhooks->events->read(organization_of(my), model::seq_of(wanted) - 1,
                                                  {}, 1);
    const auto found = std::ranges::find(page.events, wanted, &outgoing_event::id);
    if (found != page.events.end())
      return std::move(*found);
  } catch (const store::corruption_error& fault) {
    log().error("webhook: an event cannot be posted again, organization={} webhook={} event={} "
                "cause=\"{}\"",
                organization_of(my), id_of(my), wanted.text(), fault.what());
  }
  return std::nullopt;
}

/// What was chosen to be posted again.
void take_chosen(self_pointer self) {
  auto& my = self->state;
  while (!my.chosen.empty() && has_room(my)) {
    const auto wanted = my.chosen.front();
    my.chosen.pop_front();
    if (auto found = find_chosen(my, wanted)) {
      my.window.add({.live = false, .seq = found->seq, .event = wanted}, std::move(*found));
    } else {
      my.replays.erase(wanted);
      keep(self, store::webhook_replay_gone_row(organization_of(my), id_of(my), wanted));
    }
  }
}

/// Reads on in the journal as far as there is room.
void take_more(self_pointer self) {
  auto& my = self->state;
  auto& source = *my.shared->webhooks->events;
  take_chosen(self);
  if (my.listening || !has_room(my))
    return;
  auto page = source.read(organization_of(my), my.position, my.facts->described.types,
                          limits_of(my).window_max - my.window.size());
  my.position = page.last_seq;
  for (auto& event : page.events) {
    const posting_key key{.live = true, .seq = event.seq, .event = event.id};
    my.window.add(key, std::move(event));
  }
  if (page.at_end) {
    my.listening = true;
    source.await(my.position, [back = caf::actor_cast<webhook_actor>(self)] {
      caf::anon_send(back, atom::wake::value);
    });
  } else if (has_room(my)) {
    // Much of the journal is not for this webhook: others get their turn before the next page.
    self->send(self, atom::look::value);
  }
  if (my.window.size() == 0 && cursor_of(my) - my.written >= idle_cursor_stride)
    write_rows(my);
}

/// A record that is damaged is named and passed over: it must not hold up everything behind it. A
/// source gives what is before it, so it is the next one.
void pass_over(self_pointer self, const store::corruption_error& fault) {
  auto& my = self->state;
  ++my.position;
  log().error("webhook: a damaged record is passed over, organization={} webhook={} seq={} "
              "cause=\"{}\"",
              organization_of(my), id_of(my), my.position, fault.what());
  self->send(self, atom::look::value);
}

void go_on(self_pointer self) {
  auto& my = self->state;
  if (!is_running(my))
    return;
  try {
    take_more(self);
  } catch (const store::corruption_error& fault) {
    pass_over(self, fault);
  } catch (const store::store_error& fault) {
    log().error("webhook: the journal cannot be read, organization={} webhook={} after={} "
                "cause=\"{}\"",
                organization_of(my), id_of(my), my.position, fault.what());
    tick_by(self, steady_clock::now() + limits_of(my).retry_first);
  }
  post_what_may_be(self);
}

/// Reads where it was.
void load(self_pointer self) {
  auto& my = self->state;
  if (my.loaded || my.facts->gone || my.shared->webhooks == nullptr
      || my.shared->webhooks->events == nullptr)
    return;
  const auto& reader = my.shared->reader;
  const auto organization = organization_of(my);
  const auto known = reader.webhook_cursor(organization, id_of(my));
  my.position = my.facts->born ? my.facts->start : known.value_or(my.facts->start);
  if (my.facts->born) {
    erase_rows(my);
  } else {
    constexpr auto newest = std::numeric_limits<std::uint64_t>::max();
    const auto last = reader.webhook_tries(organization, id_of(my), newest, 1);
    my.last_try = last.empty() ? 0 : last.front().number;
    for (const auto& one : reader.dead_letters(organization, id_of(my), {},
                                               limits_of(my).dead_letters_max + 1))
      my.dead.insert(one.event);
    for (const auto& one : reader.webhook_replays(organization, id_of(my),
                                                  limits_of(my).replays_max)) {
      my.chosen.push_back(one);
      my.replays.insert(one);
    }
  }
  my.written = known.value_or(0);
  my.loaded = true;
  write_rows(my);
}

// -- what comes of it -----------------------------------------------------------------------------

void settle(self_pointer self, const posting_key& key) {
  auto& my = self->state;
  my.window.settle(key);
  if (key.live) {
    if (my.rows.empty()) {
      my.write_at = steady_clock::now() + write_delay;
      tick_by(self, my.write_at);
    }
    return;
  }
  my.replays.erase(key.event);
  keep(self, store::webhook_replay_gone_row(organization_of(my), id_of(my), key.event));
}

void succeeded(self_pointer self, const posting_key& key, store::webhook_try line) {
  auto& my = self->state;
  my.shared->counts.webhook_delivered.fetch_add(1, std::memory_order_relaxed);
  if (is_down(my))
    my.window.hurry();  // It is back: what waits need not wait for its time.
  believe_in_it(my);
  keep_try(self, std::move(line));
  settle(self, key);
}

void failed(self_pointer self, const posting_key& key, store::webhook_try line) {
  auto& my = self->state;
  const auto& what = my.window.at(key);
  warn(my, what, line.error);
  if (!is_down(my))
    my.refused.insert(what.event.conversation);
  if (is_down(my))
    my.paused_until = steady_clock::now() + pause_after(limits_of(my), ++my.probes);
  const auto pause = pause_after(limits_of(my), what.tries);
  const bool given_up = model::wall_clock() + pause - what.first_try > limits_of(my).retry_for;
  line.outcome = given_up ? store::webhook_outcome::dead : store::webhook_outcome::retrying;
  if (!given_up) {
    keep_try(self, std::move(line));
    my.window.retry(key, steady_clock::now() + pause);
    return;
  }
  keep_dead(self, {.event = line.event,
                   .seq = line.seq,
                   .type = line.type,
                   .failed_at = model::wall_clock(),
                   .attempts = what.tries,
                   .status = line.status,
                   .error = line.error});
  keep_try(self, std::move(line));
  settle(self, key);
}

void answered(self_pointer self, const endpoint_answer& heard) {
  auto& my = self->state;
  const auto found = my.flights.find(heard.number);
  if (found == my.flights.end())
    return;
  const auto flight = std::move(found->second);
  my.flights.erase(found);
  if (flight.forgotten) {
    go_on(self);
    return;
  }
  const auto& result = heard.result;
  const bool taken
    = result.outcome == http::exchange_outcome::answered && result.status / 100 == 2;
  const auto& what = my.window.at(flight.key);
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - flight.begun);
  const bool has_status = result.outcome == http::exchange_outcome::answered;
  store::webhook_try line{.event = what.event.id,
                          .seq = what.event.seq,
                          .type = what.event.type,
                          .attempt = what.tries,
                          .at = flight.at,
                          .outcome = store::webhook_outcome::delivered,
                          .status = has_status ? result.status : 0,
                          .error = taken ? std::string{} : error_of(result),
                          .duration_ms = static_cast<std::uint64_t>(took.count())};
  if (taken)
    succeeded(self, flight.key, std::move(line));
  else
    failed(self, flight.key, std::move(line));
  go_on(self);
}

void tick(self_pointer self) {
  auto& my = self->state;
  tick_came(self);
  if (my.loaded && !my.facts->gone) {
    const auto now = steady_clock::now();
    const bool moved = cursor_of(my) != my.written;
    if ((!my.rows.empty() || moved) && now >= my.write_at)
      write_rows(my);
    else if (!my.rows.empty() || moved)
      tick_by(self, my.write_at);
  }
  go_on(self);
}

// -- what is asked of it --------------------------------------------------------------------------

void learn(self_pointer self, const webhook_facts_ptr& newer) {
  auto& my = self->state;
  const bool other_place = my.facts->described.url != newer->described.url;
  if (newer->gone || newer->born) {
    my.facts = newer;
    my.window = {};
    my.chosen.clear();
    my.replays.clear();
    my.dead.clear();
    for (auto& [number, flight] : my.flights)
      flight.forgotten = true;
    my.rows.clear();
    my.last_try = 0;
    believe_in_it(my);
    my.loaded = false;
    if (newer->gone && my.shared->webhooks != nullptr)
      erase_rows(my);
  }
  my.facts = newer;
  if (other_place) {
    believe_in_it(my);
    my.window.hurry();
  }
  load(self);
  go_on(self);
}

void begin_again(webhook_state& my, std::uint64_t after) {
  my.window.forget_live();
  for (auto& [number, flight] : my.flights)
    flight.forgotten = flight.forgotten || flight.key.live;
  my.position = after;
  my.listening = false;
}

/// The rows of what is chosen, or nothing when there would be too many.
std::optional<std::size_t> choose(webhook_state& my, const webhook_replay& asked) {
  std::vector<model::event_id> events{asked.events};
  if (asked.dead)
    events.assign(my.dead.begin(), my.dead.end());
  std::erase_if(events, [&](const auto& one) { return my.replays.contains(one); });
  std::ranges::sort(events, {}, [](const auto& one) { return std::pair{model::seq_of(one), one}; });
  if (my.replays.size() + events.size() > limits_of(my).replays_max)
    return std::nullopt;
  const auto organization = organization_of(my);
  for (const auto& one : events) {
    my.rows.push_back(store::webhook_replay_row(organization, id_of(my), one));
    if (my.dead.erase(one) != 0)
      my.rows.push_back(store::dead_letter_gone_row(organization, id_of(my), one));
    my.replays.insert(one);
    my.chosen.push_back(one);
  }
  return events.size();
}

void replay(self_pointer self, const webhook_replay& asked) {
  auto& my = self->state;
  load(self);
  const auto say = [&](model::answer what) {
    return model::settlement{asked.answer_to,
                             std::make_shared<const model::answer>(std::move(what))};
  };
  if (!my.loaded) {
    my.shared->answers.answer(say(asked.refusal()));
    return;
  }
  if (asked.after)
    begin_again(my, *asked.after);
  const auto chosen = choose(my, asked);
  if (!chosen) {
    my.shared->answers.answer(say(asked.refusal()));
    return;
  }
  write_rows(my, say(asked.answer(*chosen)));
  go_on(self);
}

}  // namespace

webhook_actor::behavior_type webhook(self_pointer self, const services* shared,
                                     webhook_facts_ptr facts) {
  supervise(self, "webhook");
  self->state.shared = shared;
  self->state.facts = std::move(facts);
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    auto& my = self->state;
    if (my.loaded && !my.facts->gone)
      write_rows(my);
    self->quit(exit.reason);
  });
  return {
    [self](const webhook_facts_ptr& newer) { learn(self, newer); },
    [self](const webhook_replay_ptr& asked) { replay(self, *asked); },
    [self](atom::wake) {
      self->state.listening = false;
      load(self);
      go_on(self);
    },
    [self](atom::look) { go_on(self); },
    [self](const endpoint_answer& heard) { answered(self, heard); },
    [self](atom::tick) { tick(self); },
  };
}

}  // namespace parley::actors
