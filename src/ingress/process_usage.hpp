#pragma once

namespace parley::ingress {

/// What the process uses.
struct process_usage {
  double cpu_s = 0;           ///< User and system, since the start.
  double resident_bytes = 0;  ///< 0 when the system does not say.
};

[[nodiscard]] process_usage read_process_usage();

}  // namespace parley::ingress
