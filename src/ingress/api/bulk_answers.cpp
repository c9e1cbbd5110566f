#include "src/ingress/api/bulk_answers.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "parley/model/time.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/representation.hpp"

namespace parley::ingress {

namespace {

void write_time(json_writer& json, std::string_view name, model::timestamp at) {
  json.key(name).text_or_null(at == model::timestamp{} ? std::string{} : model::to_rfc3339(at));
}

void write_parameters(json_writer& json, const model::bulk_parameters& what) {
  const bool by_user = what.author.type == model::author::kind::user;
  json.key("from").text(what.from.text());
  json.key("user").text_or_null(by_user ? what.author.id : std::string{});
  json.key("team").text_or_null(by_user ? std::string{} : what.author.id);
  json.key("body").text_or_null(what.made_from ? std::string{} : what.body);
  json.key("template").text_or_null(what.made_from ? what.made_from->id : std::string{});
  write_time(json, "start_at", what.start_at);
  json.key("spread_s").number(what.spread_ms / 1'000);
  json.key("quiet_hours").flag(what.quiet_hours);
}

}  // namespace

store::bulk_job_record require_bulk_job(const store::reader& reader, const viewer& who,
                                        std::uint32_t organization, std::string_view id) {
  if (const auto parsed = model::bulk_id::parse(id))
    if (auto record = reader.find_bulk_job(organization, *parsed)) {
      const auto& author = record->job.what.author;
      if (sees_everything(who)
          || (author.type == model::author::kind::user && author.id == who.user->id))
        return std::move(*record);
    }
  throw refusal{model::errc::not_found, "there is no such bulk job"};
}

std::optional<model::bulk_line_state> read_line_state(const query_parameters& query) {
  const auto text = query.text("state");
  if (!text)
    return std::nullopt;
  const auto state = model::bulk_line_state_of(*text);
  if (!state)
    throw refusal{model::errc::malformed, "`state`: there is no state `" + std::string{*text}
                                            + "` of a line"};
  return state;
}

std::string result_error_code(const store::bulk_line_outcome& line) {
  if (line.error_code == 0)
    return {};
  const auto own = static_cast<std::size_t>(line.error_code);
  // A refusal has a code of ours, all else one of the carrier's.
  if (line.state == model::bulk_line_state::refused && own <= model::errc_table.size())
    return std::string{model::traits(model::errc{static_cast<std::uint8_t>(own)}).name};
  return std::to_string(line.error_code);
}

void write_bulk_result(json_writer& json, const model::bulk_entry& line,
                       const store::bulk_line_outcome& outcome, audience who) {
  json.begin_object().key("line").number(line.number);
  json.key("to").text(shown_recipient(line.to, who)).key("state").text(to_string(outcome.state));
  json.key("message").text_or_null(outcome.message.has_value() ? outcome.message.text()
                                                               : std::string{});
  json.key("error");
  if (const auto code = result_error_code(outcome); code.empty())
    json.null();
  else
    json.begin_object().key("code").text(code).end_object();
  json.end_object();
}

void write_refused_lines(json_writer& json, std::span<const model::bulk_refusal> refused) {
  json.begin_array();
  for (const auto& one : refused) {
    json.begin_object().key("line").number(one.number);
    json.key("code").text(model::traits(one.code).name);
    json.key("detail").text(one.detail).end_object();
  }
  json.end_array();
}

void write_bulk_job(json_writer& json, const store::bulk_job_record& record,
                    model::bulk_counts counts, std::span<const model::bulk_refusal> refused) {
  const auto& job = record.job;
  auto waiting = job.accepted;
  for (const auto count : counts.by_state)
    waiting -= std::min(waiting, count);
  counts.of(model::bulk_line_state::waiting) = waiting;
  json.begin_object().key("id").text(job.id.text()).key("state").text(to_string(job.state));
  write_parameters(json, job.what);
  json.key("lines").number(job.lines).key("accepted").number(job.accepted);
  json.key("refused");
  write_refused_lines(json, refused);
  json.key("refused_total").number(job.refused).key("segments").number(job.segments);
  json.key("counts");
  write_bulk_counts(json, counts);
  write_time(json, "created_at", job.created_at);
  write_time(json, "started_at", job.started_at);
  write_time(json, "ended_at", job.ended_at);
  json.end_object();
}

model::answer bulk_answer(int status, const store::bulk_job_record& record,
                          const model::bulk_counts& counts,
                          std::span<const model::bulk_refusal> refused) {
  model::answer made;
  made.status = status;
  json_writer json{made.body};
  write_bulk_job(json, record, counts, refused);
  return made;
}

}  // namespace parley::ingress
