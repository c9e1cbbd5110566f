// The ceiling of the stack: a plain Beast server, written as its documentation would, that reads a
// request and answers at once. Nothing of Parley's server is in it; parley_http is linked because
// Asio's and Beast's sources are compiled there.
//
//   parley-bare-server HOST:PORT [threads]

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using executor = net::io_context::executor_type;
using stream_type = beast::basic_stream<tcp, executor>;
using awaitable = net::awaitable<void, executor>;
using acceptor_type = net::basic_socket_acceptor<tcp, executor>;

constexpr auto as_result = net::as_tuple(net::use_awaitable_t<executor>{});

awaitable serve(stream_type stream) {
  beast::flat_buffer buffer;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(1024 * 1024);
    const auto [read_error, bytes_read]
      = co_await http::async_read(stream, buffer, parser, as_result);
    if (read_error)
      break;
    const auto& request = parser.get();
    http::response<http::string_body> response{http::status::ok, request.version()};
    response.set(http::field::content_type, "text/xml");
    response.keep_alive(request.keep_alive());
    response.body() = "<Response/>";
    response.prepare_payload();
    const auto [write_error, bytes_written]
      = co_await http::async_write(stream, response, as_result);
    if (write_error || !response.keep_alive())
      break;
  }
  beast::error_code ignored;  // The peer may already be gone.
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

awaitable listen(acceptor_type& acceptor) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(as_result);
    if (error)
      continue;
    beast::error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    net::co_spawn(acceptor.get_executor(), serve(stream_type{std::move(socket)}), net::detached);
  }
}

/// A listening socket that shares its port with those of the other threads.
acceptor_type bind(net::io_context& io, const tcp::endpoint& at) {
  using reuse_port = net::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  acceptor_type acceptor{io.get_executor()};
  acceptor.open(at.protocol());
  acceptor.set_option(net::socket_base::reuse_address{true});
  acceptor.set_option(reuse_port{true});
  acceptor.bind(at);
  acceptor.listen();
  return acceptor;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view where = argc > 1 ? argv[1] : "";
  const auto colon = where.rfind(':');
  std::uint16_t port = 0;
  unsigned int threads = 2;
  if (argc > 3 || colon == std::string_view::npos || !read_number(where.substr(colon + 1), port)
      || (argc == 3 && (!read_number(std::string_view{argv[2]}, threads) || threads == 0))) {
    std::fprintf(stderr, "usage: parley-bare-server HOST:PORT [threads]\n");
    return EXIT_FAILURE;
  }
  try {
    tcp::endpoint at{net::ip::make_address(std::string{where.substr(0, colon)}), port};
    struct worker {
      net::io_context io{1};
      acceptor_type acceptor;
      explicit worker(const tcp::endpoint& end) : acceptor(bind(io, end)) {}
    };
    std::vector<std::unique_ptr<worker>> workers;
    for (unsigned int i = 0; i < threads; ++i) {
      workers.push_back(std::make_unique<worker>(at));
      at = workers.back()->acceptor.local_endpoint();
      net::co_spawn(workers.back()->io, listen(workers.back()->acceptor), net::detached);
    }
    std::printf("listening on http://%s:%u\n", at.address().to_string().c_str(), at.port());
    std::fflush(stdout);
    std::vector<std::jthread> running;
    for (const auto& each : workers)
      running.emplace_back([&io = each->io] { io.run(); });
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "parley-bare-server: %s\n", failure.what());
    return EXIT_FAILURE;
  }
}
