#include "bench/bulk_jobs.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

#include "bench/callbacks.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

// A line is about 45 bytes, so this is about 1 GB of memory.
constexpr std::size_t lines_max = 20'000'000;
constexpr auto poll_pause = std::chrono::milliseconds{50};

boost::json::object parse_object(const std::string& text) {
  boost::json::error_code failed;
  auto parsed = boost::json::parse(text, failed);
  return failed || !parsed.is_object() ? boost::json::object{} : std::move(parsed.get_object());
}

std::size_t count_at(const boost::json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  boost::json::error_code not_a_number;
  return value == nullptr ? 0 : value->to_number<std::size_t>(not_a_number);
}

}  // namespace

bulk_jobs::bulk_jobs(const bulk_settings& settings, const std::string& start_at, std::uint64_t seed)
  : target_(endpoint::parse(settings.target)),
    patience_(std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>(settings.settle_s))) {
  if (settings.lines > lines_max || settings.lines < settings.jobs)
    throw std::invalid_argument(
      fmt::format("between one line a job and {} lines can be prepared", lines_max));
  for (std::size_t i = 0; i < settings.jobs; ++i) {
    const auto end = settings.lines * (i + 1) / settings.jobs;
    bulk_order order;
    order.from = number_at(settings.number_base, i);
    order.user = "agent" + std::to_string(i + 1);
    order.start_at = start_at;
    order.first_ordinal = lines_;
    order.lines = end - lines_;
    order.idempotency_key = fmt::format("{:016x}-bulk-{}", seed, i);
    order.chunked = settings.chunked;
    requests_.push_back(bulk_request(target_, settings.api_key, order));
    lines_of_.push_back(order.lines);
    lines_ = end;
  }
}

std::size_t bulk_jobs::bytes() const noexcept {
  std::size_t total = 0;
  for (const auto& request : requests_)
    total += request.size();
  return total;
}

void bulk_jobs::upload_all() {
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    auto answer = upload(target_, requests_[i], patience_);
    const auto job = parse_object(answer.body);
    const auto* id = job.if_contains("id");
    if (answer.status != 202 || id == nullptr || !id->is_string()
        || count_at(job, "accepted") != lines_of_[i])
      throw std::runtime_error(fmt::format("bulk upload {} of {} was answered {} {}", i + 1,
                                           requests_.size(), answer.status,
                                           answer.body.substr(0, 500)));
    ids_.emplace_back(id->get_string());
    answers_.push_back(std::move(answer));
  }
}

std::chrono::nanoseconds bulk_jobs::elapsed() const {
  if (answers_.empty())
    return {};
  return answers_.back().started + answers_.back().elapsed - answers_.front().started;
}

boost::json::object job_of(api_client& api, const std::string& id) {
  const auto answer = api.get("/v1/bulk/" + id);
  auto job = parse_object(answer.body);
  if (answer.status != 200 || !job.contains("state"))
    throw std::runtime_error(fmt::format("GET /v1/bulk/{} was answered {} {}", id, answer.status,
                                         answer.body.substr(0, 200)));
  return job;
}

std::optional<boost::json::object> await_jobs(api_client& api, const std::vector<std::string>& ids,
                                              std::chrono::duration<double> patience) {
  const auto until = clock::now() + std::chrono::duration_cast<clock::duration>(patience);
  std::optional<boost::json::object> job;
  for (const auto& id : ids)
    for (;;) {
      job = job_of(api, id);
      const auto& state = job->at("state");
      if (state == "completed" || state == "canceled" || clock::now() > until)
        break;
      std::this_thread::sleep_for(poll_pause);
    }
  return job;
}

}  // namespace parley::bench
