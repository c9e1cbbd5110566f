#include "bench/send_book.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace parley::bench {

namespace {

boost::json::object to_json(std::size_t number, const send_record& request) {
  boost::json::array reports;
  for (const auto& report : request.reports)
    reports.push_back({{"status", report.status},
                       {"answer", report.answer},
                       {"attempts", report.attempts},
                       {"dropped", report.dropped}});
  return {{"index", number},
          {"sid", request.sid},
          {"account_sid", request.account_sid},
          {"to", request.to},
          {"from", request.from},
          {"body", request.body},
          {"received_ms", request.received_ms},
          {"outcome", request.outcome},
          {"accepted", request.accepted},
          {"status_callback", request.status_callback},
          {"reports", std::move(reports)}};
}

}  // namespace

send_book::send_book(const std::string& log_file, std::size_t kept_max) : kept_max_(kept_max) {
  if (log_file.empty())
    return;
  log_ = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log_ < 0)
    throw std::system_error(errno, std::generic_category(), log_file);
}

send_book::~send_book() {
  if (log_ >= 0)
    ::close(log_);
}

std::size_t send_book::add(send_record request) {
  const std::lock_guard lock{mutex_};
  const auto number = forgotten_ + kept_.size();
  if (log_ >= 0) {
    const auto line = boost::json::serialize(to_json(number, request)) + "\n";
    // One write to an O_APPEND file: the line is whole, and in the page cache, before the answer.
    if (::write(log_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      throw std::system_error(errno, std::generic_category(), "the log of sends");
  }
  if (request.accepted)
    ++accepted_;
  kept_.push_back(std::move(request));
  if (kept_.size() > kept_max_) {
    kept_.pop_front();
    ++forgotten_;
  }
  return number;
}

void send_book::report(std::size_t number, report_record what) {
  const std::lock_guard lock{mutex_};
  if (number >= forgotten_)
    kept_[number - forgotten_].reports.push_back(std::move(what));
}

std::size_t send_book::accepted() const {
  const std::lock_guard lock{mutex_};
  return accepted_;
}

std::string send_book::lines(std::size_t first, std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  std::string text;
  const auto begin = std::max(first, forgotten_) - forgotten_;
  for (auto i = begin; i < kept_.size() && i - begin < limit; ++i) {
    text += boost::json::serialize(to_json(forgotten_ + i, kept_[i]));
    text.push_back('\n');
  }
  return text;
}

std::vector<send_record> send_book::accepted_sends() const {
  const std::lock_guard lock{mutex_};
  std::vector<send_record> found;
  std::ranges::copy_if(kept_, std::back_inserter(found), &send_record::accepted);
  return found;
}

}  // namespace parley::bench
