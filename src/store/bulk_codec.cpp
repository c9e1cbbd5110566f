#include "src/store/bulk_codec.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "parley/store/environment.hpp"
#include "src/store/bulk_cells.hpp"
#include "src/store/bytes.hpp"
#include "src/store/codec_parts.hpp"
#include "src/store/keys.hpp"
#include "src/store/sealed.hpp"

namespace parley::store {
namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t id_bytes = sizeof(model::id128);
constexpr std::size_t job_key_bytes = 1 + sizeof(std::uint32_t) + id_bytes;
constexpr std::size_t job_fields = 24;
constexpr std::size_t key_fields = 2;
constexpr std::size_t line_fields = 4;
constexpr std::size_t refused_fields = 2;

[[nodiscard]] row make_row(table where, std::string key, std::string value = {}) {
  row made;
  made.where = where;
  made.key = std::move(key);
  made.value = std::move(value);
  return made;
}

[[nodiscard]] std::string encode_job(const bulk_job_record& what) {
  const auto& job = what.job;
  const auto& asked = job.what;
  std::string value;
  packer pack{value};
  pack.array(job_fields).number(version).choice(job.state);
  pack.text(asked.from.text()).choice(asked.author.type).text(asked.author.id).text(asked.body);
  pack.flag(asked.made_from.has_value());
  const auto made_from = asked.made_from.value_or(model::sent_template{});
  pack.text(made_from.id).text(made_from.carrier_id).text(made_from.variables);
  pack.time(asked.start_at).signed_number(asked.spread_ms).flag(asked.quiet_hours);
  pack.text(asked.key_name).id(job.request_digest).number(job.lines).number(job.accepted);
  pack.number(job.refused).number(job.segments).time(job.created_at).time(job.started_at);
  pack.time(job.ended_at).id(what.key).id(what.received);
  return value;
}

[[nodiscard]] model::errc unpack_errc(unpacker& in) {
  return in.choice(model::errc::malformed, model::errc_table.back().code);
}

}  // namespace

std::string bulk_jobs_prefix(bulk_row kind, std::uint32_t organization) {
  std::string key(1, static_cast<char>(kind));
  append_big(key, organization);
  return key;
}

std::string bulk_jobs_key(bulk_row kind, std::uint32_t organization, const model::id128& id) {
  auto key = bulk_jobs_prefix(kind, organization);
  key.append(id_key(id));
  return key;
}

bulk_place open_bulk_jobs_key(std::string_view key) {
  if (key.size() != job_key_bytes)
    throw corruption_error{"bulk_jobs: the key " + printable(key) + " is of another length"};
  bulk_place place;
  place.organization = load_big<std::uint32_t>(key.data() + 1);
  std::memcpy(place.job.bytes.data(), key.data() + key.size() - id_bytes, id_bytes);
  return place;
}

bulk_job_record decode_bulk_job(std::string_view key, std::string_view value) {
  const auto place = open_bulk_jobs_key(key);
  unpacker in{value, "a bulk job"};
  const auto fields = in.array(job_fields);
  if (in.number() < version)
    in.fail("has no version");
  bulk_job_record made;
  auto& job = made.job;
  auto& asked = job.what;
  job.id = place.job;
  job.organization = place.organization;
  job.state = unpack_bulk_state(in);
  const auto from = model::address::parse(in.text());
  if (!from)
    in.fail("is from no address");
  asked.from = *from;
  asked.author.type = in.choice(model::author::kind::contact, model::author::kind::system);
  asked.author.id = in.text();
  asked.body = in.text();
  const bool by_template = in.flag();
  model::sent_template made_from;
  made_from.id = in.text();
  made_from.carrier_id = in.text();
  made_from.variables = in.text();
  if (by_template)
    asked.made_from = std::move(made_from);
  asked.start_at = in.time();
  asked.spread_ms = in.signed_number();
  asked.quiet_hours = in.flag();
  asked.key_name = in.text();
  job.request_digest = in.id();
  job.lines = in.number();
  job.accepted = in.number();
  job.refused = in.number();
  job.segments = in.number();
  job.created_at = in.time();
  job.started_at = in.time();
  job.ended_at = in.time();
  made.key = in.id();
  made.received = in.id();
  in.skip(fields - job_fields);
  in.finish();
  return made;
}

bulk_key_content decode_bulk_key(std::string_view value) {
  unpacker in{value, "the key of a bulk job"};
  const auto fields = in.array(key_fields);
  bulk_key_content made;
  made.job = model::bulk_id{in.id()};
  made.at = in.time();
  in.skip(fields - key_fields);
  in.finish();
  return made;
}

std::vector<model::bulk_entry> decode_bulk_lines(std::string_view value) {
  unpacker in{value, "a bulk job's lines"};
  std::vector<model::bulk_entry> lines;
  const auto count = in.array(0);
  lines.reserve(in.room_for(count));
  unpack_each(in, count, line_fields, [&] {
    auto& one = lines.emplace_back();
    one.number = in.number();
    one.to = in.text();
    one.values = unpack_texts(in);
    one.body = in.text();
  });
  in.finish();
  return lines;
}

model::bulk_refusal decode_bulk_refused(std::string_view key, std::string_view value) {
  if (key.size() != job_key_bytes - 1 + sizeof(std::uint64_t))
    throw corruption_error{"bulk_refused: the key " + printable(key) + " is of another length"};
  unpacker in{value, "a refused line"};
  const auto fields = in.array(refused_fields);
  model::bulk_refusal made;
  made.number = load_big<std::uint64_t>(key.data() + job_key_bytes - 1);
  made.code = unpack_errc(in);
  made.detail = in.text();
  in.skip(fields - refused_fields);
  in.finish();
  return made;
}

std::vector<row> bulk_job_rows(const bulk_job_record& what) {
  const auto& job = what.job;
  std::vector<row> rows;
  rows.push_back(make_row(table::bulk_jobs,
                          bulk_jobs_key(bulk_row::job, job.organization, job.id),
                          encode_job(what)));
  rows.push_back(
    make_row(table::bulk_jobs, bulk_jobs_key(bulk_row::open, job.organization, job.id)));
  rows.back().erase = model::is_over(job.state);
  return rows;
}

row bulk_key_row(const bulk_job_record& what) {
  std::string value;
  packer{value}.array(key_fields).id(what.job.id).time(what.job.created_at);
  return make_row(table::bulk_jobs,
                  bulk_jobs_key(bulk_row::key, what.job.organization, what.key),
                  std::move(value));
}

row bulk_block_row(std::uint32_t organization, const model::bulk_id& job, std::uint64_t block,
                   std::span<const model::bulk_entry> lines) {
  std::string value;
  packer pack{value};
  pack.array(lines.size());
  for (const auto& one : lines) {
    pack.array(line_fields).number(one.number).text(one.to);
    pack_texts(pack, one.values);
    pack.text(one.body);
  }
  return make_row(table::bulk_lines, bulk_block_key(organization, job, block), std::move(value));
}

row bulk_refused_row(std::uint32_t organization, const model::bulk_id& job,
                     const model::bulk_refusal& line) {
  std::string value;
  packer{value}.array(refused_fields).choice(line.code).text(line.detail);
  return make_row(table::bulk_refused, bulk_block_key(organization, job, line.number),
                  std::move(value));
}

}  // namespace parley::store
