#include "bench/rough_front.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace parley::bench {

namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

constexpr auto as_result = net::as_tuple(net::use_awaitable);
constexpr std::size_t connections_max = 10'000;

/// Both sides of a connection that goes through.
struct passage {
  tcp::socket outer;
  tcp::socket inner;

  void close() {
    boost::system::error_code ignored;  // It may have ended by itself.
    outer.close(ignored);
    inner.close(ignored);
  }
};

}  // namespace

struct rough_front::impl {
  explicit impl(rough_options given) : options(std::move(given)) {}

  net::awaitable<void> serve(std::shared_ptr<passage> through);
  net::awaitable<void> pump(std::shared_ptr<passage> through, bool inwards);
  net::awaitable<void> accept_all();
  net::awaitable<void> flap();
  void open();

  rough_options options;
  net::io_context io{1};
  std::optional<tcp::acceptor> acceptor;
  std::set<std::shared_ptr<passage>> passages;
  std::uint16_t port = 0;
  std::thread thread;
};

/// Carries bytes one way until either side ends.
net::awaitable<void> rough_front::impl::pump(std::shared_ptr<passage> through, bool inwards) {
  auto& from = inwards ? through->outer : through->inner;
  auto& to = inwards ? through->inner : through->outer;
  net::steady_timer pause{io};
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    const auto [ended, got] = co_await from.async_read_some(net::buffer(buffer), as_result);
    if (ended)
      break;
    const auto slowly = !inwards && options.trickle.count() > 0;
    const auto piece = slowly ? std::size_t{1} : got;
    auto broken = false;
    for (std::size_t at = 0; at < got && !broken; at += piece) {
      if (slowly) {
        pause.expires_after(options.trickle);
        co_await pause.async_wait(as_result);
      }
      const auto [error, written]
        = co_await net::async_write(to, net::buffer(buffer.data() + at, piece), as_result);
      broken = static_cast<bool>(error);
    }
    if (broken)
      break;
  }
  through->close();
  passages.erase(through);
}

net::awaitable<void> rough_front::impl::serve(std::shared_ptr<passage> through) {
  const tcp::endpoint inner{net::ip::address_v4::loopback(), options.inner_port};
  const auto [refused] = co_await through->inner.async_connect(inner, as_result);
  if (refused) {
    through->close();
    passages.erase(through);
    co_return;
  }
  boost::system::error_code ignored;
  through->inner.set_option(tcp::no_delay{true}, ignored);
  through->outer.set_option(tcp::no_delay{true}, ignored);
  net::co_spawn(io, pump(through, true), net::detached);
  net::co_spawn(io, pump(through, false), net::detached);
}

net::awaitable<void> rough_front::impl::accept_all() {
  while (acceptor->is_open()) {
    auto [error, socket] = co_await acceptor->async_accept(as_result);
    if (error || passages.size() >= connections_max)
      continue;
    const auto through
      = std::make_shared<passage>(passage{.outer = std::move(socket), .inner = tcp::socket{io}});
    passages.insert(through);
    net::co_spawn(io, serve(through), net::detached);
  }
}

/// Refuses every other while: nobody listens, and what was connected is cut.
net::awaitable<void> rough_front::impl::flap() {
  net::steady_timer pause{io};
  for (;;) {
    pause.expires_after(options.flap);
    co_await pause.async_wait(as_result);
    boost::system::error_code ignored;
    acceptor->close(ignored);
    for (const auto& each : std::exchange(passages, {}))
      each->close();
    pause.expires_after(options.flap);
    co_await pause.async_wait(as_result);
    open();
  }
}

void rough_front::impl::open() {
  const tcp::endpoint at{net::ip::make_address(options.listen.host),
                         port != 0 ? port : options.listen.port};
  acceptor.emplace(io);
  acceptor->open(at.protocol());
  acceptor->set_option(net::socket_base::reuse_address{true});
  acceptor->bind(at);
  acceptor->listen();
  port = acceptor->local_endpoint().port();
  net::co_spawn(io, accept_all(), net::detached);
}

rough_front::rough_front(rough_options options)
  : impl_(std::make_unique<impl>(std::move(options))) {}

rough_front::~rough_front() {
  stop();
}

void rough_front::start() {
  impl_->open();
  if (impl_->options.flap.count() > 0)
    net::co_spawn(impl_->io, impl_->flap(), net::detached);
  impl_->thread = std::thread{[this] { impl_->io.run(); }};
}

void rough_front::stop() {
  impl_->io.stop();
  if (impl_->thread.joinable())
    impl_->thread.join();
}

std::uint16_t rough_front::port() const noexcept {
  return impl_->port;
}

}  // namespace parley::bench
