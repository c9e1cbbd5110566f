#include "bench/api_client.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

namespace parley::bench {

namespace {

constexpr std::size_t page_size = 1000;

http::client_options client_options_of() {
  return {.connections_per_origin_max = 2,
          .waiting_max = 16,
          .connect_timeout = std::chrono::seconds{2},
          .exchange_timeout = std::chrono::seconds{60},
          .idle_timeout = std::chrono::seconds{30},
          .response_bytes_max = 64 * 1024 * 1024,
          .allow_private_destinations = true};
}

std::string_view text_at(const boost::json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()}
                                                : std::string_view{};
}

std::uint64_t number_at_key(const boost::json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  boost::json::error_code not_a_number;
  return value == nullptr ? 0 : value->to_number<std::uint64_t>(not_a_number);
}

std::string post_json(const endpoint& target, std::string_view key, std::string_view path,
                      std::string_view idempotency_key, const boost::json::object& content) {
  const auto body = boost::json::serialize(content);
  std::string request;
  request.append("POST ").append(path).append(" HTTP/1.1\r\nHost: ");
  request.append(target.host).append(":").append(std::to_string(target.port));
  request.append("\r\nAuthorization: Bearer ").append(key);
  request.append("\r\nIdempotency-Key: ").append(idempotency_key);
  request.append("\r\nContent-Type: application/json\r\nContent-Length: ");
  request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return request;
}

const boost::json::array& items_of(const boost::json::object& list) {
  const auto* items = list.if_contains("items");
  if (items == nullptr || !items->is_array())
    throw std::runtime_error("the broker answered without items");
  return items->get_array();
}

}  // namespace

api_client::api_client(endpoint target, std::string key)
  : target_(std::move(target)), key_(std::move(key)), client_(client_options_of()) {}

api_answer api_client::get(std::string_view path_and_query) {
  http::client_request request;
  request.verb = "GET";
  request.url = target_.url() + std::string{path_and_query};
  request.headers = {{"Authorization", "Bearer " + key_}};
  const auto promise = std::make_shared<std::promise<http::client_result>>();
  auto answered = promise->get_future();
  client_.send(std::move(request),
               [promise](http::client_result result) { promise->set_value(std::move(result)); });
  auto result = answered.get();
  if (result.outcome != http::exchange_outcome::answered)
    return {};
  return {.status = result.status, .body = std::move(result.body)};
}

bool api_client::ready() {
  return get("/readyz").status == 200;
}

boost::json::object api_client::get_list(const std::string& path_and_query) {
  const auto answer = get(path_and_query);
  boost::json::error_code failed;
  auto parsed = boost::json::parse(answer.body, failed);
  if (answer.status != 200 || failed || !parsed.is_object())
    throw std::runtime_error("GET " + path_and_query + " answered " + std::to_string(answer.status)
                             + " " + answer.body.substr(0, 200));
  return std::move(parsed.get_object());
}

void api_client::read_events(std::uint64_t after, std::string_view types,
                             const std::function<void(const api_event&)>& each) {
  for (;;) {
    const auto list
      = get_list("/v1/events?after=" + std::to_string(after) + "&limit=" + std::to_string(page_size)
                 + (types.empty() ? "" : "&types=" + std::string{types}));
    const auto before = after;
    for (const auto& item : items_of(list)) {
      const auto& event = item.as_object();
      after = std::max(after, number_at_key(event, "seq"));
      each({.seq = number_at_key(event, "seq"),
            .type = text_at(event, "type"),
            .data = event.contains("data") ? event.at("data").if_object() : nullptr});
    }
    // Where a filter leaves a page without items, `next` still says how far it has looked.
    if (const auto next = text_at(list, "next"); !next.empty())
      after = std::max<std::uint64_t>(after, std::strtoull(std::string{next}.c_str(), nullptr, 10));
    else
      after = std::max(after, number_at_key(list, "next"));
    if (after == before)
      return;
  }
}

std::uint64_t api_client::last_event() {
  const auto any_after = [this](std::uint64_t seq) {
    const auto list = get_list("/v1/events?limit=1&after=" + std::to_string(seq));
    // A page may hold nothing that is shown outside and still not be the end: then it has `next`.
    return !items_of(list).empty() || !text_at(list, "next").empty();
  };
  std::uint64_t above = 1;
  while (any_after(above))
    above *= 2;
  std::uint64_t below = 0;  // Nothing is after `above`; find the least such position.
  while (below < above) {
    const auto middle = below + (above - below) / 2;
    if (any_after(middle))
      below = middle + 1;
    else
      above = middle;
  }
  return below;
}

std::vector<api_conversation> api_client::conversations(std::size_t wanted) {
  std::vector<api_conversation> found;
  std::string cursor;
  do {
    const auto list = get_list("/v1/conversations?state=active&limit=" + std::to_string(page_size)
                               + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& item : items_of(list)) {
      const auto& conversation = item.as_object();
      const auto* participants = conversation.if_contains("participants");
      if (participants == nullptr || !participants->is_array() || participants->get_array().empty())
        continue;
      found.push_back(
        {.id = std::string{text_at(conversation, "id")},
         .user = std::string{text_at(participants->get_array().front().as_object(), "user")}});
      if (found.size() == wanted)
        return found;
    }
    cursor = text_at(list, "next");
  } while (!cursor.empty());
  return found;
}

std::vector<std::string> api_client::outbound_provider_ids(const std::string& conversation) {
  const auto list = get_list("/v1/conversations/" + conversation + "/messages?limit=1000");
  std::vector<std::string> ids;
  for (const auto& item : items_of(list))
    if (text_at(item.as_object(), "direction") == "outbound")
      ids.emplace_back(text_at(item.as_object(), "provider_id"));
  return ids;
}

std::string reply_request(const endpoint& target, std::string_view key,
                          const api_conversation& where, std::string_view text,
                          std::string_view idempotency_key) {
  return post_json(target, key, "/v1/conversations/" + where.id + "/messages", idempotency_key,
                   {{"user", where.user}, {"body", text}});
}

std::string send_request(const endpoint& target, std::string_view key, const api_send& what,
                         std::string_view idempotency_key) {
  return post_json(
    target, key, "/v1/messages", idempotency_key,
    {{"from", what.from}, {"to", what.to}, {"user", what.user}, {"body", what.body}});
}

}  // namespace parley::bench
