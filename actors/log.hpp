#pragma once

#include <spdlog/spdlog.h>

namespace parley::actors {

/// The room's logger: the one named `actors` when the program made one, else the default.
spdlog::logger& log();

}  // namespace parley::actors
