#include "src/http/lane.hpp"

#include "src/http/log.hpp"
#include "src/http/session.hpp"

#include <boost/asio/post.hpp>

namespace parley::http {

namespace {

constexpr std::chrono::milliseconds sweep_interval{250};

/// Safe: other threads post through the scheduler, which stays locked; only this room's thread
/// touches sockets, so the reactor need not lock per descriptor.
constexpr int concurrency_hint = BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO;

thread_local const lane* lane_of_this_thread = nullptr;

}  // namespace

lane::lane(std::uint32_t index, std::shared_ptr<server_context> context)
  : index_(index), context_(std::move(context)), io_(concurrency_hint), guard_(io_.get_executor()),
    acceptor_(io_.get_executor()), sweep_(io_.get_executor()) {}

lane::~lane() = default;

void lane::listen(const tcp::endpoint& at, bool share_port) {
  acceptor_.open(at.protocol());
  acceptor_.set_option(net::socket_base::reuse_address{true});
  if (share_port)
    acceptor_.set_option(net::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>{true});
  acceptor_.bind(at);
  acceptor_.listen(net::socket_base::max_listen_connections);
}

std::uint16_t lane::port() const {
  return acceptor_.local_endpoint().port();
}

void lane::run() {
  lane_of_this_thread = this;
  net::post(io_, [this] {
    accept();
    sweep();
  });
  for (;;) {
    try {
      io_.run();
      break;
    } catch (const std::exception& failure) {
      log().error("lane={} an operation failed, cause=\"{}\"", index_, failure.what());
    }
  }
  inbox left;
  {
    const std::lock_guard lock{inbox_mutex_};
    closed_ = true;
    std::swap(left, inbox_);
  }
  lane_of_this_thread = nullptr;
}

// -- what other threads hand over -----------------------------------------------------------------

bool lane::deposit(const ticket& where, response& what) {
  if (lane_of_this_thread != this || where.generation == 0 || where.generation != dispatching_)
    return false;
  *deposited_ = std::move(what);
  dispatching_ = 0;
  return true;
}

void lane::enqueue(std::span<std::pair<ticket, response>> answers) {
  bool first = false;
  {
    const std::lock_guard lock{inbox_mutex_};
    if (closed_)
      return;
    for (auto& answer : answers)
      if (answer.first.lane == index_)
        inbox_.answers.push_back(std::move(answer));
    first = !std::exchange(drain_scheduled_, true);
  }
  if (first)
    wake();
}

void lane::enqueue(std::function<void()> work) {
  bool first = false;
  {
    const std::lock_guard lock{inbox_mutex_};
    if (closed_)
      return;
    inbox_.work.push_back(std::move(work));
    first = !std::exchange(drain_scheduled_, true);
  }
  if (first)
    wake();
}

void lane::wake() {
  net::post(io_, [this] { drain(); });
}

void lane::drain() {
  {
    const std::lock_guard lock{inbox_mutex_};
    std::swap(inbox_, drained_);
    drain_scheduled_ = false;
  }
  for (auto& [where, what] : drained_.answers)
    complete(where, what);
  drained_.answers.clear();
  for (auto& work : drained_.work) {
    try {
      work();
    } catch (const std::exception& failure) {
      log().error("lane={} posted work failed, cause=\"{}\"", index_, failure.what());
    }
  }
  drained_.work.clear();
}

void lane::complete(const ticket& where, response& what) {
  if (where.generation == 0 || where.slot >= slots_.size()
      || slots_[where.slot].generation != where.generation)
    return;
  slots_[where.slot].generation = 0;
  const auto who = slots_[where.slot].who;
  who->complete(std::move(what));
}

bool lane::dispatch(std::uint32_t slot, request& incoming, response& answer) {
  counts.requests.increment();
  announce_end_of_turn();
  const auto generation = ++generation_;
  slots_[slot].generation = generation;
  dispatching_ = generation;
  deposited_ = &answer;
  try {
    owner().handle(incoming, ticket{index_, slot, generation});
  } catch (const std::exception& failure) {
    log().error("lane={} the handler failed, cause=\"{}\"", index_, failure.what());
    answer = response{};
    answer.status = 500;
    answer.close = true;
    dispatching_ = 0;
  }
  const bool answered = dispatching_ == 0;
  dispatching_ = 0;
  deposited_ = nullptr;
  if (answered)
    slots_[slot].generation = 0;
  return answered;
}

/// Posted behind the requests that are ready now, so it comes when they have been handled.
void lane::announce_end_of_turn() {
  if (std::exchange(turn_ends_, true))
    return;
  net::post(io_, [this] {
    turn_ends_ = false;
    owner().end_of_turn(index_);
  });
}

// -- connections ----------------------------------------------------------------------------------

void lane::accept() {
  if (retiring_)
    return;
  acceptor_.async_accept(io_.get_executor(), [this](error_code ec, tcp_socket socket) {
    on_accept(ec, std::move(socket));
  });
}

void lane::on_accept(error_code ec, tcp_socket socket) {
  if (retiring_)
    return;
  if (ec && ec != net::error::connection_aborted) {
    // Out of descriptors or memory: trying again at once would spin. The sweep does it.
    log().warn("lane={} accept failed, cause=\"{}\"", index_, ec.message());
    accept_paused_ = true;
    return;
  }
  if (!ec)
    admit(std::move(socket));
  accept();
}

void lane::admit(tcp_socket socket) {
  if (context_->connections_open.fetch_add(1) >= options().connections_max) {
    context_->connections_open.fetch_sub(1);
    counts.refused.increment();
    return;
  }
  error_code ec;
  socket.set_option(tcp::no_delay{true}, ec);
  socket.non_blocking(true, ec);
  if (ec) {
    context_->connections_open.fetch_sub(1);
    return;
  }
  counts.connections.increment();
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  auto who = std::make_shared<session>(*this, index, std::move(socket));
  slots_[index].who = who;
  who->start();
}

void lane::replace(std::uint32_t slot, std::shared_ptr<connection> who) {
  slots_[slot].who = std::move(who);
  slots_[slot].deadline = never;
}

void lane::release(std::uint32_t slot) {
  const auto who = std::move(slots_[slot].who);  // Ends with this function, not in the middle.
  slots_[slot].generation = 0;
  slots_[slot].deadline = never;
  free_.push_back(slot);
  context_->connections_open.fetch_sub(1);
}

std::uint32_t lane::ticks(std::chrono::milliseconds timeout) {
  const auto whole = (timeout + sweep_interval - std::chrono::milliseconds{1}) / sweep_interval;
  return static_cast<std::uint32_t>(whole) + 1;  // The current tick is partly over.
}

void lane::sweep() {
  if (!guard_.owns_work())
    return;
  ++tick_;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].deadline > tick_)
      continue;
    slots_[i].deadline = never;
    counts.timeouts.increment();
    const auto who = slots_[i].who;
    who->expire();
  }
  if (std::exchange(accept_paused_, false))
    accept();
  sweep_.expires_after(sweep_interval);
  sweep_.async_wait([this](error_code ec) {
    if (!ec)
      sweep();
  });
}

void lane::retire() {
  if (std::exchange(retiring_, true))
    return;
  error_code ignored;
  acceptor_.close(ignored);
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (const auto who = slots_[i].who)
      who->retire();
}

void lane::halt() {
  retire();
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (const auto who = slots_[i].who)
      who->end();
  sweep_.cancel();
  guard_.reset();
}

}  // namespace parley::http
