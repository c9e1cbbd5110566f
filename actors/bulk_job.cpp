#include "actors/bulk_job.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "actors/log.hpp"
#include "actors/supervision.hpp"
#include "actors/switchboard.hpp"
#include "parley/carrier/rate.hpp"
#include "parley/model/limits.hpp"
#include "parley/routing/hours.hpp"
#include "parley/routing/route.hpp"
#include "parley/text/segments.hpp"

namespace parley::actors {
namespace {

using self_pointer = bulk_job_actor::stateful_pointer<bulk_job_state>;
using model::bulk_line_state;
using model::bulk_state;
using std::chrono::steady_clock;

/// Between two looks at a job: at least, at least when nothing moves, and at most.
constexpr auto look_again = std::chrono::milliseconds{20};
constexpr auto look_seldom = std::chrono::milliseconds{250};
constexpr auto look_last = std::chrono::seconds{1};
/// Before lines are tried again that could not be queued.
constexpr auto put_off_for = std::chrono::seconds{5};
/// Blocks that are looked at in one go: no job keeps a worker for long.
constexpr std::size_t blocks_per_turn = 32;
/// Seconds of the number's rate that a job has in the outbox.
constexpr double seconds_ahead = 3.0;
constexpr std::size_t lines_ahead_min = 16;

/// Lines that have become no message yet.
std::uint64_t waiting(const bulk_job_state& my) noexcept {
  std::uint64_t others = 0;
  for (const auto count : my.counts.by_state)
    others += count;
  return my.record.job.accepted - std::min(my.record.job.accepted, others);
}

/// Lines that wait for the carrier.
std::uint64_t under_way(const bulk_job_state& my) noexcept {
  return my.counts.of(bulk_line_state::queued) + my.counts.of(bulk_line_state::sending);
}

void look_at_counts(bulk_job_state& my) {
  my.counts = my.shared->reader.bulk_counts(my.record.job.organization, my.record.job.id);
}

void count_among_running(bulk_job_state& my, bool runs) {
  if (std::exchange(my.counted, runs) == runs)
    return;
  my.shared->bulk->running.fetch_add(runs ? 1 : -1, std::memory_order_relaxed);
}

/// Writes the job down together with an event that says how it stands.
void append_state(bulk_job_state& my, model::timestamp now, model::settlement settle = {}) {
  const auto& job = my.record.job;
  const model::event event{
    {}, now,
    model::bulk_changed{job.id, job.state, job.lines, job.accepted, job.refused, my.counts}};
  const auto rows = store::bulk_job_rows(my.record);
  my.head_seq = my.shared->journal.append({.pair_key = my.pair_key,
                                           .organization = job.organization,
                                           .prev = my.head_seq,
                                           .events = std::span{&event, 1},
                                           .rows = rows,
                                           .settle = std::move(settle)});
  my.told = my.counts;
  my.told_at = now;
}

void tell_progress(bulk_job_state& my, model::timestamp now) {
  if (my.told != my.counts && now - my.told_at >= my.shared->bulk->limits.progress_interval)
    append_state(my, now);
}

void end(self_pointer self, bulk_state how) {
  auto& my = self->state;
  my.record.job.state = how;
  my.record.job.ended_at = model::wall_clock();
  append_state(my, my.record.job.ended_at);
  count_among_running(my, false);
  caf::anon_send(my.desk, atom::over::value, my.record.job.id, my.handled);
}

/// Passes on that changes of lines are durable.
struct flushed final : store::commit_listener {
  explicit flushed(bulk_job_actor who) : job(std::move(who)) {}
  void committed(std::uint64_t) noexcept override { caf::anon_send(job, atom::durable::value); }

