#pragma once

#include <string>

#include "actors/services.hpp"
#include "parley/http/server.hpp"
#include "parley/store/journal.hpp"
#include "src/ingress/admission.hpp"
#include "src/ingress/ingress_counts.hpp"
#include "src/ingress/read_pool.hpp"

namespace parley::ingress {

/// What the metrics page is made of. References to counters that their owners keep.
struct metrics_sources {
  const http::server& server;
  const store::journal& journal;
  const actors::cast_counts& cast;
  const actors::link_gates& links;
  const admission& admitted;
  const read_pool& reads;
  const read_pool& disk;  ///< Where files' bytes are written and read.
  const ingress_counts& counts;
};

/// The page in Prometheus' text format 0.0.4. Names are `parley_<room>_…`; `process_…` as usual.
[[nodiscard]] std::string render_metrics(const metrics_sources& sources);

}  // namespace parley::ingress
