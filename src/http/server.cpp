#include "parley/http/server.hpp"

#include "src/http/lane.hpp"
#include "src/http/log.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>

#include <pthread.h>

namespace parley::http {

namespace {

/// Boost's exceptions as the standard's: callers know nothing of Boost.
[[noreturn]] void rethrow(const boost::system::system_error& failure, const server_options& at) {
  throw std::system_error{failure.code(),
                          "cannot listen on " + at.host + ':' + std::to_string(at.port)};
}

tcp::endpoint resolve(const std::string& host, std::uint16_t port) {
  error_code ec;
  if (const auto address = net::ip::make_address(host, ec); !ec)
    return {address, port};
  net::io_context io;
  tcp::resolver resolver{io};
  return *resolver.resolve(host, std::to_string(port), tcp::resolver::passive).begin();
}

/// Throws when somebody listens there. With SO_REUSEPORT alone a second broker of the same user
/// would silently share the port.
void expect_free(const tcp::endpoint& at) {
  net::io_context io;
  tcp::acceptor probe{io};
  probe.open(at.protocol());
  probe.set_option(net::socket_base::reuse_address{true});
  probe.bind(at);
}

}  // namespace

reception handler::receive(request&) {
  return {nullptr, refuse(413, "no body is taken here")};
}

struct server::impl {
  void bind();

  std::shared_ptr<server_context> context;
  std::vector<std::shared_ptr<lane>> lanes;
  std::vector<std::thread> threads;
  std::uint16_t port = 0;
  std::mutex stopping;
};

server::server(server_options options, handler& owner) : impl_(std::make_unique<impl>()) {
  impl_->context = std::make_shared<server_context>(std::move(options), owner);
}

server::~server() {
  stop();
}

/// Binds every lane to the same port.
void server::impl::bind() {
  const auto& options = context->options;
  auto at = resolve(options.host, options.port);
  if (at.port() != 0)
    expect_free(at);
  const auto count = std::max<std::size_t>(options.lanes, 1);
  std::vector<std::shared_ptr<lane>> bound;
  for (std::size_t i = 0; i < count; ++i) {
    bound.push_back(std::make_shared<lane>(static_cast<std::uint32_t>(i), context));
    bound.back()->listen(at, count > 1);
    at.port(bound.back()->port());
  }
  lanes = std::move(bound);
  port = at.port();
}

void server::start() {
  const auto& options = impl_->context->options;
  try {
    impl_->bind();
  } catch (const boost::system::system_error& failure) {
    rethrow(failure, options);
  }
  for (const auto& each : impl_->lanes)
    impl_->threads.emplace_back([each] {
      ::pthread_setname_np(::pthread_self(), "http");
      each->run();
    });
  log().info("listening, host={} port={} lanes={}", options.host, impl_->port,
               impl_->lanes.size());
}

std::uint16_t server::port() const noexcept {
  return impl_->port;
}

void server::answer(ticket where, response what) {
  if (where.lane >= impl_->lanes.size())
    return;
  auto& target = *impl_->lanes[where.lane];
  if (target.deposit(where, what))
    return;
  std::pair<ticket, response> one{where, std::move(what)};
  target.enqueue({&one, 1});
}

void server::answer(std::span<std::pair<ticket, response>> answers) {
  for (const auto& each : impl_->lanes) {
    const auto concerns
      = [&each](const auto& answer) { return answer.first.lane == each->index(); };
    if (std::ranges::any_of(answers, concerns))
      each->enqueue(answers);
  }
}

void server::post(std::uint32_t lane, std::function<void()> work) {
  if (lane < impl_->lanes.size())
    impl_->lanes[lane]->enqueue(std::move(work));
}

void server::stop_accepting() {
  for (const auto& each : impl_->lanes) {
    auto* target = each.get();
    each->enqueue([target] { target->retire(); });
  }
}

void server::stop() {
  const std::lock_guard lock{impl_->stopping};
  for (const auto& each : impl_->lanes) {
    auto* target = each.get();
    each->enqueue([target] { target->halt(); });
  }
  for (auto& thread : impl_->threads)
    thread.join();
  impl_->threads.clear();
}

server_counts server::counts() const noexcept {
  server_counts sum;
  sum.connections_open = impl_->context->connections_open.load(std::memory_order_relaxed);
  for (const auto& each : impl_->lanes) {
    sum.connections_total += each->counts.connections.get();
    sum.connections_refused += each->counts.refused.get();
    sum.requests_total += each->counts.requests.get();
    sum.timeouts_total += each->counts.timeouts.get();
  }
  return sum;
}

}  // namespace parley::http
