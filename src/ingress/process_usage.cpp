#include "src/ingress/process_usage.hpp"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <fstream>

namespace parley::ingress {

namespace {

double seconds(const timeval& time) noexcept {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

process_usage read_process_usage() {
  process_usage found;
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0)
    found.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
  // proc(5): total and resident pages.
  std::ifstream statm{"/proc/self/statm"};
  double total_pages = 0;
  double resident_pages = 0;
  if (statm >> total_pages >> resident_pages)
    found.resident_bytes = resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  return found;
}

}  // namespace parley::ingress
