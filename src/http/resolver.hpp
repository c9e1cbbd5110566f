#pragma once

#include "src/http/net.hpp"

#include <boost/asio/ip/address.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace parley::http {

/// Looks host names up without blocking the thread that asks.
///
/// The system's resolver blocks for as long as it likes and cannot be interrupted, so it runs on a
/// few threads that nobody waits for: what they find after `stop` is dropped. Several, so that one
/// name whose servers do not answer delays no other; a name is looked up once however many ask.
class resolver {
public:
  using found = std::function<void(const std::string& cause, std::vector<net::ip::address>)>;

  /// Results arrive through `io`.
  explicit resolver(net::io_context& io);
  ~resolver();
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  /// `done` gets the addresses, or none and why. Not called after `stop`.
  void resolve(const std::string& host, found done);
  /// Forgets every look-up. Idempotent.
  void stop();

private:
  struct shared;
  std::shared_ptr<shared> shared_;
};

}  // namespace parley::http
