#include "parley/http/client.hpp"
#include "tests/http/tls_server.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>

namespace parley::http {

namespace {

/// A client that trusts one certificate instead of the system's.
std::unique_ptr<client> client_that_trusts(const std::string& certificate_path) {
  client_options options;
  options.connections_per_origin_max = 1;
  options.waiting_max = 10;
  options.connect_timeout = options.exchange_timeout = options.idle_timeout
    = std::chrono::seconds{20};
  options.response_bytes_max = 4096;
  options.allow_private_destinations = true;
  ::setenv("SSL_CERT_FILE", certificate_path.c_str(), 1);
  auto made = std::make_unique<client>(options);
  ::unsetenv("SSL_CERT_FILE");
  return made;
}

client_result ask(client& subject, const std::string& host, std::uint16_t port) {
  client_request what;
  what.url = "https://" + host + ':' + std::to_string(port) + "/hidden";
  what.body = "body";
  std::promise<client_result> got;
  subject.send(what, [&](client_result result) { got.set_value(std::move(result)); });
  return got.get_future().get();
}

class http_client_tls : public ::testing::Test {
protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }  // The test's own server writes plainly.
};

TEST_F(http_client_tls, talks_to_a_peer_it_can_verify) {
  tls_server server{"localhost", 1};
  auto subject = client_that_trusts(server.certificate_path());
  for (int i = 0; i < 3; ++i) {
    const auto got = ask(*subject, "localhost", server.port());
    EXPECT_EQ(got.outcome, exchange_outcome::answered) << got.cause;
    EXPECT_EQ(got.body, "secret");
  }
  subject->stop();
  server.join();
  EXPECT_EQ(server.server_name(), "localhost");
  EXPECT_TRUE(server.request().starts_with("POST /hidden HTTP/1.1\r\n"));
}

TEST_F(http_client_tls, refuses_a_certificate_for_another_name) {
  tls_server server{"example.org", 1};
  const auto got = ask(*client_that_trusts(server.certificate_path()), "localhost", server.port());
  EXPECT_EQ(got.outcome, exchange_outcome::not_written);
  server.join();
  EXPECT_TRUE(server.request().empty());
}

TEST_F(http_client_tls, refuses_a_name_where_an_address_was_asked_for) {
  tls_server server{"localhost", 1};
  const auto got = ask(*client_that_trusts(server.certificate_path()), "127.0.0.1", server.port());
  EXPECT_EQ(got.outcome, exchange_outcome::not_written);
}

TEST_F(http_client_tls, refuses_a_certificate_nobody_vouches_for) {
  tls_server server{"localhost", 1};
  const auto got = ask(*client_that_trusts("/dev/null"), "localhost", server.port());
  EXPECT_EQ(got.outcome, exchange_outcome::not_written);
}

TEST_F(http_client_tls, refuses_old_versions) {
  tls_server server{"localhost", 1, TLS1_1_VERSION};
  const auto got = ask(*client_that_trusts(server.certificate_path()), "localhost", server.port());
  EXPECT_EQ(got.outcome, exchange_outcome::not_written);
}

}  // namespace

}  // namespace parley::http
