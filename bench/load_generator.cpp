#include "bench/load_generator.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "bench/connection.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto reconnect_pause = std::chrono::milliseconds{20};

}  // namespace

double load_result::throughput_per_s() const noexcept {
  const auto seconds = std::chrono::duration<double>(elapsed).count();
  return seconds > 0 ? static_cast<double>(succeeded) / seconds : 0.0;
}

void load_result::merge(const load_result& other) {
  latency_ns.merge(other.latency_ns);
  answered.merge(other.answered);
  sent += other.sent;
  succeeded += other.succeeded;
  for (const auto& [status, count] : other.by_status)
    by_status[status] += count;
  lost += other.lost;
  unanswered += other.unanswered;
  unsent += other.unsent;
  reconnects += other.reconnects;
  elapsed = std::max(elapsed, other.elapsed);
  lateness_max = std::max(lateness_max, other.lateness_max);
}

/// One thread's share of the connections and of every run's requests.
class load_generator::worker {
public:
  worker(const load_options& options, std::size_t connections, std::size_t index)
    : options_(options), index_(index), lines_(connections) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0)
      throw std::system_error(errno, std::generic_category(), "epoll_create1");
    for (std::uint32_t i = 0; i < lines_.size(); ++i)
      open(i);
  }
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker() {
    if (epoll_ >= 0)
      ::close(epoll_);
  }

  /// Sends the requests `first + index`, `first + index + threads`, … of the plan.
  load_result run(const load_plan& plan, clock::time_point start);

private:
  struct slot {
    connection socket;
    bool in_flight = false;
    std::size_t request = 0;
    clock::time_point intended;
  };

  struct broken_line {
    std::uint32_t which;
    clock::time_point retry_at;
  };

  void open(std::uint32_t which);
  void watch(std::uint32_t which, int operation, std::uint32_t events);
  void begin_sending(clock::time_point now);
  void launch(std::uint32_t which, clock::time_point intended, clock::time_point now);
  void handle(std::uint32_t which, std::uint32_t events);
  void answered(std::uint32_t which);
  void lose(std::uint32_t which);
  void reopen(std::uint32_t which);
  void retry_broken(clock::time_point now);
  void abandon_unanswered();
  void wait(clock::time_point now);
  [[nodiscard]] bool target_is_gone(clock::time_point now) const;
  [[nodiscard]] clock::time_point due_at(std::size_t ordinal) const;

  load_options options_;
  std::size_t index_;
  std::vector<slot> lines_;
  std::deque<std::uint32_t> idle_;  // First in, first out: connections take turns.
  std::vector<broken_line> broken_;
  int epoll_ = -1;

  // Of the current run.
  load_plan plan_;
  load_result result_;
  clock::time_point start_;
  clock::time_point last_answer_;
  clock::time_point last_connected_;
  clock::time_point last_progress_;  // Something was sent or answered.
  std::size_t next_ = 0;             // Ordinal within this worker's share.
  std::size_t share_ = 0;
  std::size_t in_flight_ = 0;
  bool sending_over_ = false;
};

