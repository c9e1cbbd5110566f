#include "parley/http/client.hpp"

#include "tests/http/loopback.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace parley::http {

namespace {

client_options client_limits() {
  client_options options;
  options.connections_per_origin_max = 4;
  options.waiting_max = 1000;
  options.connect_timeout = std::chrono::seconds{20};
  options.exchange_timeout = std::chrono::seconds{20};
  options.idle_timeout = std::chrono::seconds{20};
  options.response_bytes_max = 1024 * 1024;
  options.allow_private_destinations = true;
  return options;
}

client_request request_to(std::uint16_t port, std::string body = {}) {
  client_request what;
  what.url = "http://127.0.0.1:" + std::to_string(port) + "/path?query";
  what.body = std::move(body);
  return what;
}

std::future<client_result> start(client& subject, client_request what) {
  auto promise = std::make_shared<std::promise<client_result>>();
  auto result = promise->get_future();
  subject.send(std::move(what),
               [promise](client_result got) { promise->set_value(std::move(got)); });
  return result;
}

client_result exchange_with(client& subject, client_request what) {
  return start(subject, std::move(what)).get();
}

constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(http_client, exchanges_with_a_server) {
  running_server server;
  server.owner.on_handle = [&](request& incoming, ticket where) {
    response what;
    what.status = 429;
    what.headers = {{"Retry-After", "7"}};
    what.body = std::string{incoming.target} + ' ' + std::string{incoming.header("x-mark")} + ' '
                + std::string{incoming.header("host")} + ' ' + incoming.body;
    server.subject.answer(where, std::move(what));
  };
  client subject{client_limits()};
  auto what = request_to(server.subject.port(), "body");
  what.headers = {{"X-Mark", "mark"}, {"Content-Length", "999"}, {"host", "elsewhere"}};
  const auto got = exchange_with(subject, what);
  EXPECT_EQ(got.outcome, exchange_outcome::answered);
  EXPECT_EQ(got.status, 429);
  EXPECT_EQ(got.retry_after, "7");
  EXPECT_EQ(got.body,
            "/path?query mark 127.0.0.1:" + std::to_string(server.subject.port()) + " body");
}

TEST(http_client, keeps_connections_and_shares_them) {
  running_server server;
  client subject{client_limits()};
  for (int i = 0; i < 20; ++i) {
    const auto got = exchange_with(subject, request_to(server.subject.port(), std::to_string(i)));
    EXPECT_EQ(got.body, std::to_string(i));
  }
  EXPECT_EQ(server.subject.counts().connections_total, 1u);
  std::vector<std::future<client_result>> pending;
  for (int i = 0; i < 500; ++i)
    pending.push_back(start(subject, request_to(server.subject.port(), std::to_string(i))));
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const auto got = pending[i].get();
    EXPECT_EQ(got.outcome, exchange_outcome::answered);
    EXPECT_EQ(got.body, std::to_string(i));
  }
  EXPECT_LE(server.subject.counts().connections_total, 4u);
}

TEST(http_client, says_where_a_redirect_leads) {
  running_server server;
  server.owner.on_handle = [&](request&, ticket where) {
    response what;
    what.status = 307;
    what.headers = {{"Location", "https://elsewhere.example/a?b"}};
    server.subject.answer(where, std::move(what));
  };
  client subject{client_limits()};
  const auto got = exchange_with(subject, request_to(server.subject.port()));
  EXPECT_EQ(got.status, 307);
  EXPECT_EQ(got.location, "https://elsewhere.example/a?b");
}

/// A request whose answer's body goes to `into`.
client_request request_into(std::uint16_t port, std::string& into, bool takes_it = true) {
  auto what = request_to(port, "x");
  what.sink = [&into, takes_it](std::string_view piece) {
    into += piece;
    return takes_it;
  };
  return what;
}

