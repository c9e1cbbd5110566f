#include "actors/send_queue.hpp"

#include <algorithm>
#include <utility>

namespace parley::actors {

send_queue::waiting_lane& send_queue::of(store::lane lane) noexcept {
  return lines_[lane == store::lane::bulk ? 1 : 0];
}

const send_queue::waiting_lane& send_queue::of(store::lane lane) const noexcept {
  return lines_[lane == store::lane::bulk ? 1 : 0];
}

void send_queue::add(pending_send what) {
  ++of(what.lane).held;
  const auto [thread, is_new] = threads_.try_emplace(what.thread);
  if (is_new)
    stand_in_line(std::move(what));
  else
    wait_behind(thread->second, std::move(what));
}

/// In the order of acceptance, which it is added in but for the lanes' sake.
void send_queue::wait_behind(std::deque<pending_send>& behind, pending_send what) {
  const auto place = std::ranges::upper_bound(behind, what.seq, {}, &pending_send::seq);
  behind.insert(place, std::move(what));
}

void send_queue::stand_in_line(pending_send what) {
  auto& line = of(what.lane);
  const auto job = what.lane == store::lane::bulk ? what.job : model::bulk_id{};
  auto& mine = line.by_job[job];
  if (mine.empty())
    line.turns.push_back(job);
  const auto seq = what.seq;
  mine.emplace(seq, std::move(what));
}

bool send_queue::has(store::lane lane, clock_time now) const noexcept {
  const auto& line = of(lane);
  return !line.turns.empty() || (!line.put_off.empty() && line.put_off.begin()->first <= now);
}

pending_send send_queue::take(store::lane lane, clock_time now) {
  auto& line = of(lane);
  --line.held;
  if (!line.put_off.empty() && line.put_off.begin()->first <= now)
    return std::move(line.put_off.extract(line.put_off.begin()).mapped());
  const auto job = line.turns.front();
  line.turns.pop_front();
  const auto mine = line.by_job.find(job);
  auto taken = std::move(mine->second.extract(mine->second.begin()).mapped());
  if (!mine->second.empty())
    line.turns.push_back(job);
  else
    line.by_job.erase(mine);
  return taken;
}

void send_queue::done(const pending_send& taken) {
  const auto thread = threads_.find(taken.thread);
  auto& behind = thread->second;
  if (behind.empty()) {
    threads_.erase(thread);
    return;
  }
  auto next = std::move(behind.front());
  behind.pop_front();
  stand_in_line(std::move(next));
}

void send_queue::give_back(pending_send taken) {
  ++of(taken.lane).held;
  stand_in_line(std::move(taken));
}

void send_queue::put_off(pending_send taken, clock_time when) {
  auto& line = of(taken.lane);
  ++line.held;
  line.put_off.emplace(when, std::move(taken));
}

void send_queue::yield_to(pending_send taken, pending_send earlier) {
  earlier.lane = taken.lane;
  ++of(taken.lane).held;
  auto& behind = threads_.find(taken.thread)->second;  // Before `taken` has nothing left to find.
  wait_behind(behind, std::move(taken));
  give_back(std::move(earlier));
}

std::optional<pending_send> send_queue::find_behind(const pending_send& taken,
                                                    std::uint64_t seq) {
  auto& behind = threads_.find(taken.thread)->second;
  const auto found = std::ranges::find(behind, seq, &pending_send::seq);
  if (found == behind.end())
    return std::nullopt;
  auto result = std::move(*found);
  behind.erase(found);
  --of(result.lane).held;
  return result;
}

bool send_queue::call_off(const model::message_id& message, const std::string& to) {
  for (auto& line : lines_) {
    const auto found = std::ranges::find_if(line.put_off, [&](const auto& waits) {
      return waits.second.message == message && waits.second.to == to;
    });
    if (found == line.put_off.end())
      continue;
    --line.held;
    done(line.put_off.extract(found).mapped());
    return true;
  }
  return false;
}

std::optional<send_queue::clock_time>
send_queue::next_due(store::lane lane) const noexcept {
  const auto& put_off = of(lane).put_off;
  if (put_off.empty())
    return std::nullopt;
  return put_off.begin()->first;
}

std::size_t send_queue::held(store::lane lane) const noexcept { return of(lane).held; }

}  // namespace parley::actors