void load_generator::worker::watch(std::uint32_t which, int operation, std::uint32_t events) {
  epoll_event event{};
  event.events = events | EPOLLET;
  event.data.u32 = which;
  if (::epoll_ctl(epoll_, operation, lines_[which].socket.fd(), &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void load_generator::worker::open(std::uint32_t which) {
  lines_[which].socket.open(options_.target);
  watch(which, EPOLL_CTL_ADD, EPOLLIN | EPOLLRDHUP);
  idle_.push_back(which);
}

clock::time_point load_generator::worker::due_at(std::size_t ordinal) const {
  const auto position = static_cast<double>(ordinal * options_.threads + index_);
  return start_
         + std::chrono::duration_cast<clock::duration>(
           std::chrono::duration<double>(position / plan_.rate_per_s));
}

void load_generator::worker::begin_sending(clock::time_point now) {
  // An open loop ends by what is due, not by the clock: arrivals that are late must still be sent,
  // or the worst latencies of an overloaded target would be left out.
  const auto limited = plan_.duration.count() > 0;
  const auto open_loop = plan_.rate_per_s > 0;
  if (limited && !open_loop && now - start_ >= plan_.duration)
    sending_over_ = true;
  while (!sending_over_ && next_ < share_ && !idle_.empty()) {
    const auto intended = open_loop ? due_at(next_) : now;
    if (limited && intended - start_ >= plan_.duration)
      sending_over_ = true;
    if (sending_over_ || intended > now)
      return;
    const auto which = idle_.front();
    idle_.pop_front();
    launch(which, intended, now);
  }
}

void load_generator::worker::launch(std::uint32_t which, clock::time_point intended,
                                    clock::time_point now) {
  auto& line = lines_[which];
  line.in_flight = true;
  line.request = plan_.first + next_ * options_.threads + index_;
  line.intended = intended;
  if (plan_.intended != nullptr)
    (*plan_.intended)[line.request] = intended;
  last_progress_ = now;
  ++next_;
  ++in_flight_;
  ++result_.sent;
  result_.lateness_max = std::max<std::chrono::nanoseconds>(result_.lateness_max, now - intended);
  if (!line.socket.send((*plan_.requests)[line.request]))
    lose(which);
  else if (line.socket.sending())
    watch(which, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP | EPOLLOUT);
}

void load_generator::worker::handle(std::uint32_t which, std::uint32_t events) {
  auto& line = lines_[which];
  if (!line.socket.is_open())
    return;  // Closed while this batch of events was handled.
  if ((events & EPOLLOUT) != 0 && line.socket.sending()) {
    if (!line.socket.send_rest()) {
      lose(which);
      return;
    }
    if (!line.socket.sending())
      watch(which, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP);
  }
  const auto outcome = line.socket.receive();
  if (outcome == read_outcome::answered && line.in_flight && !line.socket.sending())
    answered(which);
  else if (outcome != read_outcome::incomplete)
    lose(which);
}

void load_generator::worker::answered(std::uint32_t which) {
  auto& line = lines_[which];
  last_answer_ = clock::now();
  last_progress_ = last_answer_;
  const auto status = line.socket.status();
  ++result_.by_status[status];
  if (status >= 200 && status < 300) {
    ++result_.succeeded;
    result_.answered.record(last_answer_ - start_);
    const auto latency = std::chrono::nanoseconds{last_answer_ - line.intended}.count();
    result_.latency_ns.record(static_cast<std::uint64_t>(std::max<std::int64_t>(latency, 0)));
    if (plan_.acknowledged != nullptr)
      (*plan_.acknowledged)[line.request] = 1;
  }
  line.in_flight = false;
  --in_flight_;
  if (line.socket.closes())
    reopen(which);
  else
    idle_.push_back(which);
}

void load_generator::worker::lose(std::uint32_t which) {
  auto& line = lines_[which];
  if (line.in_flight) {
    ++result_.lost;
    line.in_flight = false;
    --in_flight_;
  } else {
    std::erase(idle_, which);
  }
  if (plan_.stop_on_loss)
    sending_over_ = true;
  reopen(which);
}

void load_generator::worker::reopen(std::uint32_t which) {
  lines_[which].socket.close();
  broken_.push_back({which, clock::now()});
}

void load_generator::worker::retry_broken(clock::time_point now) {
  for (std::size_t i = 0; i < broken_.size();) {
    if (broken_[i].retry_at > now) {
      ++i;
      continue;
    }
    try {
      open(broken_[i].which);
      ++result_.reconnects;
      last_connected_ = now;
      broken_[i] = broken_.back();
      broken_.pop_back();
    } catch (const std::system_error&) {
      broken_[i].retry_at = now + reconnect_pause;
      ++i;
    }
  }
}

void load_generator::worker::wait(clock::time_point now) {
  std::chrono::nanoseconds patience = reconnect_pause;
  if (plan_.rate_per_s > 0 && !sending_over_ && next_ < share_ && !idle_.empty())
    patience = std::clamp<std::chrono::nanoseconds>(due_at(next_) - now,
                                                    std::chrono::nanoseconds{0}, patience);
  const timespec timeout{.tv_sec = 0, .tv_nsec = patience.count()};
  std::array<epoll_event, 256> events;
  const auto ready
    = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (ready < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    handle(event.data.u32, event.events);
    // A closed loop goes on at once, so that a batch of answers does not idle the target.
    if (plan_.rate_per_s <= 0)
      begin_sending(last_answer_);
  }
}

load_result load_generator::worker::run(const load_plan& plan, clock::time_point start) {
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // Default: wake up to 50 µs late.
  plan_ = plan;
  result_ = {};
  start_ = start;
  last_answer_ = start;
  last_connected_ = start;
  last_progress_ = start;
  next_ = 0;
  share_ = (plan.count + options_.threads - 1 - index_) / options_.threads;
  sending_over_ = false;
  for (;;) {
    const auto now = clock::now();
    if (!broken_.empty() && !(plan_.stop_on_loss && sending_over_))
      retry_broken(now);
    begin_sending(now);
    if (in_flight_ == 0 && (sending_over_ || next_ == share_))
      break;
    if (target_is_gone(now)) {
      result_.unsent = sending_over_ ? 0 : share_ - next_;
      break;
    }
    wait(now);
  }
  abandon_unanswered();
  result_.elapsed = last_answer_ - start_;
  return std::move(result_);
}

bool load_generator::worker::target_is_gone(clock::time_point now) const {
  if (in_flight_ > 0)
    return now - last_progress_ > options_.patience;
  return broken_.size() == lines_.size() && now - last_connected_ > options_.give_up;
}

void load_generator::worker::abandon_unanswered() {
  for (std::uint32_t i = 0; i < lines_.size(); ++i) {
    if (!lines_[i].in_flight)
      continue;
    ++result_.unanswered;
    lines_[i].in_flight = false;
    --in_flight_;
    reopen(i);  // An answer that still comes must not be taken for the next request's.
  }
}

load_generator::load_generator(load_options options) {
  options.threads = std::clamp<std::size_t>(options.threads, 1, options.connections);
  workers_.reserve(options.threads);
  for (std::size_t i = 0; i < options.threads; ++i) {
    const auto share = (options.connections + options.threads - 1 - i) / options.threads;
    workers_.push_back(std::make_unique<worker>(options, share, i));
  }
}

load_generator::~load_generator() = default;

load_result load_generator::run(const load_plan& plan) {
  const auto start = clock::now();
  if (workers_.size() == 1)
    return workers_.front()->run(plan, start);
  std::vector<load_result> results(workers_.size());
  std::vector<std::exception_ptr> failures(workers_.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < workers_.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        results[i] = workers_[i]->run(plan, start);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  for (auto& thread : threads)
    thread.join();
  for (const auto& failure : failures)
    if (failure)
      std::rethrow_exception(failure);
  load_result total;
  for (const auto& result : results)
    total.merge(result);
  return total;
}

}  // namespace parley::bench
