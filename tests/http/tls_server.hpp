#pragma once

#include "tests/http/loopback.hpp"

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace parley::http {

/// A blocking TLS server with a certificate of its own, which answers one request per connection
/// for as many connections as it is told.
class tls_server {
public:
  /// `name` is what the certificate is for; `version_max` 0 means any.
  tls_server(const std::string& name, int connections, int version_max = 0);
  ~tls_server();
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Where the certificate is, for whoever wants to trust it.
  [[nodiscard]] const std::string& certificate_path() const { return certificate_path_; }
  /// Waits for the connections; what the last client asked for by SNI and in its request.
  void join();
  [[nodiscard]] const std::string& server_name() const { return server_name_; }
  [[nodiscard]] const std::string& request() const { return request_; }

private:
  void serve_one();

  struct context_deleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  std::unique_ptr<SSL_CTX, context_deleter> context_;
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
  std::string certificate_path_;
  std::string server_name_;
  std::string request_;
  std::thread thread_;
};

}  // namespace parley::http