  bulk_job_actor job;
};

void append_changes(bulk_job_state& my, std::span<const store::bulk_line_change> changes) {
  ++my.unflushed;
  my.shared->journal.append({.line_changes = changes, .listener = my.listener});
}

/// A line that becomes no message.
void refuse_line(bulk_job_state& my, std::uint64_t position, model::errc why) {
  const store::bulk_line_change change{my.record.job.organization,
                                       {my.record.job.id, position},
                                       bulk_line_state::refused,
                                       static_cast<std::int32_t>(why),
                                       {}};
  append_changes(my, std::span{&change, 1});
}

/// Where the conversations go that the job opens. Of the newest directory: what is frozen are the
/// job's parameters, and whoever may not send any more must not.
const std::variant<model::route, model::errc>& route_now(bulk_job_state& my) {
  auto newest = my.shared->directory.present();
  if (newest == my.known)
    return my.route;
  my.known = std::move(newest);
  const auto& what = my.record.job.what;
  const auto found = my.known->find_number(my.record.job.organization, what.from.identifier);
  if (found)
    my.route = routing::route_outbound(*found->owner, *found->number, what.author);
  else
    my.route = model::errc::unknown_number;
  return my.route;
}

model::content_ptr content_of(const bulk_job_state& my, const model::bulk_entry& line) {
  model::content made;
  made.body = bulk::text_for(my.text, line);
  if (const auto& made_from = my.record.job.what.made_from)
    made.made_from = model::sent_template{made_from->id, made_from->carrier_id,
                                          bulk::variables_json(bulk::variables_for(my.text, line))};
  return std::make_shared<const model::content>(std::move(made));
}

/// Whether it is the wrong time of day for a recipient: by the contact's clock, or by ours where
/// that is not known (mission 5).
bool is_quiet(const bulk_job_state& my, const model::address& to, model::timestamp now) {
  if (!my.record.job.what.quiet_hours)
    return false;
  constexpr std::uint16_t from_minute = 8 * 60;
  constexpr std::uint16_t to_minute = 21 * 60;
  model::business_hours hours;
  hours.periods.push_back({{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, from_minute,
                           to_minute});
  const auto organization = my.record.job.organization;
  if (const auto* owner = my.known->find_organization(organization))
    hours.time_zone = owner->time_zone;
  const auto contact = my.shared->reader.contact_of(organization, to);
  if (contact && !contact->time_zone.empty())
    hours.time_zone = contact->time_zone;
  return !routing::is_open(hours, now);
}

/// Gives a line to its conversation, which answers with a `line_outcome`.
void send_line(self_pointer self, std::uint64_t position, const model::bulk_entry& line,
               const model::route& route) {
  auto& my = self->state;
  const auto& job = my.record.job;
  const auto* number = my.shared->board.number(job.organization, job.what.from.identifier);
  const auto to = model::address::parse(line.to);
  if (number == nullptr || !to) {
    refuse_line(my, position, model::errc::unknown_number);
    return;
  }
  const auto now = model::wall_clock();
  if (is_quiet(my, *to, now)) {
    my.place.put_off = true;
    return;
  }
  model::start_conversation what;
  what.route = route;
  what.first.message = model::thread_ids().next_as<model::message_id>(now);
  what.first.author = job.what.author;
  what.first.what = content_of(my, line);
  what.first.segments = to->kind == model::channel::whatsapp
                          ? 1
                          : text::segment(what.first.what->body).segments;
  what.first.bulk = {job.id, position};
  auto asked = std::make_shared<envelope>();
  asked->pair = {job.organization, job.what.from, *to};
  asked->what = std::move(what);
  asked->received_at = now;
  asked->fresh_conversation = model::thread_ids().next_as<model::conversation_id>(now);
  asked->told = line_teller{self};
  my.flying.insert(position);
  caf::anon_send(*number, envelope_ptr{std::move(asked)});
}

/// Reads the block at hand. False when there is none: the job is at its end.
bool read_block(bulk_job_state& my) {
  auto& place = my.place;
  const auto& job = my.record.job;
  if (place.read && place.at < place.lines.size())
    return true;
  if (place.read) {
    ++place.block;
    place.at = 0;
  }
  place.read = place.block * store::bulk_block_lines < job.accepted;
  if (!place.read)
    return false;
  --my.blocks_left;
  place.lines = my.shared->reader.bulk_lines(job.organization, job.id, place.block);
  place.outcomes = my.shared->reader.bulk_outcomes(job.organization, job.id, place.block);
  if (place.lines.empty())
    throw store::corruption_error{"bulk_lines: lines of " + job.id.text() + " are missing"};
  return true;
}

void begin_again(bulk_job_state& my) {
  my.place = {};
  my.from_the_start = false;
  my.again_at = {};
}

/// How many lines may have begun by now: the job is spread over a time.
std::uint64_t due(const bulk_job_state& my, model::timestamp now) noexcept {
  const auto& job = my.record.job;
  if (job.what.spread_ms <= 0)
    return job.accepted;
  const auto passed = std::max<std::int64_t>((now - job.started_at).count(), 0);
  if (passed >= job.what.spread_ms)
    return job.accepted;
  const auto part = static_cast<double>(passed) / static_cast<double>(job.what.spread_ms);
  return static_cast<std::uint64_t>(part * static_cast<double>(job.accepted)) + 1;
}

/// Of the job's number, by its channel.
double messages_per_s(const bulk_job_state& my) {
  const auto& what = my.record.job.what;
  if (what.from.kind == model::channel::whatsapp)
    return carrier::whatsapp_messages_per_s;
  const auto found
    = my.known ? my.known->find_number(my.record.job.organization, what.from.identifier)
               : std::nullopt;
  return found ? found->number->rate_segments_per_s : 1.0;
}

/// How many lines of the job may be in the outbox at once.
std::size_t ahead_max(const bulk_job_state& my) {
  const auto by_rate
    = static_cast<std::size_t>(std::min(messages_per_s(my) * seconds_ahead, 1e9));
  return std::min(my.shared->bulk->limits.queued_max, std::max(by_rate, lines_ahead_min));
}

/// When to look again: when the number can have sent a part of what it has. A thousand slow jobs
/// cost no more than a quick one.
steady_clock::duration pause_of(const bulk_job_state& my, bool has_moved) {
  using namespace std::chrono_literals;
  if (my.blocks_left == 0)
    return 0s;
  const std::chrono::duration<double> part{static_cast<double>(under_way(my))
                                           / (4 * messages_per_s(my))};
  return std::clamp(std::chrono::duration_cast<steady_clock::duration>(part),
                    has_moved ? steady_clock::duration{look_again} : look_seldom,
                    steady_clock::duration{look_last});
}

/// How many lines the job may have on their way: the running ones share what there is, and none has
/// so many that a reply waits behind them for long (P11).
std::size_t flying_max(const bulk_job_state& my) noexcept {
  const auto& limits = my.shared->bulk->limits;
  const auto running = std::max<std::int64_t>(
    my.shared->bulk->running.load(std::memory_order_relaxed), 1);
  const auto share = limits.in_flight_max / static_cast<std::size_t>(running);
  return std::clamp<std::size_t>(share, 1, std::max<std::size_t>(limits.job_in_flight_max, 1));
}

bool has_room(const bulk_job_state& my) {
  return my.flying.size() < flying_max(my)
         && under_way(my) + my.flying.size() < ahead_max(my) && my.blocks_left > 0;
}

/// Sends lines while there is room. True when it has come to the end of them.
bool send_lines(self_pointer self, model::timestamp now) {
  auto& my = self->state;
  const auto& route = route_now(my);
  const auto allowed = due(my, now);
  while (has_room(my)) {
    if (!read_block(my))
      return true;
    auto& place = my.place;
    const auto position = place.block * store::bulk_block_lines + place.at;
    if (position >= allowed)
      return false;
    const auto& line = place.lines[place.at];
    const bool waits = place.outcomes[place.at].state == bulk_line_state::waiting;
    ++place.at;
    if (!waits || my.flying.contains(position))
      continue;
    if (const auto* no = std::get_if<model::errc>(&route))
      refuse_line(my, position, *no);
    else
      send_line(self, position, line, std::get<model::route>(route));
  }
  return false;
}

/// Whether the store shows everything that the job knows.
bool is_settled(const bulk_job_state& my) noexcept {
  return my.flying.empty() && my.unflushed == 0;
}

/// All lines were looked at: the job is done, or some of them come later.
void at_the_end(self_pointer self, model::timestamp now) {
  auto& my = self->state;
  if (!is_settled(my))
    return;
  if (my.place.put_off) {
    my.place.put_off = false;
    my.again_at = now + put_off_for;
    return;
  }
  look_at_counts(my);
  if (waiting(my) == 0 && under_way(my) == 0)
    end(self, bulk_state::completed);
}

void start(self_pointer self, model::timestamp now) {
  auto& my = self->state;
  my.record.job.state = bulk_state::running;
  if (my.record.job.started_at == model::timestamp{})
    my.record.job.started_at = now;
  append_state(my, now);
}

/// Does what can be done now, and says when to look again.
void pump(self_pointer self) {
  auto& my = self->state;
  auto& job = my.record.job;
  const auto now = model::wall_clock();
  if (job.state == bulk_state::scheduled) {
    if (now < job.what.start_at) {
      const auto wait = std::min<std::chrono::milliseconds>(job.what.start_at - now,
                                                            std::chrono::minutes{1});
      tick_by(self, steady_clock::now() + wait);
      return;
    }
    start(self, now);
  }
  if (job.state != bulk_state::running)
    return;
  count_among_running(my, true);
  my.blocks_left = blocks_per_turn;
  const auto before = my.counts;
  look_at_counts(my);
  tell_progress(my, now);
  if (is_settled(my) && (my.from_the_start
                         || (my.again_at != model::timestamp{} && now >= my.again_at)))
    begin_again(my);
  if (!my.from_the_start && my.again_at == model::timestamp{} && send_lines(self, now))
    at_the_end(self, now);
  if (job.state != bulk_state::running)
    return;
  tick_by(self, steady_clock::now() + pause_of(my, before != my.counts));
}

/// Whether a line takes part in the move that is under way.
bool moves(bulk_line_state to, bulk_line_state from) noexcept {
  return to == bulk_line_state::canceled ? from == bulk_line_state::waiting
                                         : model::may_be_retried(from);
}

/// What is a message already and waits in the outbox: few, some seconds of the number's rate. Their
/// conversations say what becomes of them.
void cancel_queued(const bulk_job_state& my, std::uint64_t block,
                   const std::vector<store::bulk_line_outcome>& outcomes) {
  const auto& job = my.record.job;
  const auto is_queued = [](const store::bulk_line_outcome& one) {
    return one.state == bulk_line_state::queued;
  };
  const auto* number = my.shared->board.number(job.organization, job.what.from.identifier);
  if (number == nullptr || std::ranges::none_of(outcomes, is_queued))
    return;
  const auto lines = my.shared->reader.bulk_lines(job.organization, job.id, block);
  for (std::size_t at = 0; at < lines.size() && at < outcomes.size(); ++at) {
    const auto to = model::address::parse(lines[at].to);
    if (!is_queued(outcomes[at]) || !to)
      continue;
    auto asked = std::make_shared<envelope>();
    asked->pair = {job.organization, job.what.from, *to};
    asked->what = model::cancel_message{{}, outcomes[at].message};
    asked->received_at = model::wall_clock();
    caf::anon_send(*number, envelope_ptr{std::move(asked)});
  }
}

/// Moves the lines of the next blocks. None of them is on its way to a conversation.
void move_lines(bulk_job_state& my) {
  const auto& job = my.record.job;
  auto& move = *my.moving;
  for (std::size_t turn = 0; turn < blocks_per_turn && move.first < job.accepted; ++turn) {
    const auto block = move.first / store::bulk_block_lines;
    const auto outcomes = my.shared->reader.bulk_outcomes(job.organization, job.id, block);
    if (move.to == bulk_line_state::canceled)
      cancel_queued(my, block, outcomes);
    std::vector<store::bulk_line_change> changes;
    for (std::size_t at = 0; at < outcomes.size() && move.first + at < job.accepted; ++at)
      if (moves(move.to, outcomes[at].state))
        changes.push_back({job.organization, {job.id, move.first + at}, move.to, 0, {}});
    if (!changes.empty())
      append_changes(my, changes);
    move.first += store::bulk_block_lines;
  }
}

/// Nothing of it leaves any more; its lines follow a few at a time.
void begin_to_cancel(bulk_job_state& my) {
  my.record.job.state = bulk_state::canceled;
  my.record.job.ended_at = model::wall_clock();
  count_among_running(my, false);
  my.moving = {bulk_line_state::canceled, 0, nullptr};
}

bool cancel(bulk_job_state& my) {
  if (my.record.job.state == bulk_state::completed)
    return false;
  if (my.record.job.state != bulk_state::canceled)
    begin_to_cancel(my);
  return true;
}

bool retry_failed(bulk_job_state& my) {
  auto& job = my.record.job;
  if (job.state != bulk_state::completed && job.state != bulk_state::running
      && job.state != bulk_state::paused)
    return false;
  if (job.state == bulk_state::completed)
    job.state = bulk_state::running;
  job.ended_at = {};
  my.moving = {bulk_line_state::waiting, 0, nullptr};
  my.from_the_start = true;
  return true;
}

bool pause(bulk_job_state& my) {
  auto& job = my.record.job;
  if (job.state == bulk_state::paused)
    return true;
  if (job.state != bulk_state::running && job.state != bulk_state::scheduled)
    return false;
  job.state = bulk_state::paused;
  count_among_running(my, false);
  return true;
}

bool resume(bulk_job_state& my) {
  auto& job = my.record.job;
  if (job.state == bulk_state::running || job.state == bulk_state::scheduled)
    return true;
  if (job.state != bulk_state::paused)
    return false;
  const bool begun = job.started_at != model::timestamp{};
  job.state = begun ? bulk_state::running : bulk_state::scheduled;
  return true;
}

bool carry_out(bulk_job_state& my, bulk_action what) {
  switch (what) {
    case bulk_action::pause:
      return pause(my);
    case bulk_action::resume:
      return resume(my);
    case bulk_action::cancel:
      return cancel(my);
    case bulk_action::retry_failed:
      return retry_failed(my);
  }
  return false;
}

model::answer_ptr rendered(const bulk_job_state& my, const bulk_request& asked, bool done) {
  return std::make_shared<const model::answer>(asked.render({my.record, my.counts, done}));
}

/// What was asked is done: the answer, if somebody waits for one, follows once that is durable,
/// with the counts as they are known.
void conclude(self_pointer self, const bulk_request_ptr& asked) {
  auto& my = self->state;
  try {
    look_at_counts(my);
  } catch (const store::store_error& fault) {
    log().error("bulk_job: the counts cannot be read, job={} cause=\"{}\"",
                my.record.job.id.text(), fault.what());
  }
  append_state(my, model::wall_clock(),
               asked ? model::settlement{asked->answer_to, rendered(my, *asked, true)}
                     : model::settlement{});
  if (model::is_over(my.record.job.state))
    caf::anon_send(my.desk, atom::over::value, my.record.job.id, my.handled);
}

void handle(self_pointer self, const bulk_request_ptr& asked) {
  auto& my = self->state;
  ++my.handled;
  // One change of many lines at a time.
  if (my.moving || !carry_out(my, asked->what)) {
    my.shared->answers.answer({asked->answer_to, rendered(my, *asked, false)});
    return;
  }
  if (my.moving)
    my.moving->asked = asked;
  else
    conclude(self, asked);
}

void go_on_moving(self_pointer self) {
  auto& my = self->state;
  move_lines(my);
  if (my.moving->first < my.record.job.accepted || my.unflushed != 0) {
    tick_by(self, steady_clock::now());
    return;
  }
  const auto asked = std::exchange(my.moving, std::nullopt)->asked;
  conclude(self, asked);
}

/// Damage is the job's own: it stops, and says so. What is canceled stays so: nobody may resume it.
void turn(self_pointer self) {
  auto& my = self->state;
  try {
    if (my.moving && is_settled(my))
      go_on_moving(self);
    if (!my.moving)
      pump(self);
  } catch (const store::store_error& fault) {
    log().error("bulk_job: a job cannot be read and is stopped, job={} cause=\"{}\"",
                my.record.job.id.text(), fault.what());
    count_among_running(my, false);
    if (const auto moving = std::exchange(my.moving, std::nullopt); moving && moving->asked)
      my.shared->answers.answer({moving->asked->answer_to, rendered(my, *moving->asked, false)});
    if (!model::is_over(my.record.job.state))
      my.record.job.state = bulk_state::paused;
    append_state(my, model::wall_clock());
    if (model::is_over(my.record.job.state))
      caf::anon_send(my.desk, atom::over::value, my.record.job.id, my.handled);
  }
}

/// Whether the line may well become a message a little later.
bool comes_later(model::errc why) noexcept {
  return why == model::errc::queue_full || why == model::errc::unfinished_deliveries
         || why == model::errc::internal || why == model::errc::overloaded;
}

void line_settled(self_pointer self, const line_outcome& what) {
  auto& my = self->state;
  my.flying.erase(what.position);
  if (what.refusal && comes_later(*what.refusal))
    my.place.put_off = true;
  else if (what.refusal)
    refuse_line(my, what.position, *what.refusal);
  // One look for many outcomes: each costs a read of the counts.
  if (my.flying.size() <= flying_max(my) / 2)
    turn(self);
}

}  // namespace

bulk_job_actor::behavior_type bulk_job(self_pointer self, const services* shared,
                                       bulk_desk_actor desk, store::bulk_job_record record) {
  supervise(self, "bulk_job");
  auto& my = self->state;
  my.shared = shared;
  my.desk = std::move(desk);
  my.record = std::move(record);
  my.text = bulk::text_of(my.record.job.what);
  my.pair_key = model::bulk_pair(my.record.job.organization, my.record.job.id).key();
  my.listener = std::make_shared<flushed>(bulk_job_actor{self});
  my.head_seq = shared->reader.head_of(my.pair_key);
  if (my.record.job.state == bulk_state::receiving)
    begin_to_cancel(my);
  tick_by(self, steady_clock::now());
  return {
    [self](const line_outcome& what) { line_settled(self, what); },
    [self](const bulk_request_ptr& asked) {
      handle(self, asked);
      turn(self);
    },
    [self](atom::durable) {
      if (--self->state.unflushed == 0)
        turn(self);
    },
    [self](atom::tick) {
      tick_came(self);
      turn(self);
    },
  };
}

}  // namespace parley::actors
