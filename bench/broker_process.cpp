#include "bench/broker_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <system_error>
#include <thread>

namespace parley::bench {

broker_process::broker_process(const std::vector<std::string>& command,
                               const std::string& log_file) {
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (auto& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log_file.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  const auto failed
    = ::posix_spawn(&id_, words.front().c_str(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0)
    throw std::system_error(failed, std::generic_category(), words.front());
}

broker_process::~broker_process() {
  if (ended_)
    return;
  send(SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

void broker_process::send(int signal) const noexcept {
  if (!ended_)
    ::kill(id_, signal);
}

std::optional<int> broker_process::wait(std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    int status = 0;
    if (::waitpid(id_, &status, WNOHANG) == id_) {
      ended_ = true;
      return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    if (std::chrono::steady_clock::now() >= until)
      return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

}  // namespace parley::bench
