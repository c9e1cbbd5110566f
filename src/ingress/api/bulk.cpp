#include "src/ingress/api/bulk.hpp"

#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/bulk_job.hpp"
#include "parley/model/bulk.hpp"
#include "src/ingress/api/bulk_answers.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/bulk_receipt.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

namespace parley::ingress {

namespace {

/// Lines that one request for results looks at: a state that few are in must not keep a thread for
/// as long as a million lines take. The cursor goes on behind them.
constexpr std::uint64_t blocks_looked_at_max = 1'024;

store::bulk_job_record require_job(const api_context& context, const api_call& call) {
  return require_bulk_job(context.reader, call.who, call.caller.owner->index, call.id);
}

std::uint64_t read_cursor(const query_parameters& query) {
  const auto text = query.text("cursor");
  if (!text)
    return 0;
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (fault != std::errc{} || end != text->data() + text->size())
    throw refusal{model::errc::malformed, "`cursor` is none of this list's"};
  return value;
}

std::optional<model::answer> list_jobs(const api_context& context, const api_call& call) {
  const query_parameters query{call.query, {"limit", "cursor"}};
  const auto limit = query.limit();
  std::optional<model::bulk_id> before;
  if (const auto text = query.text("cursor")) {
    before = model::bulk_id::parse(*text);
    if (!before)
      throw refusal{model::errc::malformed, "`cursor` is none of this list's"};
  }
  const auto organization = call.caller.owner->index;
  const auto jobs = context.reader.bulk_jobs(organization, before, limit);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  for (const auto& record : jobs)
    write_bulk_job(json, record, context.reader.bulk_counts(organization, record.job.id), {});
  json.end_array().key("next");
  json.text_or_null(jobs.size() == limit ? jobs.back().job.id.text() : std::string{});
  json.end_object();
  return made;
}

std::optional<model::answer> get_job(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  const auto record = require_job(context, call);
  const auto organization = record.job.organization;
  return bulk_answer(
    200, record, context.reader.bulk_counts(organization, record.job.id),
    context.reader.bulk_refused(organization, record.job.id, 0, refused_lines_shown));
}

std::optional<model::answer> list_refused(const api_context& context, const api_call& call) {
  const query_parameters query{call.query, {"limit", "cursor"}};
  const auto limit = query.limit();
  const auto record = require_job(context, call);
  const auto lines = context.reader.bulk_refused(record.job.organization, record.job.id,
                                                 read_cursor(query), limit);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items");
  write_refused_lines(json, lines);
  json.key("next").text_or_null(lines.size() == limit ? std::to_string(lines.back().number)
                                                      : std::string{});
  json.end_object();
  return made;
}

// -- results --------------------------------------------------------------------------------------

/// Calls `each` for the lines of one block from `first` on, until it says no more. The position
/// behind the last one.
template <class Each>
std::uint64_t read_block(const api_context& context, const model::bulk_job& job,
                         std::uint64_t first, Each&& each) {
  const auto block = first / store::bulk_block_lines;
  const auto lines = context.reader.bulk_lines(job.organization, job.id, block);
  const auto outcomes = context.reader.bulk_outcomes(job.organization, job.id, block);
  const auto begin = block * store::bulk_block_lines;
  for (auto at = first - begin; at < lines.size() && at < outcomes.size(); ++at)
    if (!each(lines[at], outcomes[at]))
      return begin + at;
  return begin + store::bulk_block_lines;
}

std::optional<model::answer> list_results(const api_context& context, const api_call& call) {
  const query_parameters query{call.query, {"limit", "cursor", "state"}};
  const auto limit = query.limit();
  const auto wanted = read_line_state(query);
  const auto record = require_job(context, call);
  auto position = read_cursor(query);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  std::size_t written = 0;
  for (std::uint64_t blocks = 0;
       blocks < blocks_looked_at_max && position < record.job.accepted && written < limit;
       ++blocks)
    position = read_block(context, record.job, position, [&](const auto& line, const auto& what) {
      if (wanted && what.state != *wanted)
        return true;
      if (written == limit)
        return false;
      write_bulk_result(json, line, what, call.who.numbers);
      ++written;
      return true;
    });
  json.end_array().key("next");
  json.text_or_null(position < record.job.accepted ? std::to_string(position) : std::string{});
  json.end_object();
  return made;
}

// -- what is done to a job ------------------------------------------------------------------------

model::answer render_done(const actors::bulk_outcome& what) {
  if (!what.done)
    return problem(model::errc::wrong_bulk_state,
                   "the job is " + std::string{to_string(what.job.job.state)}, 0);
  return bulk_answer(200, what.job, what.counts, {});
}

template <actors::bulk_action What>
std::optional<model::answer> post_action(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  if (!call.body.empty())
    throw refusal{model::errc::malformed, "there is nothing to say in the body"};
  const auto record = require_job(context, call);
  if (record.job.state == model::bulk_state::receiving)
    throw refusal{model::errc::wrong_bulk_state,
                  "its lines are not complete: upload them again under the same key"};
  auto asked = std::make_shared<actors::bulk_request>();
  asked->organization = record.job.organization;
  asked->job = record.job.id;
  asked->what = What;
  asked->answer_to = {call.where.lane, call.where.slot, call.where.generation};
  asked->render = render_done;
  if (const auto refused = context.admitted.try_admit())
    throw refusal{*refused, {}};
  caf::anon_send(context.bulk_desk, actors::bulk_request_ptr{std::move(asked)});
  return std::nullopt;
}

using actors::bulk_action;
using model::role;

constexpr auto routes = std::to_array<route>({
  {http::method::get, "/v1/bulk", "conversations:read", role::admin, list_jobs},
  {http::method::get, "/v1/bulk/{}", "conversations:read", role::read_only, get_job},
  {http::method::get, "/v1/bulk/{}/refused", "conversations:read", role::read_only, list_refused},
  {http::method::get, "/v1/bulk/{}/results", "conversations:read", role::read_only, list_results},
  {http::method::post, "/v1/bulk/{}/pause", "messages:write", role::agent,
   post_action<bulk_action::pause>},
  {http::method::post, "/v1/bulk/{}/resume", "messages:write", role::agent,
   post_action<bulk_action::resume>},
  {http::method::post, "/v1/bulk/{}/cancel", "messages:write", role::agent,
   post_action<bulk_action::cancel>},
  {http::method::post, "/v1/bulk/{}/retry_failed", "messages:write", role::agent,
   post_action<bulk_action::retry_failed>},
});

}  // namespace

std::span<const route> bulk_routes() noexcept {
  return routes;
}

}  // namespace parley::ingress
