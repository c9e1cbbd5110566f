#pragma once

#include <spdlog/spdlog.h>

namespace parley::ingress {

/// The room's logger: the one named `ingress` when the program made one, else the default.
spdlog::logger& log();

}  // namespace parley::ingress