TEST(http_client, hands_the_body_of_what_was_asked_for_to_its_sink_and_no_other) {
  tcp_listener listener;
  const std::string large(200'000, 'x');
  std::thread peer{[&] {
    auto connection = listener.accept();
    connection.read_request();
    EXPECT_TRUE(connection.send("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + large));
    connection.read_request();
    EXPECT_TRUE(connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"));
    connection.read_request();
    EXPECT_TRUE(connection.send("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"));
    connection.read_request();
    EXPECT_TRUE(connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  }};
  client subject{client_limits()};
  for (const auto& [body, sunk] : std::vector<std::pair<std::string, std::string>>{
         {"", large}, {"", "abc"}, {"no", ""}}) {
    std::string into;
    const auto got = exchange_with(subject, request_into(listener.port(), into));
    EXPECT_EQ(got.outcome, exchange_outcome::answered);
    EXPECT_EQ(got.body, body);
    EXPECT_EQ(into, sunk);
  }
  EXPECT_EQ(exchange_with(subject, request_to(listener.port(), "x")).body, "ok");
  peer.join();
}

TEST(http_client, ends_an_exchange_whose_sink_takes_no_more) {
  tcp_listener listener;
  std::thread peer{[&] {
    auto connection = listener.accept();
    connection.read_request();
    std::ignore = connection.send(ok);
  }};
  client subject{client_limits()};
  std::string into;
  const auto got = exchange_with(subject, request_into(listener.port(), into, false));
  EXPECT_EQ(got.outcome, exchange_outcome::lost);
  EXPECT_FALSE(got.too_large);
  EXPECT_EQ(into, "ok");
  peer.join();
}

TEST(http_client, says_that_a_body_is_too_large_whether_it_was_announced_or_not) {
  for (const std::string head : {"Content-Length: 11", "Transfer-Encoding: chunked"}) {
    tcp_listener listener;
    std::thread peer{[&] {
      auto connection = listener.accept();
      connection.read_request();
      std::ignore = connection.send("HTTP/1.1 200 OK\r\n" + head
                                    + "\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n");
    }};
    auto limits = client_limits();
    limits.response_bytes_max = 10;
    client subject{limits};
    std::string into;
    const auto got = exchange_with(subject, request_into(listener.port(), into));
    EXPECT_EQ(got.outcome, exchange_outcome::lost) << head;
    EXPECT_TRUE(got.too_large) << head;
    EXPECT_LE(into.size(), 10U) << head;
    peer.join();
  }
}

TEST(http_client, reads_every_form_of_response) {
  tcp_listener listener;
  const std::vector<std::pair<std::string, std::string>> forms = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"
     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
     "a"},
    {"HTTP/1.1 204 No Content\r\n\r\n", ""},
    {"HTTP/1.1 200 OK\r\n\r\nto the end", "to the end"},
  };
  std::thread peer{[&] {
    auto connection = listener.accept();
    for (const auto& [wire, body] : forms) {
      connection.read_request();
      EXPECT_TRUE(connection.send(wire));
    }
  }};
  client subject{client_limits()};
  for (const auto& [wire, body] : forms) {
    const auto got = exchange_with(subject, request_to(listener.port(), "x"));
    EXPECT_EQ(got.outcome, exchange_outcome::answered) << got.cause;
    EXPECT_EQ(got.body, body);
  }
  peer.join();
}

TEST(http_client, follows_no_redirect) {
  tcp_listener listener;
  std::thread peer{[&] {
    auto connection = listener.accept();
    connection.read_request();
    connection.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                    "Content-Length: 0\r\n\r\n");
  }};
  client subject{client_limits()};
  EXPECT_EQ(exchange_with(subject, request_to(listener.port())).status, 302);
  peer.join();
}

TEST(http_client, says_not_written_when_nobody_listens) {
  std::uint16_t port = 0;
  {
    const tcp_listener listener;
    port = listener.port();
  }
  client subject{client_limits()};
  std::vector<std::future<client_result>> pending;
  for (int i = 0; i < 20; ++i)  // More than there may be connections: the waiting ones end too.
    pending.push_back(start(subject, request_to(port)));
  for (auto& each : pending) {
    const auto got = each.get();
    EXPECT_EQ(got.outcome, exchange_outcome::not_written);
    EXPECT_FALSE(got.cause.empty());
  }
}

TEST(http_client, says_lost_when_the_connection_ends_after_writing) {
  tcp_listener listener;
  std::thread peer{[&] {
    for (const char* part :
         {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart"}) {
      auto connection = listener.accept();
      connection.read_request();
      connection.send(part);
    }
    auto connection = listener.accept();
    connection.read_request();
    connection.reset();
  }};
  client subject{client_limits()};
  for (int i = 0; i < 4; ++i) {
    const auto got = exchange_with(subject, request_to(listener.port(), "x"));
    EXPECT_EQ(got.outcome, exchange_outcome::lost);
    EXPECT_FALSE(got.cause.empty());
  }
  peer.join();
}

TEST(http_client, says_lost_when_the_response_is_broken_or_too_large) {
  tcp_listener listener;
  std::thread peer{[&] {
    const std::string line = "HTTP/1.1 200 OK\r\n";
    for (const auto& wire :
         {std::string{"SMTP ready\r\n\r\n"}, line + "Content-Length: 2000000\r\n\r\n",
          line + "X: " + std::string(40'000, 'x') + "\r\n\r\n",
          line + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(60'000, 'x'),
          line + "Transfer-Encoding: chunked\r\n\r\nffffff\r\n"}) {
      auto connection = listener.accept();
      connection.read_request();
      connection.send(wire);
      connection.at_end();
    }
  }};
  client subject{client_limits()};
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(exchange_with(subject, request_to(listener.port(), "x")).outcome,
              exchange_outcome::lost);
  peer.join();
}

TEST(http_client, says_lost_when_no_response_comes_in_time) {
  tcp_listener listener;
  auto options = client_limits();
  options.exchange_timeout = std::chrono::milliseconds{100};
  client subject{options};
  auto pending = start(subject, request_to(listener.port(), "x"));
  auto connection = listener.accept();
  EXPECT_EQ(pending.get().outcome, exchange_outcome::lost);
  EXPECT_TRUE(connection.read_request().ends_with("x"));
  EXPECT_TRUE(connection.at_end());
}

/// The server's answer counts even when it came before the request was out.
TEST(http_client, keeps_to_the_time_that_a_request_gives_it) {
  tcp_listener listener;
  auto options = client_limits();
  options.connections_per_origin_max = 1;
  client subject{options};
  auto hurried = request_to(listener.port());
  hurried.timeout = std::chrono::milliseconds{200};
  auto written = start(subject, hurried);
  auto peer = listener.accept();
  peer.read_request();
  auto waiting = start(subject, hurried);  // For the only connection, until that one ends.
  const auto late = written.get();
  EXPECT_EQ(late.outcome, exchange_outcome::lost);
  EXPECT_TRUE(late.timed_out);
  EXPECT_EQ(late.cause, "no response in time");
  EXPECT_TRUE(waiting.get().timed_out);
}

TEST(http_client, gives_up_what_waits_for_a_connection_at_its_own_time) {
  tcp_listener listener;
  auto options = client_limits();
  options.connections_per_origin_max = 1;
  client subject{options};
  auto patient = start(subject, request_to(listener.port()));
  auto peer = listener.accept();
  peer.read_request();
  auto hurried = request_to(listener.port());
  hurried.timeout = std::chrono::milliseconds{1};
  const auto late = exchange_with(subject, hurried);
  EXPECT_EQ(late.outcome, exchange_outcome::not_written);
  EXPECT_TRUE(late.timed_out);
  peer.send(ok);
  EXPECT_EQ(patient.get().outcome, exchange_outcome::answered);
}

TEST(http_client, takes_an_answer_that_comes_early) {
  tcp_listener listener;
  client subject{client_limits()};
  auto pending = start(subject, request_to(listener.port(), std::string(30'000'000, 'x')));
  auto connection = listener.accept();
  connection.read_until("\r\n\r\n");
  connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  const auto got = pending.get();
  EXPECT_EQ(got.outcome, exchange_outcome::answered);
  EXPECT_EQ(got.status, 413);
}

TEST(http_client, uses_no_connection_that_the_peer_has_closed) {
  tcp_listener listener;
  client subject{client_limits()};
  for (int i = 0; i < 20; ++i) {
    auto pending = start(subject, request_to(listener.port(), "x"));
    auto connection = listener.accept();
    EXPECT_TRUE(connection.read_request().ends_with("x"));
    connection.send(ok);
    connection.close();  // Without having said so.
    EXPECT_EQ(pending.get().outcome, exchange_outcome::answered);
  }
}

TEST(http_client, uses_no_connection_that_has_more_to_say) {
  tcp_listener listener;
  client subject{client_limits()};
  for (int i = 0; i < 3; ++i) {
    auto pending = start(subject, request_to(listener.port(), "x"));
    auto connection = listener.accept();
    connection.read_request();
    connection.send(std::string{ok} + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
    EXPECT_EQ(pending.get().body, "ok");
    EXPECT_TRUE(connection.at_end());
  }
}

TEST(http_client, closes_idle_connections) {
  tcp_listener listener;
  auto options = client_limits();
  options.idle_timeout = std::chrono::milliseconds{50};
  client subject{options};
  auto pending = start(subject, request_to(listener.port(), "x"));
  auto connection = listener.accept();
  connection.read_request();
  connection.send(ok);
  EXPECT_EQ(pending.get().outcome, exchange_outcome::answered);
  EXPECT_TRUE(connection.at_end());
}

/// I9: two links to one carrier's host have nothing to do with each other.
TEST(http_client, gives_each_pool_connections_of_its_own) {
  tcp_listener listener;
  client subject{client_limits()};
  auto narrow = request_to(listener.port(), "narrow");
  narrow.pool = "a";
  narrow.connections_max = 1;
  auto first = start(subject, narrow);
  auto slow = listener.accept();
  EXPECT_TRUE(slow.read_request().ends_with("narrow"));
  auto behind = start(subject, narrow);  // For the pool's only connection.
  auto other = request_to(listener.port(), "other");
  other.pool = "b";
  auto elsewhere = start(subject, other);
  auto free = listener.accept();
  EXPECT_TRUE(free.read_request().ends_with("other"));
  free.send(ok);
  EXPECT_EQ(elsewhere.get().outcome, exchange_outcome::answered);
  slow.send(ok);
  EXPECT_EQ(first.get().outcome, exchange_outcome::answered);
  EXPECT_TRUE(slow.read_request().ends_with("narrow")) << "and not on the other's idle one";
  slow.send(ok);
  EXPECT_EQ(behind.get().outcome, exchange_outcome::answered);
}

TEST(http_client, lets_only_so_many_wait) {
  tcp_listener listener;
  auto options = client_limits();
  options.connections_per_origin_max = 1;
  options.waiting_max = 2;
  client subject{options};
  std::vector<std::future<client_result>> pending;
  for (int i = 0; i < 4; ++i)
    pending.push_back(start(subject, request_to(listener.port(), "x")));
  EXPECT_EQ(pending[3].get().outcome, exchange_outcome::not_written);
  auto connection = listener.accept();
  for (std::size_t i = 0; i < 3; ++i) {
    connection.read_request();
    connection.send(ok);
    EXPECT_EQ(pending[i].get().outcome, exchange_outcome::answered);
  }
}

/// A request that waits gets a connection of its own when the one it waited for ends.
TEST(http_client, opens_another_connection_for_who_waits) {
  tcp_listener listener;
  auto options = client_limits();
  options.connections_per_origin_max = 1;
  client subject{options};
  auto first = start(subject, request_to(listener.port(), "1"));
  auto second = start(subject, request_to(listener.port(), "2"));
  {
    auto connection = listener.accept();
    connection.read_request();
  }
  EXPECT_EQ(first.get().outcome, exchange_outcome::lost);
  auto connection = listener.accept();
  EXPECT_TRUE(connection.read_request().ends_with("2"));
  connection.send(ok);
  EXPECT_EQ(second.get().outcome, exchange_outcome::answered);
}

TEST(http_client, refuses_what_cannot_be_sent) {
  client subject{client_limits()};
  auto bad_url = request_to(1);
  bad_url.url = "http://user@127.0.0.1/";
  auto bad_header = request_to(1);
  bad_header.headers = {{"X-A", "b\r\nX-Injected: c"}};
  auto bad_name = request_to(1);
  bad_name.headers = {{"X A", "b"}};
  auto bad_verb = request_to(1);
  bad_verb.verb = "GET /x HTTP/1.1\r\n\r\nGET";
  for (const auto& what : {bad_url, bad_header, bad_name, bad_verb})
    EXPECT_EQ(exchange_with(subject, what).outcome, exchange_outcome::not_written);
}

TEST(http_client, refuses_destinations_that_are_not_public) {
  tcp_listener listener;  // Somebody is there: only the rule is in the way.
  auto options = client_limits();
  options.allow_private_destinations = false;
  client subject{options};
  for (const char* host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",
                           "2130706433", "0x7f.1", "127.1"}) {
    auto what = request_to(listener.port());
    what.url = "http://" + std::string{host} + ':' + std::to_string(listener.port()) + '/';
    const auto got = exchange_with(subject, what);
    EXPECT_EQ(got.outcome, exchange_outcome::not_written) << host;
    EXPECT_TRUE(got.cause.find("not a public address") != std::string::npos
                || got.cause.find("not found") != std::string::npos)
      << host << ": " << got.cause;
  }
}

TEST(http_client, looks_names_up) {
  running_server server;
  client subject{client_limits()};
  auto what = request_to(server.subject.port(), "x");
  what.url = "http://localhost:" + std::to_string(server.subject.port()) + '/';
  std::vector<std::future<client_result>> pending;
  for (int i = 0; i < 8; ++i)
    pending.push_back(start(subject, what));
  for (auto& each : pending)
    EXPECT_EQ(each.get().body, "x");
}

TEST(http_client, ends_every_exchange_when_it_stops) {
  tcp_listener listener;
  auto options = client_limits();
  options.connections_per_origin_max = 1;
  client subject{options};
  auto written = start(subject, request_to(listener.port(), "x"));
  auto waiting = start(subject, request_to(listener.port(), "x"));
  auto connection = listener.accept();
  EXPECT_TRUE(connection.read_request().ends_with("x"));
  subject.stop();
  subject.stop();
  EXPECT_EQ(written.get().outcome, exchange_outcome::lost);
  EXPECT_EQ(waiting.get().outcome, exchange_outcome::not_written);
  EXPECT_EQ(exchange_with(subject, request_to(listener.port())).outcome,
            exchange_outcome::not_written);
}

TEST(http_client, stops_while_others_send) {
  running_server server;
  std::atomic<int> settled{0};
  std::atomic<int> sent{0};
  client subject{client_limits()};
  std::vector<std::thread> senders;
  for (int i = 0; i < 2; ++i)
    senders.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) {
        ++sent;
        subject.send(request_to(server.subject.port(), "x"), [&](client_result) { ++settled; });
      }
    });
  while (settled < 100)
    std::this_thread::yield();
  subject.stop();
  for (auto& each : senders)
    each.join();
  EXPECT_EQ(settled, sent);
}

}  // namespace

}  // namespace parley::http
