#include "src/ingress/bulk_uploads.hpp"

#include <optional>
#include <span>
#include <string>
#include <tuple>

#include "parley/model/limits.hpp"
#include "parley/model/price.hpp"
#include "src/ingress/api/bulk_answers.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/idempotency.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/problem.hpp"

namespace parley::ingress {

namespace {

/// Pieces that wait for the disk: reading the lines and flushing them overlap.
constexpr std::size_t appends_in_flight_max = 4;
constexpr std::uint64_t of_a_piece = 0;
constexpr std::uint64_t of_the_last_piece = 1;

void write_cost(json_writer& json, const std::optional<bulk::cost_estimate>& cost) {
  json.key("cost");
  if (!cost) {
    json.null();
    return;
  }
  json.begin_object().key("currency").text(cost->currency());
  json.key("amount").text(model::price_text(cost->millionths()));
  json.key("unpriced_segments").number(cost->unpriced_segments()).end_object();
}

model::answer dry_answer(const bulk_receipt& receipt) {
  const auto& job = receipt.record().job;
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("dry_run").flag(true).key("lines").number(job.lines);
  json.key("accepted").number(job.accepted).key("refused");
  write_refused_lines(json, receipt.refused());
  json.key("refused_total").number(job.refused).key("segments").number(job.segments);
  write_cost(json, receipt.cost());
  json.end_object();
  return made;
}

}  // namespace

/// One job on its way in. The lane passes on, the pool reads lines, the writer tells what is
/// durable; one piece at a time.
class bulk_uploads::incoming_job final : public http::body_consumer,
                                         public store::commit_listener,
                                         public std::enable_shared_from_this<incoming_job> {
public:
  incoming_job(bulk_uploads& owner, std::uint32_t organization, bulk_wish wish,
               const model::id128& key)
    : owner_(owner), organization_(organization), wish_(std::move(wish)), key_(key) {}

  /// Not before everything that was appended is durable: the journal refers to it until then.
  ~incoming_job() override {
    if (key_begun_)
      owner_.end_key(organization_, key_);
    else if (begun_ && !ended_)
      caf::anon_send(owner_.parts_.desk, actors::atom::broken::value, organization_,
                     receipt_->record().job.id);
    owner_.open_.fetch_sub(1, std::memory_order_relaxed);
  }

  void take(std::string bytes, continuation next) override {
    const auto refuse = next;
    if (!owner_.parts_.pool.try_post([self = shared_from_this(), piece = std::move(bytes),
                                      next = std::move(next)] { self->read(piece, next); }))
      refuse(owner_.refused(model::errc::overloaded, "too many bulk jobs are being uploaded"));
  }

  /// In the pool.
  void finish(http::ticket where) {
    where_ = where;
    if (auto made = guarded([this] { return conclude(); }))
      owner_.answer_(where, std::move(*made));
  }

  /// Something is durable. On the writer's thread.
  void committed(std::uint64_t token) noexcept override {
    if (token == of_the_last_piece) {
      ended_ = true;
      caf::anon_send(owner_.parts_.desk, actors::atom::begin::value, organization_,
                     receipt_->record().job.id);
      owner_.answer_(where_, std::move(answer_));
      return;
    }
    continuation go_on;
    {
      const std::lock_guard lock{mutex_};
      --in_flight_;
      go_on = std::exchange(held_, nullptr);
    }
    if (go_on)
      go_on(std::nullopt);
  }

private:
  /// What `work` answers, or the answer that refuses.
  template <class Work>
  std::optional<http::response> guarded(Work&& work) {
    try {
      return work();
    } catch (const refusal& no) {
      return owner_.refused(no.code(), no.detail());
    } catch (const std::exception& fault) {
      log().error("bulk_uploads: a job cannot be taken, cause=\"{}\"", fault.what());
      return owner_.refused(model::errc::internal, {});
    }
  }

  void read(std::string_view piece, const continuation& next) {
    auto refused = guarded([&]() -> std::optional<http::response> {
      begin();
      receipt_->take(piece);
      append_ready();
      return std::nullopt;
    });
    if (!refused) {
      const std::lock_guard lock{mutex_};
      if (in_flight_ >= appends_in_flight_max) {
        held_ = next;
        return;
      }
    }
    next(std::move(refused));
  }

  /// Finds the job that the key has made before, or makes one.
  void begin() {
    if (receipt_)
      return;
    if (key_.has_value() && !wish_.dry_run) {
      if (!owner_.begin_key(organization_, key_))
        throw refusal{model::errc::upload_in_progress, {}};
      key_begun_ = true;
    }
    auto record = known_job();
    std::vector<model::bulk_refusal> refused;
    if (record)
      refused = owner_.parts_.reader.bulk_refused(organization_, record->job.id, 0,
                                                  refused_lines_shown);
    else
      record = new_job();
    receipt_.emplace(std::move(*record), wish_, owner_.limits_.lines, std::move(refused));
  }

  std::optional<store::bulk_job_record> known_job() const {
    if (!key_begun_)
      return std::nullopt;
    const auto& reader = owner_.parts_.reader;
    const auto id = reader.bulk_job_of_key(organization_, key_,
                                           model::wall_clock() - model::idempotency_lifetime);
    if (!id)
      return std::nullopt;
    auto record = reader.find_bulk_job(organization_, *id);
    if (record && record->job.request_digest != digest_of(wish_))
      throw refusal{model::errc::idempotency_mismatch, {}};
    return record;
  }

  store::bulk_job_record new_job() {
    if (!wish_.dry_run
        && owner_.parts_.reader.open_bulk_jobs().size() >= owner_.limits_.jobs_open_max)
      throw refusal{model::errc::overloaded, "too many bulk jobs are not over yet"};
    store::bulk_job_record made;
    const auto now = model::wall_clock();
    made.job.id = model::thread_ids().next_as<model::bulk_id>(now);
    made.job.organization = organization_;
    made.job.what = wish_.what;
    made.job.request_digest = digest_of(wish_);
    made.job.created_at = now;
    made.key = key_;
    fresh_ = true;
    return made;
  }

  void append_ready() {
    auto rows = receipt_->take_rows();
    if (rows.empty() || wish_.dry_run)
      return;
    add_job_rows(receipt_->record(), rows);
    begun_ = true;
    {
      const std::lock_guard lock{mutex_};
      ++in_flight_;
    }
    owner_.parts_.journal.append(
      {.rows = rows, .listener = shared_from_this(), .token = of_a_piece});
  }

  void add_job_rows(const store::bulk_job_record& record, std::vector<store::row>& rows) {
    for (auto& row : store::bulk_job_rows(record))
      rows.push_back(std::move(row));
    if (std::exchange(fresh_, false) && key_.has_value())
      rows.push_back(store::bulk_key_row(record));
  }

  /// The answer, or nothing when it waits for the disk.
  std::optional<http::response> conclude() {
    begin();  // Of a body without bytes.
    receipt_->finish();
    auto record = receipt_->record();
    if (wish_.dry_run)
      return to_response(dry_answer(*receipt_));
    if (record.job.state != model::bulk_state::receiving)
      return to_response(bulk_answer(
        202, record, owner_.parts_.reader.bulk_counts(organization_, record.job.id),
        receipt_->refused()));
    record.job.state = model::bulk_state::scheduled;
    auto rows = receipt_->take_rows();
    add_job_rows(record, rows);
    answer_ = to_response(bulk_answer(202, record, {}, receipt_->refused()));
    const auto& job = record.job;
    const model::event event{
      {}, model::wall_clock(),
      model::bulk_changed{job.id, job.state, job.lines, job.accepted, job.refused, {}}};
    owner_.parts_.journal.append({.pair_key = model::bulk_pair(organization_, job.id).key(),
                                  .organization = organization_,
                                  .events = std::span{&event, 1},
                                  .rows = rows,
                                  .listener = shared_from_this(),
                                  .token = of_the_last_piece});
    return std::nullopt;
  }

  bulk_uploads& owner_;
  const std::uint32_t organization_;
  const bulk_wish wish_;
  const model::id128 key_;
  bool key_begun_ = false;
  bool fresh_ = false;  ///< Nothing of it is appended yet.
  bool begun_ = false;  ///< Something is.
  bool ended_ = false;  ///< All of it is durable.
  std::optional<bulk_receipt> receipt_;
  http::ticket where_;
  http::response answer_;

  std::mutex mutex_;  // Guards the next two.
  std::size_t in_flight_ = 0;
  continuation held_;  ///< Goes on when something is durable.
};

bulk_uploads::bulk_uploads(bulk_upload_parts parts, bulk_upload_limits limits,
                           std::function<void(http::ticket, http::response)> answer)
  : parts_(parts), limits_(limits), answer_(std::move(answer)) {}

std::shared_ptr<http::body_consumer> bulk_uploads::receive(http::request& head) {
  constexpr std::size_t key_bytes_max = 255;
  const auto directory = parts_.directory.present();
  const auto caller = authenticate(*directory, head.header("Authorization"));
  require_scope(*caller.key, "messages:write");
  require_role(viewer_of(caller), model::role::agent);
  parts_.counts.api_requests.fetch_add(1, std::memory_order_relaxed);
  auto wish = read_bulk_wish(caller, *directory, head.query, head.header("Content-Type"),
                             model::wall_clock());
  const auto key = head.header("Idempotency-Key");
  if (key.size() > key_bytes_max)
    throw refusal{model::errc::malformed, "`Idempotency-Key` is longer than 255 bytes"};
  if (open_.fetch_add(1, std::memory_order_relaxed) >= limits_.uploads_max) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    throw refusal{model::errc::overloaded, "too many bulk jobs are being uploaded"};
  }
  const auto digest = key.empty() ? model::id128{}
                                  : idempotency_digest(caller.owner->id, caller.key->name, key);
  return std::make_shared<incoming_job>(*this, caller.owner->index, std::move(wish), digest);
}

void bulk_uploads::finish(http::request& complete, http::ticket where) {
  auto job = std::static_pointer_cast<incoming_job>(std::move(complete.consumer));
  if (!parts_.pool.try_post([job = std::move(job), where] { job->finish(where); }))
    throw refusal{model::errc::overloaded, "too many bulk jobs are being uploaded"};
}

http::response bulk_uploads::refused(model::errc code, std::string_view detail) const {
  parts_.counts.count_refusal(code);
  return to_response(problem(code, detail, limits_.retry_after_s));
}

bool bulk_uploads::begin_key(std::uint32_t organization, const model::id128& key) {
  const std::lock_guard lock{mutex_};
  return keys_.emplace(organization, key).second;
}

void bulk_uploads::end_key(std::uint32_t organization, const model::id128& key) {
  const std::lock_guard lock{mutex_};
  keys_.erase({organization, key});
}

}  // namespace parley::ingress
