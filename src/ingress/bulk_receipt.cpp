#include "src/ingress/bulk_receipt.hpp"

#include <iterator>
#include <utility>
#include <variant>

#include "parley/bulk/chain.hpp"
#include "src/ingress/problem.hpp"

namespace parley::ingress {

namespace {

[[noreturn]] void refuse_other_lines() {
  throw refusal{model::errc::idempotency_mismatch,
                "these are not the lines that came with this key before"};
}

}  // namespace

bulk_receipt::bulk_receipt(store::bulk_job_record record, const bulk_wish& wish,
                           receipt_limits limits, std::vector<model::bulk_refusal> refused_before)
  : record_(std::move(record)),
    limits_(limits),
    known_lines_(record_.job.lines),
    known_(record_.received),
    complete_(record_.job.state != model::bulk_state::receiving),
    cut_(wish.format, limits.line_bytes_max),
    reader_(wish.format, record_.job.what, wish.entry ? &*wish.entry : nullptr,
            limits.json_depth_max),
    refused_total_(record_.job.refused),
    segments_(record_.job.segments),
    cost_(wish.cost),
    refused_(std::move(refused_before)) {}

void bulk_receipt::take(std::string_view bytes) {
  cut_.take(bytes, [this](const bulk::raw_line& line) { take_line(line); });
}

void bulk_receipt::finish() {
  cut_.finish([this](const bulk::raw_line& line) { take_line(line); });
  if (reader_.lines() < known_lines_)
    refuse_other_lines();
  if (complete_)
    return;
  if (reader_.lines() == 0)
    throw refusal{model::errc::malformed, "there are no lines"};
  if (!block_.empty())
    close_block();
  move_point();
}

std::vector<store::row> bulk_receipt::take_rows() {
  std::vector<store::row> ready{std::make_move_iterator(rows_.begin()),
                                std::make_move_iterator(rows_.begin()
                                                        + static_cast<std::ptrdiff_t>(ready_))};
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(ready_));
  ready_ = 0;
  return ready;
}

void bulk_receipt::take_line(const bulk::raw_line& line) {
  auto read = reader_.read(line);
  const auto number = reader_.lines();
  digest_ = bulk::chained(digest_, line.text);
  if (number <= known_lines_ || complete_) {
    compare(number);
    return;
  }
  if (auto* accepted = std::get_if<bulk::accepted_line>(&read)) {
    segments_ += accepted->segments;
    if (cost_)
      cost_->add(accepted->to.identifier, accepted->segments);
    block_.push_back(std::move(accepted->entry));
    if (block_.size() == store::bulk_block_lines)
      close_block();
  } else if (auto* no = std::get_if<model::bulk_refusal>(&read)) {
    refuse(std::move(*no));
  }
  if (block_.empty())
    move_point();
}

void bulk_receipt::compare(std::uint64_t number) const {
  if (number > known_lines_ || (number == known_lines_ && digest_ != known_))
    refuse_other_lines();
}

void bulk_receipt::refuse(model::bulk_refusal line) {
  if (refused_total_++ < limits_.refused_lines_max)
    rows_.push_back(store::bulk_refused_row(record_.job.organization, record_.job.id, line));
  if (refused_.size() < refused_lines_shown)
    refused_.push_back(std::move(line));
}

void bulk_receipt::close_block() {
  auto& job = record_.job;
  rows_.push_back(store::bulk_block_row(job.organization, job.id,
                                        job.accepted / store::bulk_block_lines, block_));
  job.accepted += block_.size();
  block_.clear();
}

/// Everything up to here can be durable together.
void bulk_receipt::move_point() {
  auto& job = record_.job;
  job.lines = reader_.lines();
  job.refused = refused_total_;
  job.segments = segments_;
  record_.received = digest_;
  ready_ = rows_.size();
}

}  // namespace parley::ingress
