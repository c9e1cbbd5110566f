#include "src/ingress/bulk_exports.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "src/ingress/api/bulk_answers.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/bulk_uploads.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/media_type.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/viewer.hpp"

namespace parley::ingress {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
/// Blocks that one piece looks at: nobody else waits for a state that no line is in.
constexpr std::size_t blocks_per_piece = 256;
constexpr std::string_view results_part = "/results";
constexpr std::string_view csv_header = "line,to,state,message,error\r\n";

enum class export_format : std::uint8_t { ndjson, csv };

std::optional<export_format> format_of(std::string_view accept) noexcept {
  if (is_media_type(accept, "application/x-ndjson"))
    return export_format::ndjson;
  if (is_media_type(accept, "text/csv"))
    return export_format::csv;
  return std::nullopt;
}

std::string_view id_in(std::string_view path) noexcept {
  path.remove_prefix(bulk_path.size() + 1);
  path.remove_suffix(results_part.size());
  return path;
}

/// None of the values has a comma, a quote or an end of line in it.
void write_row(std::string& out, const model::bulk_entry& line,
               const store::bulk_line_outcome& what, audience who) {
  out += std::to_string(line.number);
  out += ',';
  out += shown_recipient(line.to, who);
  out += ',';
  out += to_string(what.state);
  out += ',';
  if (what.message.has_value())
    out += what.message.text();
  out += ',';
  out += result_error_code(what);
  out += "\r\n";
}

}  // namespace

struct bulk_exports::wish {
  model::bulk_job job;
  export_format format = export_format::ndjson;
  std::optional<model::bulk_line_state> state;
  audience who = audience::clear;
};

/// Reads on where it is, one piece at a time.
class bulk_exports::results final : public http::body_source,
                                    public std::enable_shared_from_this<results> {
public:
  results(const store::reader& reader, read_pool& pool, wish what)
    : reader_(reader), pool_(pool), what_(std::move(what)) {}

  void read(std::function<void(std::string)> done) override {
    const auto fail = done;
    if (!pool_.try_post(
          [self = shared_from_this(), done = std::move(done)] { self->next_piece(done); }))
      fail({});
  }

  [[nodiscard]] bool ended() const override { return ended_; }

private:
  /// In the pool. A piece without a line of the state that is wanted is no end: it goes on behind
  /// whoever else waits for the pool.
  void next_piece(const std::function<void(std::string)>& done) {
    std::string out;
    try {
      fill(out);
    } catch (const std::exception& fault) {
      log().error("bulk_exports: a job cannot be read, job={} cause=\"{}\"",
                  what_.job.id.text(), fault.what());
      out.clear();
      done({});
      return;
    }
    if (out.empty() && !ended_)
      read(done);
    else
      done(std::move(out));
  }

  void fill(std::string& out) {
    if (block_ == 0 && what_.format == export_format::csv)
      out += csv_header;
    for (std::size_t blocks = 0; blocks < blocks_per_piece && out.size() < piece_bytes; ++blocks) {
      if (block_ * store::bulk_block_lines >= what_.job.accepted) {
        ended_ = true;
        return;
      }
      write_block(out);
      ++block_;
    }
  }

  void write_block(std::string& out) const {
    const auto lines = reader_.bulk_lines(what_.job.organization, what_.job.id, block_);
    const auto outcomes = reader_.bulk_outcomes(what_.job.organization, what_.job.id, block_);
    for (std::size_t at = 0; at < std::min(lines.size(), outcomes.size()); ++at) {
      if (what_.state && outcomes[at].state != *what_.state)
        continue;
      if (what_.format == export_format::csv) {
        write_row(out, lines[at], outcomes[at], what_.who);
        continue;
      }
      json_writer json{out};
      write_bulk_result(json, lines[at], outcomes[at], what_.who);
      out += '\n';
    }
  }

  const store::reader& reader_;
  read_pool& pool_;
  const wish what_;
  std::uint64_t block_ = 0;
  std::atomic<bool> ended_{false};
};

bulk_exports::bulk_exports(const model::directory_cell& directory, const store::reader& reader,
                           read_pool& pool, ingress_counts& counts,
                           std::function<void(http::ticket, http::response)> answer)
  : directory_(directory), reader_(reader), pool_(pool), counts_(counts),
    answer_(std::move(answer)) {}

bool bulk_exports::is_meant(const http::request& incoming) {
  const auto path = incoming.path;
  return incoming.method == http::method::get && path.starts_with(bulk_path)
         && path.size() > bulk_path.size() + results_part.size() + 1
         && path[bulk_path.size()] == '/' && path.ends_with(results_part)
         && id_in(path).find('/') == std::string_view::npos
         && format_of(incoming.header("Accept")).has_value();
}

void bulk_exports::serve(const http::request& incoming, http::ticket where) {
  const auto directory = directory_.present();
  const auto caller = authenticate(*directory, incoming.header("Authorization"));
  require_scope(*caller.key, "conversations:read");
  const auto who = viewer_of(caller);
  require_role(who, model::role::read_only);
  counts_.api_requests.fetch_add(1, std::memory_order_relaxed);
  const query_parameters query{incoming.query, {"state"}};
  const auto format = format_of(incoming.header("Accept"));
  const auto state = read_line_state(query);
  std::string id{id_in(incoming.path)};
  if (!pool_.try_post([this, directory, caller, who, format, state, id = std::move(id), where] {
        try {
          const auto record = require_bulk_job(reader_, who, caller.owner->index, id);
          answer_(where, begin({record.job, *format, state, who.numbers}));
        } catch (const refusal& no) {
          answer_(where, refused(no.code(), no.detail()));
        } catch (const std::exception& fault) {
          log().error("bulk_exports: a job cannot be read, cause=\"{}\"", fault.what());
          answer_(where, refused(model::errc::internal, {}));
        }
      }))
    throw refusal{model::errc::overloaded, "too many requests wait"};
}

http::response bulk_exports::begin(wish what) const {
  http::response made;
  made.content_type = {};
  made.headers.emplace_back("Content-Type", what.format == export_format::csv
                                              ? "text/csv; charset=utf-8; header=present"
                                              : "application/x-ndjson");
  made.source = std::make_shared<results>(reader_, pool_, std::move(what));
  made.source_bytes = http::unknown_length;
  return made;
}

http::response bulk_exports::refused(model::errc code, std::string_view detail) const {
  counts_.count_refusal(code);
  return to_response(problem(code, detail, 0));
}

}  // namespace parley::ingress
