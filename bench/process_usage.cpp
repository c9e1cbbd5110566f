#include "bench/process_usage.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace parley::bench {

namespace {

std::string file_of(pid_t process, const char* name) {
  std::ifstream in{"/proc/" + std::to_string(process) + "/" + name};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The number after `label` in a file of `label: number` lines.
std::optional<std::uint64_t> labelled(const std::string& text, const std::string& label) {
  const auto at = text.find(label);
  if (at == std::string::npos || (at != 0 && text[at - 1] != '\n'))
    return std::nullopt;
  std::uint64_t value = 0;
  std::istringstream in{text.substr(at + label.size())};
  return in >> value ? std::optional{value} : std::nullopt;
}

}  // namespace

std::optional<process_usage> usage_of(pid_t process) {
  const auto stat = file_of(process, "stat");
  const auto name_end = stat.rfind(')');  // The name may hold spaces and parentheses.
  if (name_end == std::string::npos)
    return std::nullopt;
  std::istringstream in{stat.substr(name_end + 1)};
  std::string skipped;
  for (int field = 3; field <= 13; ++field)
    in >> skipped;
  std::int64_t user_ticks = 0;
  std::int64_t system_ticks = 0;
  if (!(in >> user_ticks >> system_ticks))
    return std::nullopt;
  const auto tick_us = 1'000'000 / ::sysconf(_SC_CLK_TCK);
  process_usage usage;
  usage.cpu_user = std::chrono::microseconds{user_ticks * tick_us};
  usage.cpu_system = std::chrono::microseconds{system_ticks * tick_us};
  usage.write_bytes = labelled(file_of(process, "io"), "wchar:");
  const auto status = file_of(process, "status");
  usage.resident_bytes = labelled(status, "VmRSS:").value_or(0) * 1024;
  usage.resident_bytes_max = labelled(status, "VmHWM:").value_or(0) * 1024;
  return usage;
}

std::chrono::microseconds own_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

std::uint64_t disk_bytes(const std::filesystem::path& directory) {
  std::uint64_t total = 0;
  std::error_code ignored;  // Files come and go while the broker runs.
  for (std::filesystem::recursive_directory_iterator it{directory, ignored}, end; it != end;
       it.increment(ignored)) {
    struct stat info {};
    if (::lstat(it->path().c_str(), &info) == 0 && S_ISREG(info.st_mode))
      total += static_cast<std::uint64_t>(info.st_blocks) * 512;
  }
  return total;
}

}  // namespace parley::bench
