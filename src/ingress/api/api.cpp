#include "src/ingress/api/api.hpp"

#include "src/ingress/auth.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/problem.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace parley::ingress {

namespace {

struct route {
  http::method verb;
  std::string_view path;  ///< `{}` stands for one part.
  std::string_view scope;
  api_function serve;
};

constexpr auto routes = std::to_array<route>({
  {http::method::get, "/v1/conversations", "conversations:read", list_conversations_call},
  {http::method::get, "/v1/conversations/{}", "conversations:read", get_conversation},
  {http::method::get, "/v1/conversations/{}/messages", "conversations:read", list_messages},
  {http::method::post, "/v1/conversations/{}/messages", "messages:write", post_message},
  {http::method::post, "/v1/conversations/{}/close", "conversations:write", post_close},
  {http::method::post, "/v1/conversations/{}/read", "conversations:write", post_read},
  {http::method::get, "/v1/events", "events:read", list_events},
});

/// What stands at `{}` when the path fits, empty text when the route has none.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) noexcept {
  const auto hole = pattern.find("{}");
  if (hole == std::string_view::npos)
    return pattern == path ? std::optional{std::string_view{}} : std::nullopt;
  const auto before = pattern.substr(0, hole);
  const auto after = pattern.substr(hole + 2);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before)
      || !path.ends_with(after))
    return std::nullopt;
  const auto found = path.substr(before.size(), path.size() - before.size() - after.size());
  if (found.find('/') != std::string_view::npos)
    return std::nullopt;
  return found;
}

std::string_view name_of(http::method verb) noexcept {
  return verb == http::method::post ? "POST" : "GET, HEAD";
}

}  // namespace

api::api(api_context context, read_pool& pool, ingress_counts& counts,
         std::function<void(http::ticket, http::response)> answer)
  : context_(std::move(context)), pool_(pool), counts_(counts), answer_(std::move(answer)) {}

void api::take(http::request& incoming, http::ticket where, std::string& allow) {
  const auto verb
    = incoming.method == http::method::head ? http::method::get : incoming.method;
  const route* found = nullptr;
  api_call call;
  for (const auto& one : routes) {
    const auto id = match(one.path, incoming.path);
    if (!id)
      continue;
    if (one.verb == verb) {
      found = &one;
      call.id = *id;
      break;
    }
    allow += (allow.empty() ? "" : ", ") + std::string{name_of(one.verb)};
  }
  if (found == nullptr && allow.empty())
    throw refusal{model::errc::not_found, "nothing is served at this path"};
  if (found == nullptr)
    throw refusal{model::errc::method_not_allowed, "this path takes " + allow};
  call.caller = authenticate(context_.directory, incoming.header("Authorization"));
  require_scope(*call.caller.key, found->scope);
  counts_.api_requests.fetch_add(1, std::memory_order_relaxed);
  call.query = incoming.query;
  call.body = std::move(incoming.body);
  call.content_type = incoming.header("Content-Type");
  call.idempotency_key = incoming.header("Idempotency-Key");
  call.where = where;
  if (!pool_.try_post([this, serve_call = found->serve, kept = std::move(call)] {
        serve(serve_call, kept);
      }))
    throw refusal{model::errc::overloaded, "too many requests wait"};
}

void api::serve(api_function function, const api_call& call) const {
  model::answer made;
  try {
    auto answered = function(context_, call);
    if (!answered)
      return;
    made = std::move(*answered);
  } catch (const refusal& no) {
    counts_.count_refusal(no.code());
    made = problem(no.code(), no.detail(), context_.retry_after_s);
  } catch (const std::exception& fault) {
    log().error("api: a request failed, cause=\"{}\"", fault.what());
    counts_.count_refusal(model::errc::internal);
    made = problem(model::errc::internal, {}, 0);
  }
  answer_(call.where, to_response(std::move(made)));
}

}  // namespace parley::ingress
