#include "src/ingress/api/api.hpp"

#include "src/ingress/api/bulk.hpp"
#include "src/ingress/api/consents.hpp"
#include "src/ingress/api/contacts.hpp"
#include "src/ingress/api/directory.hpp"
#include "src/ingress/api/route.hpp"
#include "src/ingress/api/webhooks.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace parley::ingress {

namespace {

using model::role;

constexpr auto routes = std::to_array<route>({
  {http::method::get, "/v1/conversations", "conversations:read", role::read_only,
   list_conversations_call},
  {http::method::post, "/v1/conversations", "messages:write", role::agent, post_conversation},
  {http::method::get, "/v1/conversations/{}", "conversations:read", role::read_only,
   get_conversation},
  {http::method::get, "/v1/conversations/{}/messages", "conversations:read", role::read_only,
   list_messages},
  {http::method::post, "/v1/conversations/{}/messages", "messages:write", role::agent,
   post_message},
  {http::method::post, "/v1/conversations/{}/close", "conversations:write", role::agent,
   post_close},
  {http::method::post, "/v1/conversations/{}/read", "conversations:write", role::agent, post_read},
  {http::method::post, "/v1/conversations/{}/claim", "conversations:write", role::agent,
   post_claim},
  {http::method::post, "/v1/conversations/{}/release", "conversations:write", role::agent,
   post_release},
  {http::method::post, "/v1/conversations/{}/transfer", "conversations:write", role::agent,
   post_transfer},
  {http::method::post, "/v1/conversations/{}/participants", "conversations:write", role::agent,
   post_participant},
  {http::method::del, "/v1/conversations/{}/participants/{}", "conversations:write", role::agent,
   delete_participant},
  {http::method::post, "/v1/conversations/{}/snooze", "conversations:write", role::agent,
   post_snooze},
  {http::method::post, "/v1/conversations/{}/labels", "conversations:write", role::agent,
   post_labels},
  {http::method::post, "/v1/conversations/{}/priority", "conversations:write", role::agent,
   post_priority},
  {http::method::post, "/v1/messages", "messages:write", role::agent, post_first_message},
  {http::method::get, "/v1/messages/{}", "conversations:read", role::read_only, get_message},
  {http::method::patch, "/v1/messages/{}", "messages:write", role::agent, patch_message},
  {http::method::post, "/v1/messages/{}/cancel", "messages:write", role::agent, post_cancel},
  {http::method::post, "/v1/messages/{}/resolve", "messages:write", role::admin, post_resolve},
  {http::method::post, "/v1/messages/{}/redact", "messages:write", role::agent, post_redact},
  {http::method::get, "/v1/events", "events:read", role::read_only, list_events},
  {http::method::post, "/v1/rules/test", "directory:read", role::admin, post_rules_test},
  {http::method::get, "/v1/files/{}", "conversations:read", role::read_only, get_file},
});

/// What stands at the `{}` of a path.
using holes = std::array<std::string_view, 2>;

std::string_view take_part(std::string_view& rest) noexcept {
  const auto part = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

/// The parts of the path that stand at the pattern's holes, or nothing when it does not fit.
std::optional<holes> match(std::string_view pattern, std::string_view path) noexcept {
  if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/'))
    return std::nullopt;
  holes found{};
  std::size_t filled = 0;
  while (!pattern.empty()) {
    const auto expected = take_part(pattern);
    const auto part = take_part(path);
    if (expected == "{}" && !part.empty())
      found.at(filled++) = part;
    else if (expected != part)
      return std::nullopt;
  }
  return found;
}

std::string_view name_of(http::method verb) noexcept {
  switch (verb) {
    case http::method::post:
      return "POST";
    case http::method::patch:
      return "PATCH";
    case http::method::del:
      return "DELETE";
    default:
      return "GET, HEAD";
  }
}

/// The route of a path and a method, with the parts of its path put into `call`; else null, and
/// `allow` has the methods of the path, if it is one at all. A path without a hole is meant where
/// both fit.
const route* resolve(http::method verb, std::string_view path, api_call& call,
                     std::string& allow) {
  const route* found = nullptr;
  bool exact = false;
  for (const auto table : {std::span<const route>{routes}, directory_routes(), contact_routes(),
                           consent_routes(), webhook_routes(), bulk_routes()})
    for (const auto& one : table) {
      const auto parts = match(one.path, path);
      const bool same = one.path == path;
      if (!parts || (exact && !same))
        continue;
      if (same && !exact) {
        exact = true;
        found = nullptr;
        allow.clear();
      }
      if (one.verb == verb) {
        found = &one;
        call.id = (*parts)[0];
        call.part = (*parts)[1];
      } else {
        allow += (allow.empty() ? "" : ", ") + std::string{name_of(one.verb)};
      }
    }
  if (found != nullptr)
    allow.clear();
  return found;
}

}  // namespace

api::api(api_context context, std::size_t lanes, read_pool& pool, ingress_counts& counts,
         std::function<void(http::ticket, http::response)> answer)
  : context_(std::move(context)),
    lanes_(lanes, {model::directory_view{context_.directory}}),
    pool_(pool),
    counts_(counts),
    answer_(std::move(answer)) {
  context_.resume = [this](std::shared_ptr<const api_call> call, api_continuation rest) {
    resume(std::move(call), std::move(rest));
  };
}

void api::take(http::request& incoming, http::ticket where, std::string& allow) {
  const auto verb
    = incoming.method == http::method::head ? http::method::get : incoming.method;
  api_call call;
  const auto* found = resolve(verb, incoming.path, call, allow);
  if (found == nullptr && allow.empty())
    throw refusal{model::errc::not_found, "nothing is served at this path"};
  if (found == nullptr)
    throw refusal{model::errc::method_not_allowed, "this path takes " + allow};
  call.directory = lanes_[where.lane].directory.present();
  call.caller = authenticate(*call.directory, incoming.header("Authorization"));
  require_scope(*call.caller.key, found->scope);
  call.who = viewer_of(call.caller);
  require_role(call.who, found->role);
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
  if (auto made = answer_of(function, call))
    answer_(call.where, to_response(std::move(*made)));
}

template <class Function>
std::optional<model::answer> api::answer_of(const Function& function, const api_call& call) const {
  try {
    return function(context_, call);
  } catch (const refusal& no) {
    counts_.count_refusal(no.code());
    return problem(no.code(), no.detail(), context_.retry_after_s);
  } catch (const std::exception& fault) {
    log().error("api: a request failed, cause=\"{}\"", fault.what());
    counts_.count_refusal(model::errc::internal);
    return problem(model::errc::internal, {}, 0);
  }
}

void api::resume(std::shared_ptr<const api_call> call, api_continuation rest) const {
  const auto conclude = [this, call](model::answer made) {
    answer_(call->where, to_response(std::move(made)));
    context_.admitted.release(1);
  };
  const auto go_on = [this, call, conclude, rest = std::move(rest)] {
    if (auto made = answer_of(rest, *call))
      conclude(std::move(*made));
  };
  if (pool_.try_post(go_on))
    return;
  const auto code = context_.admitted.closed() ? model::errc::shutting_down
                                               : model::errc::overloaded;
  counts_.count_refusal(code);
  conclude(problem(code, {}, context_.retry_after_s));
}

}  // namespace parley::ingress
