#include "actors/link_gate.hpp"

#include <algorithm>

#include "actors/log.hpp"
#include "actors/noise.hpp"
#include "parley/carrier/retry.hpp"

namespace parley::actors {

link_gate::link_gate(std::string link, const link_limits& limits)
  : link_(std::move(link)), limits_(limits) {}

void link_gate::change(const link_limits& limits) {
  const std::lock_guard lock{guard_};
  limits_ = limits;
  call();
}

bool link_gate::has_place(store::lane lane) const noexcept {
  const auto all = std::max<std::size_t>(limits_.in_flight_max, 1);
  if (in_flight_ >= all)
    return false;
  return lane != store::lane::bulk || bulk_in_flight_ < std::max<std::size_t>(all - all / 4, 1);
}

link_gate::pass link_gate::enter(store::lane lane, const sender_actor& who, clock_time now) {
  const std::lock_guard lock{guard_};
  if (state_ == circuit::open) {
    if (now < open_until_)
      return {.again_at = open_until_};
    state_ = circuit::probing;
  }
  const bool probe = state_ == circuit::probing;
  if (!has_place(lane) || (probe && probe_out_)) {
    wait(lane == store::lane::bulk ? bulk_waits_ : replies_wait_, who);
    return {};
  }
  probe_out_ = probe;
  ++in_flight_;
  if (lane == store::lane::bulk)
    ++bulk_in_flight_;
  return {.entered = true, .probe = probe};
}

void link_gate::leave(store::lane lane, bool probe, link_sign shown, clock_time now) {
  const std::lock_guard lock{guard_};
  --in_flight_;
  if (lane == store::lane::bulk)
    --bulk_in_flight_;
  if (probe)
    probe_out_ = false;
  learn(probe, shown, now);
  call();
}

void link_gate::pass_on() {
  const std::lock_guard lock{guard_};
  call();
}

bool link_gate::still_open_to(bool probe) const noexcept {
  return probe || state_.load(std::memory_order_relaxed) == circuit::closed;
}

link_gate::figures link_gate::look() const {
  const std::lock_guard lock{guard_};
  return {link_, state_, in_flight_, opened_total_};
}

void link_gate::learn(bool probe, link_sign shown, clock_time now) {
  if (shown == link_sign::none)
    return;
  if (shown == link_sign::alive) {
    failures_ = 0;
    if (state_ != circuit::closed)
      close_circuit();
    return;
  }
  ++failures_;
  // What was begun before the circuit opened tells nothing new.
  if (probe || (state_ == circuit::closed && failures_ >= limits_.failures_max))
    open_circuit(now);
}

void link_gate::open_circuit(clock_time now) {
  constexpr std::uint32_t doublings_max = 20;
  const auto doubled = limits_.pause_first * (1U << std::min(openings_, doublings_max));
  const auto pause
    = carrier::with_jitter(std::min(doubled, limits_.pause_longest), noise());
  state_ = circuit::open;
  open_until_ = now + pause;
  ++openings_;
  ++opened_total_;
  log().warn("link: left alone, link={} failures_in_a_row={} pause_ms={}", link_, failures_,
             pause.count());
  call_everybody();  // They learn when to ask again.
}

void link_gate::close_circuit() {
  state_ = circuit::closed;
  openings_ = 0;
  log().info("link: works again, link={}", link_);
  call_everybody();
}

void link_gate::wait(waiting_line& line, const sender_actor& who) {
  if (line.known.insert(who.id()).second)
    line.senders.push_back(who);
}

void link_gate::call_one(waiting_line& line) {
  caf::anon_send(line.senders.front(), atom::room::value);
  line.known.erase(line.senders.front().id());
  line.senders.pop_front();
}

/// One at a time: whoever does not need the place says so.
void link_gate::call() {
  if (state_ == circuit::open || (state_ == circuit::probing && probe_out_))
    return;
  if (!replies_wait_.senders.empty() && has_place(store::lane::reply))
    call_one(replies_wait_);
  else if (!bulk_waits_.senders.empty() && has_place(store::lane::bulk))
    call_one(bulk_waits_);
}

void link_gate::call_everybody() {
  for (auto* line : {&replies_wait_, &bulk_waits_})
    while (!line->senders.empty())
      call_one(*line);
}

link_gates::link_gates(const link_limits& usual) : usual_(usual) {}

link_gate_ptr link_gates::of(std::uint32_t organization, const std::string& link,
                             std::size_t in_flight_max) {
  auto limits = usual_;
  if (in_flight_max != 0)
    limits.in_flight_max = in_flight_max;
  const std::lock_guard lock{guard_};
  auto& gate = gates_[{organization, link}];
  if (gate)
    gate->change(limits);
  else
    gate = std::make_shared<link_gate>(link, limits);
  return gate;
}

std::vector<link_gate::figures> link_gates::look() const {
  const std::lock_guard lock{guard_};
  std::vector<link_gate::figures> all;
  all.reserve(gates_.size());
  for (const auto& [key, gate] : gates_)
    all.push_back(gate->look());
  return all;
}

}  // namespace parley::actors
