#include "bench/bulk_upload.hpp"

#include <poll.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>

#include "bench/callbacks.hpp"
#include "bench/connection.hpp"

#include "parley/carrier/form.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::size_t answer_bytes_max = 1024 * 1024;
constexpr std::size_t line_bytes = 48;

std::string lines_of(const bulk_order& order) {
  std::string body;
  body.reserve(order.lines * line_bytes);
  for (std::size_t i = 0; i < order.lines; ++i) {
    const auto ordinal = order.first_ordinal + i;
    fmt::format_to(std::back_inserter(body), "{{\"to\":\"{}\",\"vars\":{{\"name\":\"#{}\"}}}}\n",
                   contact_of(ordinal), ordinal);
  }
  return body;
}

void append_chunks(std::string& request, std::string_view body) {
  while (!body.empty()) {
    const auto piece = body.substr(0, chunk_bytes);
    fmt::format_to(std::back_inserter(request), "{:x}\r\n", piece.size());
    request.append(piece).append("\r\n");
    body.remove_prefix(piece.size());
  }
  request.append("0\r\n\r\n");
}

}  // namespace

std::string bulk_request(const endpoint& target, std::string_view key, const bulk_order& order) {
  std::string query;
  carrier::append_parameter(query, "from", order.from);
  carrier::append_parameter(query, "user", order.user);
  carrier::append_parameter(query, "body", order.body);
  if (!order.start_at.empty())
    carrier::append_parameter(query, "start_at", order.start_at);
  const auto body = lines_of(order);
  std::string request;
  request.reserve(body.size() + body.size() / 1024 + 1024);
  fmt::format_to(std::back_inserter(request),
                 "POST /v1/bulk?{} HTTP/1.1\r\nHost: {}:{}\r\nAuthorization: Bearer {}\r\n"
                 "Idempotency-Key: {}\r\nContent-Type: application/x-ndjson\r\n",
                 query, target.host, target.port, key, order.idempotency_key);
  if (order.chunked) {
    request.append("Transfer-Encoding: chunked\r\n\r\n");
    append_chunks(request, body);
  } else {
    fmt::format_to(std::back_inserter(request), "Content-Length: {}\r\n\r\n", body.size());
    request.append(body);
  }
  return request;
}

upload_answer upload(const endpoint& target, std::string_view request,
                     std::chrono::milliseconds patience) {
  connection line;
  line.keep_body(answer_bytes_max);
  line.open(target);
  upload_answer answer;
  answer.started = clock::now();
  auto broken = !line.send(request);
  for (;;) {
    // An early refusal is read although the target has stopped taking the rest.
    const auto outcome = line.receive();
    if (outcome == read_outcome::answered)
      answer.status = line.status();
    if (outcome != read_outcome::incomplete || broken)
      break;
    const auto events = static_cast<short>(POLLIN | (line.sending() ? POLLOUT : 0));
    pollfd waiting{.fd = line.fd(), .events = events, .revents = 0};
    const auto ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
    if (ready < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "poll");
    if (ready == 0)
      break;
    if (line.sending())
      broken = !line.send_rest();
  }
  answer.elapsed = clock::now() - answer.started;
  answer.body = line.body();
  return answer;
}

}  // namespace parley::bench
