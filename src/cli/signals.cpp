#include "src/cli/signals.hpp"

#include <spdlog/spdlog.h>

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace parley::cli {

namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void block_ending_signals() {
  const auto set = ending_signals();
  if (const int fault = pthread_sigmask(SIG_BLOCK, &set, nullptr); fault != 0)
    throw std::system_error{fault, std::generic_category(), "pthread_sigmask"};
  std::signal(SIGPIPE, SIG_IGN);
}

int wait_for_ending_signal() {
  const auto set = ending_signals();
  int signal = 0;
  if (const int fault = sigwait(&set, &signal); fault != 0)
    throw std::system_error{fault, std::generic_category(), "sigwait"};
  return signal;
}

void raise_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
    return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    spdlog::warn("cannot raise the limit of open files: {}",
                 std::generic_category().message(errno));
}

deadline::deadline(std::chrono::milliseconds patience)
  : end_(std::chrono::steady_clock::now() + patience), thread_([this] { wait(); }) {}

deadline::~deadline() {
  {
    const std::lock_guard lock{mutex_};
    done_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void deadline::wait() {
  std::unique_lock lock{mutex_};
  if (changed_.wait_until(lock, end_, [this] { return done_; }))
    return;
  spdlog::critical("not stopped in time: ending at once; what was acknowledged is in the journal");
  spdlog::default_logger()->flush();
  _exit(EXIT_FAILURE);
}

}  // namespace parley::cli
