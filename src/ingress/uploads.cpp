#include "src/ingress/uploads.hpp"

#include "parley/files/acceptance.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/viewer.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace parley::ingress {

namespace {

/// What the file is for: `mms` is the channel sms.
model::channel channel_of(const query_parameters& query) {
  const auto named = query.text("channel");
  if (!named || *named == "chat")
    return model::channel::chat;
  if (*named == "whatsapp")
    return model::channel::whatsapp;
  if (*named == "mms")
    return model::channel::sms;
  throw refusal{model::errc::malformed, "`channel` must be chat, whatsapp or mms"};
}

/// A length that has been declared; HTTP has seen to it that it is a number.
std::uint64_t declared_bytes(const http::request& head) {
  const auto field = head.header("Content-Length");
  std::uint64_t bytes = 0;
  std::from_chars(field.data(), field.data() + field.size(), bytes);
  return bytes;
}

refusal too_large(std::uint64_t bytes_max) {
  return {model::errc::file_too_large,
          "at most " + std::to_string(bytes_max) + " bytes are taken here"};
}

}  // namespace

/// One file on its way in. The lane counts and passes on, the pool writes; never both at once.
class uploads::incoming_file final : public http::body_consumer,
                                     public std::enable_shared_from_this<incoming_file> {
public:
  incoming_file(uploads& owner, const model::directory::key_entry& caller, std::string name,
                model::channel channel, std::string declared, std::uint64_t bytes_max)
    : organization_(caller.owner->index), uploader_(caller.key->user), name_(std::move(name)),
      channel_(channel), declared_(std::move(declared)), owner_(owner), bytes_max_(bytes_max) {}

  ~incoming_file() override {
    owner_.open_.fetch_sub(1, std::memory_order_relaxed);
    // A broken upload is removed from the disk, which is no work for an I/O thread; only when the
    // pool is full or has stopped is it done here.
    if (file_ != nullptr)
      std::ignore = owner_.pool_.try_post([dropped = std::move(file_)] {});
  }

  void take(std::string bytes, continuation next) override {
    bytes_ += bytes.size();
    if (bytes_ > bytes_max_) {
      const auto no = too_large(bytes_max_);
      next(owner_.refused(no.code(), no.detail()));
      return;
    }
    const auto refuse = next;
    if (!owner_.pool_.try_post([self = shared_from_this(), piece = std::move(bytes),
                                next = std::move(next)] { next(self->write(piece)); }))
      refuse(owner_.refused(model::errc::overloaded, "too many files are being written"));
  }

  [[nodiscard]] store::upload* file() const noexcept { return file_.get(); }
  /// In the pool. What was not kept is gone before its sender is told.
  void let_go() noexcept { file_.reset(); }

  const std::uint32_t organization_;
  const std::string uploader_;
  const std::string name_;
  const model::channel channel_;
  const std::string declared_;

private:
  /// In the pool. The answer that ends it, when it cannot go on.
  std::optional<http::response> write(std::string_view piece) {
    try {
      if (file_ == nullptr)
        file_ = owner_.kept_.begin();
      file_->write(piece);
      return std::nullopt;
    } catch (const std::exception& fault) {
      log().error("uploads: a file cannot be written, cause=\"{}\"", fault.what());
      return owner_.refused(model::errc::internal, {});
    }
  }

  uploads& owner_;
  const std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::shared_ptr<store::upload> file_;  // Shared because `std::function` copies.
};

uploads::uploads(const model::directory_cell& directory, store::file_store& kept, read_pool& pool,
                 ingress_counts& counts, const file_urls& urls, upload_limits limits,
                 std::function<void(http::ticket, http::response)> answer)
  : directory_(directory), kept_(kept), pool_(pool), counts_(counts), urls_(urls), limits_(limits),
    answer_(std::move(answer)) {}

std::shared_ptr<http::body_consumer> uploads::receive(http::request& head) {
  const auto directory = directory_.present();
  const auto caller = authenticate(*directory, head.header("Authorization"));
  require_scope(*caller.key, "messages:write");
  require_role(viewer_of(caller), model::role::agent);
  counts_.api_requests.fetch_add(1, std::memory_order_relaxed);
  const query_parameters query{head.query, {"name", "channel"}};
  const auto name = query.text("name");
  if (name && !files::is_file_name(*name))
    throw refusal{model::errc::malformed, "`name` must be a file's name, without a path"};
  const auto channel = channel_of(query);
  const auto bytes_max = std::min(limits_.bytes_max, files::bytes_max(channel));
  if (declared_bytes(head) > bytes_max)
    throw too_large(bytes_max);
  if (open_.fetch_add(1, std::memory_order_relaxed) >= limits_.uploads_max) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    throw refusal{model::errc::overloaded, "too many files are being uploaded"};
  }
  return std::make_shared<incoming_file>(*this, caller, std::string{name.value_or("")}, channel,
                                         std::string{head.header("Content-Type")}, bytes_max);
}

void uploads::finish(http::request& complete, http::ticket where) {
  auto file = std::static_pointer_cast<incoming_file>(std::move(complete.consumer));
  const bool posted = pool_.try_post([this, file = std::move(file), where] {
    model::answer made;
    try {
      made = keep(*file);
    } catch (const refusal& no) {
      counts_.count_refusal(no.code());
      made = problem(no.code(), no.detail(), limits_.retry_after_s);
    } catch (const std::exception& fault) {
      log().error("uploads: a file cannot be kept, cause=\"{}\"", fault.what());
      counts_.count_refusal(model::errc::internal);
      made = problem(model::errc::internal, {}, 0);
    }
    file->let_go();
    answer_(where, to_response(std::move(made)));
  });
  if (!posted)
    throw refusal{model::errc::overloaded, "too many files are being written"};
}

/// In the pool: judges the file by its content, and answers with it once it is durable.
model::answer uploads::keep(incoming_file& what) const {
  auto* file = what.file();
  if (file == nullptr)
    throw refusal{model::errc::malformed, "the file is empty"};
  const auto found = file->content_type();
  const files::verdict verdict{{.channel = what.channel_,
                                .name = what.name_,
                                .declared = what.declared_,
                                .found = found,
                                .bytes = file->bytes(),
                                .content = [file](std::uint64_t offset, std::size_t count) {
                                  return file->read(offset, count);
                                }}};
  if (const auto& no = verdict.refusal())
    throw refusal{no->code, no->detail};
  const auto now = model::wall_clock();
  files::file_record record;
  record.id = model::thread_ids().next_as<files::file_id>(now);
  record.organization = what.organization_;
  record.uploader = what.uploader_;
  record.name = verdict.file().name;
  record.content_type = verdict.file().content_type;
  record.created_at = now;
  record = kept_.keep(*file, std::move(record));
  counts_.files_kept.fetch_add(1, std::memory_order_relaxed);
  model::answer made;
  made.status = 201;
  json_writer json{made.body};
  write_file(json, record, urls_, now);
  return made;
}

http::response uploads::refused(model::errc code, std::string_view detail) const {
  counts_.count_refusal(code);
  return to_response(problem(code, detail, limits_.retry_after_s));
}

}  // namespace parley::ingress
