#include "parley/http/client.hpp"

#include "src/http/client_connection.hpp"
#include "src/http/destination.hpp"
#include "src/http/log.hpp"
#include "src/http/resolver.hpp"
#include "src/http/wire.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include <pthread.h>

namespace parley::http {

namespace {

constexpr std::chrono::milliseconds sweep_interval{100};

/// What `send` was given, checked and made ready on the thread that called it.
struct submission {
  std::optional<destination> where;  ///< Empty: `cause` says why it is not sent.
  std::string cause;
  std::size_t connections_max = 0;  ///< 0: as the client's options say.
  exchange what;
};

bool is_reserved(std::string_view name) {
  return equal_ignoring_case(name, "host") || equal_ignoring_case(name, "content-length")
         || equal_ignoring_case(name, "connection")
         || equal_ignoring_case(name, "transfer-encoding");
}

bool has_control_character(std::string_view value) {
  return std::ranges::any_of(value, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

/// Writes the request out; false when a verb or a header field cannot be.
bool write_out(const client_request& what, const destination& where, std::string& out) {
  if (!is_token(what.verb))
    return false;
  out.reserve(256 + where.target.size() + what.body.size());
  out.append(what.verb).append(" ").append(where.target).append(" HTTP/1.1\r\nHost: ");
  out.append(where.authority).append("\r\n");
  for (const auto& [name, value] : what.headers) {
    if (!is_token(name) || has_control_character(value))
      return false;
    if (!is_reserved(name))
      out.append(name).append(": ").append(value).append("\r\n");
  }
  const bool bodiless = what.body.empty() && (what.verb == "GET" || what.verb == "HEAD");
  if (!bodiless)
    out.append("Content-Length: ").append(std::to_string(what.body.size())).append("\r\n");
  out.append("\r\n").append(what.body);
  return true;
}

submission prepare_submission(client_request what, std::function<void(client_result)> done) {
  submission result;
  result.what.done = std::move(done);
  result.what.head = what.verb == "HEAD";
  result.what.sink = std::move(what.sink);
  if (what.timeout > std::chrono::milliseconds::zero())
    result.what.deadline = std::chrono::steady_clock::now() + what.timeout;
  result.connections_max = what.connections_max;
  result.where = parse_url(what.url);
  if (result.where && !what.pool.empty())
    result.where->origin.append(1, ' ').append(what.pool);
  if (!result.where) {
    result.cause = "the URL is not an absolute http or https URL";
  } else if (!write_out(what, *result.where, result.what.wire)) {
    result.where.reset();
    result.cause = "the verb or a header field is not valid";
  }
  return result;
}

client_result not_written(std::string_view cause) {
  client_result result;
  result.cause = cause;
  return result;
}

}  // namespace

/// The pool: per origin its connections, those of them that are idle, and requests that wait.
struct client::impl final : connection_pool {
  explicit impl(client_options limits);

  void run();
  void enqueue(submission what);
  void drain();
  void submit(submission what);
  void halt();
  void arm_sweep();
  void sweep();

  void available(client_connection& which) override;
  void ended(client_connection& which, std::optional<exchange> repeat) override;

  struct origin {
    std::vector<std::shared_ptr<client_connection>> connections;
    std::vector<client_connection*> idle;
    std::deque<exchange> waiting;
    std::size_t connections_max = 0;  ///< As the last request has said.
  };

  void open(origin& to, const destination& where, exchange first);
  void fail_waiting(origin& of, std::string_view cause);
  void expire_waiting(client_connection::clock::time_point now);

  const client_options options;
  std::mutex inbox_mutex;
  std::vector<submission> inbox;
  bool drain_scheduled = false;
  bool halt_requested = false;
  bool closed = false;  // The thread looks into the inbox no more.

  net::io_context io{1};
  net::executor_work_guard<io_executor> guard{io.get_executor()};
  net::ssl::context tls{net::ssl::context::tls_client};
  net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>,
                            io_executor>
    sweep_timer{io.get_executor()};
  bool sweep_armed = false;
  bool halted = false;
  std::unordered_map<std::string, origin> origins;
  resolver names{io};
  std::mutex stopping;
  std::thread thread;
};

client::impl::impl(client_options limits) : options(limits) {
  tls.set_default_verify_paths();
  tls.set_verify_mode(net::ssl::verify_peer);
  if (SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION) != 1)
    throw std::runtime_error{"OpenSSL does not know TLS 1.2"};
  thread = std::thread{[this] {
    ::pthread_setname_np(::pthread_self(), "http-client");
    run();
  }};
}

void client::impl::run() {
  for (;;) {
    try {
      io.run();
      break;
    } catch (const std::exception& failure) {
      log().error("client, an operation failed, cause=\"{}\"", failure.what());
    }
  }
  std::vector<submission> left;
  {
    const std::lock_guard lock{inbox_mutex};
    closed = true;
    left.swap(inbox);
  }
  for (auto& each : left)
    settle(std::move(each.what), not_written("the client has stopped"));
}

// -- from other threads ---------------------------------------------------------------------------

void client::impl::enqueue(submission what) {
  {
    const std::lock_guard lock{inbox_mutex};
    if (!closed) {
      inbox.push_back(std::move(what));
      if (!std::exchange(drain_scheduled, true))
        net::post(io, [this] { drain(); });
      return;
    }
  }
  settle(std::move(what.what), not_written("the client has stopped"));
}

void client::impl::drain() {
  std::vector<submission> taken;
  bool halting = false;
  {
    const std::lock_guard lock{inbox_mutex};
    taken.swap(inbox);
    drain_scheduled = false;
    halting = halt_requested;
  }
  for (auto& each : taken)
    submit(std::move(each));
  if (halting)
    halt();
}

// -- on the client's thread -----------------------------------------------------------------------

void client::impl::submit(submission what) {
  if (halted || !what.where) {
    settle(std::move(what.what), not_written(halted ? "the client has stopped" : what.cause));
    return;
  }
  const auto& key = what.where->origin;
  while (!origins[key].idle.empty()) {
    auto& idle = origins[key].idle;
    const auto candidate = idle.back()->shared_from_this();
    idle.pop_back();
    if (candidate->carry(what.what))
      return;
    candidate->drop();
  }
  auto& to = origins[key];
  to.connections_max = what.connections_max != 0 ? what.connections_max
                                                 : options.connections_per_origin_max;
  if (to.connections.size() < to.connections_max)
    open(to, *what.where, std::move(what.what));
  else if (to.waiting.size() < options.waiting_max)
    to.waiting.push_back(std::move(what.what));
  else
    settle(std::move(what.what), not_written("too many requests wait for a connection"));
}

void client::impl::open(origin& to, const destination& where, exchange first) {
  auto made = std::make_shared<client_connection>(io.get_executor(), tls, where, options, *this);
  to.connections.push_back(made);
  made->open(names, std::move(first));
  arm_sweep();
}

void client::impl::available(client_connection& which) {
  auto& at = origins.at(which.where().origin);
  if (!at.waiting.empty()) {
    auto next = std::move(at.waiting.front());
    at.waiting.pop_front();
    if (which.carry(next))
      return;
    at.waiting.push_front(std::move(next));  // Its end opens another connection.
  }
  at.idle.push_back(&which);
}

void client::impl::ended(client_connection& which, std::optional<exchange> repeat) {
  const auto found = origins.find(which.where().origin);
  auto& at = found->second;
  std::erase(at.idle, &which);
  std::erase_if(at.connections, [&which](const auto& each) { return each.get() == &which; });
  if (halted) {
    if (repeat)
      settle(std::move(*repeat), not_written("the client has stopped"));
    return;
  }
  if (repeat)
    open(at, which.where(), std::move(*repeat));
  if (!at.waiting.empty() && !which.established() && at.connections.empty())
    fail_waiting(at, "no connection");
  if (!at.waiting.empty() && at.connections.size() < at.connections_max) {
    auto next = std::move(at.waiting.front());
    at.waiting.pop_front();
    open(at, which.where(), std::move(next));
  }
  if (at.connections.empty())
    origins.erase(found);
}

void client::impl::fail_waiting(origin& of, std::string_view cause) {
  for (auto& each : std::exchange(of.waiting, {}))
    settle(std::move(each), not_written(cause));
}

void client::impl::arm_sweep() {
  if (std::exchange(sweep_armed, true))
    return;
  sweep_timer.expires_after(sweep_interval);
  sweep_timer.async_wait([this](error_code ec) {
    sweep_armed = false;
    if (!ec)
      sweep();
  });
}

void client::impl::sweep() {
  std::vector<std::shared_ptr<client_connection>> all;  // A copy: what expires leaves the pool.
  for (const auto& [key, each] : origins)
    all.insert(all.end(), each.connections.begin(), each.connections.end());
  const auto now = client_connection::clock::now();
  for (const auto& each : all)
    each->sweep(now);
  expire_waiting(now);
  if (!origins.empty() && !halted)
    arm_sweep();
}

/// What has waited for a connection for too long.
void client::impl::expire_waiting(client_connection::clock::time_point now) {
  std::vector<exchange> late;  // Settled last: whoever hears of it may send the next.
  for (auto& [key, each] : origins) {
    const auto first = std::stable_partition(
      each.waiting.begin(), each.waiting.end(),
      [now](const exchange& one) { return !one.deadline || now < *one.deadline; });
    std::move(first, each.waiting.end(), std::back_inserter(late));
    each.waiting.erase(first, each.waiting.end());
  }
  for (auto& each : late) {
    auto result = not_written("no connection in time");
    result.timed_out = true;
    settle(std::move(each), std::move(result));
  }
}

void client::impl::halt() {
  if (std::exchange(halted, true))
    return;
  names.stop();
  std::vector<std::shared_ptr<client_connection>> all;
  for (auto& [key, each] : origins) {
    all.insert(all.end(), each.connections.begin(), each.connections.end());
    fail_waiting(each, "the client has stopped");
  }
  for (const auto& each : all)
    each->abort("the client has stopped");
  origins.clear();
  sweep_timer.cancel();
  guard.reset();
}

// -- the client -----------------------------------------------------------------------------------

client::client(client_options options) : impl_(std::make_unique<impl>(options)) {}

client::~client() {
  stop();
}

void client::send(client_request what, std::function<void(client_result)> done) {
  impl_->enqueue(prepare_submission(std::move(what), std::move(done)));
}

void client::stop() {
  const std::lock_guard lock{impl_->stopping};
  if (!impl_->thread.joinable())
    return;
  {
    const std::lock_guard inbox_lock{impl_->inbox_mutex};
    impl_->halt_requested = true;
    if (!std::exchange(impl_->drain_scheduled, true))
      net::post(impl_->io, [pool = impl_.get()] { pool->drain(); });
  }
  impl_->thread.join();
}

}  // namespace parley::http
