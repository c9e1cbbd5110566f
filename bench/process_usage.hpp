#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include <sys/types.h>

namespace parley::bench {

/// What a process has used since it was started, from /proc.
struct process_usage {
  std::chrono::microseconds cpu_user{};  ///< In steps of the kernel's clock tick (10 ms).
  std::chrono::microseconds cpu_system{};
  /// Given to write calls on files (sends over sockets are none); empty when /proc does not say.
  /// Its `write_bytes` would be several times what reaches the disk where the kernel keeps files in
  /// large folios: it counts a whole one for each page of it that is written.
  std::optional<std::uint64_t> write_bytes;
  std::uint64_t resident_bytes = 0;
  std::uint64_t resident_bytes_max = 0;  ///< The high-water mark.

  [[nodiscard]] std::chrono::microseconds cpu() const noexcept { return cpu_user + cpu_system; }
};

/// Empty when there is no such process or its files cannot be read.
[[nodiscard]] std::optional<process_usage> usage_of(pid_t process);

/// CPU time of this process, all threads.
[[nodiscard]] std::chrono::microseconds own_cpu();

/// Bytes that the files below a directory occupy on disk: of a sparse file only what is allocated.
[[nodiscard]] std::uint64_t disk_bytes(const std::filesystem::path& directory);

}  // namespace parley::bench
