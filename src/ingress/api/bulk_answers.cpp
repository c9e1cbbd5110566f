#include "src/ingress/api/bulk_answers.hpp"

#include <string>

#include "parley/model/time.hpp"
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
