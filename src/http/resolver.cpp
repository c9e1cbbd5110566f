#include "src/http/resolver.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace parley::http {

namespace {

constexpr std::size_t threads_max = 4;
constexpr std::size_t names_max = 1024;  // That wait at a time.

struct answer {
  std::string cause;
  std::vector<net::ip::address> addresses;
};

net::ip::address to_address(const sockaddr& from) {
  if (from.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    return net::ip::address_v4{ntohl(v4.sin_addr.s_addr)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
  net::ip::address_v6::bytes_type bytes;
  std::copy(std::begin(v6.sin6_addr.s6_addr), std::end(v6.sin6_addr.s6_addr), bytes.begin());
  return net::ip::address_v6{bytes, v6.sin6_scope_id};
}

answer look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* first = nullptr;
  answer result;
  if (const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &first); failure != 0) {
    result.cause = gai_strerror(failure);
    return result;
  }
  for (const auto* each = first; each != nullptr; each = each->ai_next)
    if (each->ai_family == AF_INET || each->ai_family == AF_INET6)
      result.addresses.push_back(to_address(*each->ai_addr));
  freeaddrinfo(first);
  return result;
}

}  // namespace

struct resolver::shared {
  explicit shared(net::io_context& context) : io(&context) {}

  std::mutex mutex;
  std::condition_variable more;
  net::io_context* io;  // Null once stopped.
  std::deque<std::string> names;
  std::map<std::string, std::vector<found>> asking;
  std::size_t threads = 0;
  std::size_t threads_idle = 0;

  static void work(const std::shared_ptr<shared>& self);
  void finish(const std::string& host, answer result);
};

/// Hands a result over, unless nobody waits any more. Posts under the lock: `stop` takes it, so
/// the `io_context` exists.
void resolver::shared::finish(const std::string& host, answer result) {
  const std::lock_guard lock{mutex};
  const auto who = asking.extract(host);
  if (io == nullptr || who.empty())
    return;
  net::post(*io, [callbacks = who.mapped(), result = std::move(result)] {
    for (const auto& done : callbacks)
      done(result.cause, result.addresses);
  });
}

void resolver::shared::work(const std::shared_ptr<shared>& self) {
  for (;;) {
    std::string host;
    {
      std::unique_lock lock{self->mutex};
      ++self->threads_idle;
      self->more.wait(lock, [&self] { return self->io == nullptr || !self->names.empty(); });
      --self->threads_idle;
      if (self->io == nullptr)
        return;
      host = std::move(self->names.front());
      self->names.pop_front();
    }
    self->finish(host, look_up(host));
  }
}

resolver::resolver(net::io_context& io) : shared_(std::make_shared<shared>(io)) {}

resolver::~resolver() {
  stop();
}

void resolver::resolve(const std::string& host, found done) {
  const std::lock_guard lock{shared_->mutex};
  if (shared_->io == nullptr)
    return;
  if (const auto known = shared_->asking.find(host); known != shared_->asking.end()) {
    known->second.push_back(std::move(done));
    return;
  }
  if (shared_->names.size() >= names_max) {
    net::post(*shared_->io, [done = std::move(done)] { done("too many look-ups wait", {}); });
    return;
  }
  shared_->asking[host].push_back(std::move(done));
  shared_->names.push_back(host);
  if (shared_->threads_idle < shared_->names.size() && shared_->threads < threads_max) {
    ++shared_->threads;
    std::thread{[kept = shared_] { shared::work(kept); }}.detach();
  }
  shared_->more.notify_one();
}

void resolver::stop() {
  std::map<std::string, std::vector<found>> forgotten;  // Ends outside the lock.
  const std::lock_guard lock{shared_->mutex};
  shared_->io = nullptr;
  shared_->names.clear();
  forgotten.swap(shared_->asking);
  shared_->more.notify_all();
}

}  // namespace parley::http
