#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace parley::bench {

/// A program that this one started. Killed and waited for when the object goes.
class broker_process {
public:
  /// Starts it; its output goes to the end of `log_file`. Throws `std::system_error`.
  broker_process(const std::vector<std::string>& command, const std::string& log_file);
  ~broker_process();
  broker_process(const broker_process&) = delete;
  broker_process& operator=(const broker_process&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  void send(int signal) const noexcept;
  /// Waits for its end: the exit code, or minus the signal that ended it; empty after the timeout.
  [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds timeout);

private:
  pid_t id_ = -1;
  bool ended_ = false;
};

}  // namespace parley::bench
