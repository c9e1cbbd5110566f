#include "src/ingress/downloads.hpp"

#include "parley/carrier/form.hpp"
#include "parley/files/byte_range.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace parley::ingress {

namespace {

constexpr std::uint64_t piece_bytes = 64 * 1024;

std::string etag_of(const files::file_record& file) {
  return '"' + files::to_hex(file.sha256) + '"';
}

/// For whatever opens it: the bytes are a stranger's. They are never shown as a page of this host,
/// never taken for another type, and never run.
void add_headers(http::response& made, const files::file_record& file) {
  made.content_type = {};
  made.headers.emplace_back("Content-Type", file.content_type);
  made.headers.emplace_back("X-Content-Type-Options", "nosniff");
  made.headers.emplace_back("Content-Security-Policy", "default-src 'none'; sandbox");
  std::string name;
  carrier::append_percent_encoded(name, file.name);
  made.headers.emplace_back("Content-Disposition", "attachment; filename*=UTF-8''" + name);
  made.headers.emplace_back("Cache-Control", "private");
  made.headers.emplace_back("Accept-Ranges", "bytes");
  made.headers.emplace_back("ETag", etag_of(file));
}

}  // namespace

/// What was asked for, with everything that is needed from the connection copied out.
struct downloads::wish {
  files::file_id file;
  std::string range;
  std::string if_range;
};

/// Reads one part of a file from the disk.
class downloads::content_source final : public http::body_source,
                                        public std::enable_shared_from_this<content_source> {
public:
  content_source(read_pool& pool, std::shared_ptr<const store::file_content> content,
                 files::byte_range part)
    : pool_(pool), content_(std::move(content)), left_(part) {}

  void read(std::function<void(std::string)> done) override {
    const auto fail = done;
    if (!pool_.try_post(
          [self = shared_from_this(), done = std::move(done)] { done(self->next_piece()); }))
      fail({});  // Over the bound; whoever was cut off asks for the rest with a range.
  }

private:
  std::string next_piece() {
    const auto count = std::min(left_.count, piece_bytes);
    try {
      auto bytes = content_->read(left_.first, static_cast<std::size_t>(count));
      left_.first += count;
      left_.count -= count;
      return bytes;
    } catch (const std::exception& fault) {
      log().error("downloads: a file cannot be read, cause=\"{}\"", fault.what());
      return {};
    }
  }

  read_pool& pool_;
  const std::shared_ptr<const store::file_content> content_;
  files::byte_range left_;
};

downloads::downloads(store::file_store& kept, read_pool& pool, ingress_counts& counts,
                     const file_urls& urls,
                     std::function<void(http::ticket, http::response)> answer)
  : kept_(kept), pool_(pool), counts_(counts), urls_(urls), answer_(std::move(answer)) {}

void downloads::serve(const http::request& incoming, http::ticket where) {
  const auto id = files::file_id::parse(incoming.path.substr(files::shown_path.size()));
  if (!id)
    throw refusal{model::errc::not_found, "there is no such file"};
  const query_parameters query{incoming.query, {"expires", "signature"}};
  const auto now = std::chrono::floor<std::chrono::seconds>(model::wall_clock());
  switch (files::check_url(urls_.secret, *id,
                           {.expires = query.text("expires").value_or(""),
                            .signature = query.text("signature").value_or("")},
                           now)) {
    case files::url_verdict::good:
      break;
    case files::url_verdict::expired:
      throw refusal{model::errc::url_expired, "ask for the file again: its URL will be fresh"};
    case files::url_verdict::forged:
      throw refusal{model::errc::bad_signature, {}};
  }
  wish what{*id, std::string{incoming.header("Range")}, std::string{incoming.header("If-Range")}};
  if (!pool_.try_post([this, what = std::move(what), where] { answer_(where, show(what)); }))
    throw refusal{model::errc::overloaded, "too many files are being read"};
}

/// In the pool.
http::response downloads::show(const wish& what) const {
  try {
    const auto file = kept_.find(what.file);
    if (!file)
      return refused(model::errc::not_found, "there is no such file");
    const bool stale = !what.if_range.empty() && what.if_range != etag_of(*file);
    const auto range = files::read_range(stale ? std::string_view{} : what.range, file->bytes);
    const auto total = "/" + std::to_string(file->bytes);
    if (range.kind == files::range_kind::unsatisfiable) {
      auto no = refused(model::errc::range_not_satisfiable, {});
      no.headers.emplace_back("Content-Range", "bytes *" + total);
      return no;
    }
    http::response made;
    add_headers(made, *file);
    if (range.kind == files::range_kind::part) {
      made.status = 206;
      const auto last = range.range.first + range.range.count - 1;
      made.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.range.first) + '-'
                                                   + std::to_string(last) + total);
    }
    made.source = std::make_shared<content_source>(pool_, kept_.open(*file), range.range);
    made.source_bytes = range.range.count;
    return made;
  } catch (const std::exception& fault) {
    log().error("downloads: a file cannot be shown, cause=\"{}\"", fault.what());
    return refused(model::errc::internal, {});
  }
}

http::response downloads::refused(model::errc code, std::string_view detail) const {
  counts_.count_refusal(code);
  return to_response(problem(code, detail, 0));
}

}  // namespace parley::ingress
