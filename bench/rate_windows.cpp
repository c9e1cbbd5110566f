#include "bench/rate_windows.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;
using times_of_number = std::vector<clock::time_point>;

constexpr auto window_lengths
  = {std::chrono::seconds{1}, std::chrono::seconds{10}, std::chrono::seconds{60}};

/// The most in any half-open window; one that is fullest begins with a message.
std::uint64_t fullest(const times_of_number& times, std::chrono::seconds length) {
  std::size_t most = 0;
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < times.size(); ++begin) {
    while (end < times.size() && times[end] < times[begin] + length)
      ++end;
    most = std::max(most, end - begin);
  }
  return most;
}

double achieved(const times_of_number& times, double rate_per_s) {
  const auto seconds = std::chrono::duration<double>(times.back() - times.front()).count();
  return seconds > 0 ? static_cast<double>(times.size() - 1) / seconds / rate_per_s : 0.0;
}

}  // namespace

bool rate_findings::within() const noexcept {
  return std::ranges::all_of(windows, [](const window_finding& window) {
    return static_cast<double>(window.worst) <= window.proof;
  });
}

rate_findings check_rates(const std::vector<times_of_number>& times, const rate_bound& bound) {
  rate_findings findings;
  double sum = 0;
  for (const auto& of_one : times) {
    findings.messages += of_one.size();
    if (of_one.size() < 2)
      continue;
    const auto share = achieved(of_one, bound.rate_per_s);
    findings.achieved_min = findings.numbers == 0 ? share : std::min(findings.achieved_min, share);
    findings.achieved_max = std::max(findings.achieved_max, share);
    sum += share;
    ++findings.numbers;
  }
  if (findings.numbers > 0)
    findings.achieved_mean = sum / static_cast<double>(findings.numbers);
  for (const auto length : window_lengths) {
    const auto seconds = static_cast<double>(length.count());
    window_finding window{.length = length,
                          .allowed = bound.rate_per_s * seconds + bound.burst,
                          .proof = bound.rate_per_s * (seconds + bound.slack_s) + bound.burst};
    for (const auto& of_one : times)
      window.worst = std::max(window.worst, fullest(of_one, length));
    findings.windows.push_back(window);
  }
  return findings;
}

boost::json::object to_json(const rate_findings& findings) {
  boost::json::array windows;
  for (const auto& window : findings.windows)
    windows.push_back({{"seconds", window.length.count()},
                       {"allowed", window.allowed},
                       {"proof", window.proof},
                       {"worst", window.worst}});
  return {{"numbers", findings.numbers},
          {"messages", findings.messages},
          {"achieved_min", findings.achieved_min},
          {"achieved_mean", findings.achieved_mean},
          {"achieved_max", findings.achieved_max},
          {"windows", std::move(windows)},
          {"within", findings.within()}};
}

void print(const rate_findings& findings) {
  fmt::print("  achieved      {:.4f} of the limit (mean of {} numbers; {:.4f} to {:.4f}), {} "
             "messages\n",
             findings.achieved_mean, findings.numbers, findings.achieved_min, findings.achieved_max,
             findings.messages);
  for (const auto& window : findings.windows) {
    const auto worst = static_cast<double>(window.worst);
    fmt::print("  any {:>2} s      worst {} of {:.1f} allowed{}\n", window.length.count(),
               window.worst, window.allowed,
               worst <= window.allowed ? ""
               : worst <= window.proof ? "; more than allowed, as the way alone can make it"
                                       : "; SENT TOO FAST");
  }
}

}  // namespace parley::bench
