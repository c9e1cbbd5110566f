#pragma once

#include <spdlog/spdlog.h>

namespace parley::http {

/// The room's logger: the one named `http` when the program made one, else the default.
spdlog::logger& log();

}  // namespace parley::http
