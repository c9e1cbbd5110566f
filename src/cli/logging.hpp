#pragma once

#include <string>

namespace parley::cli {

/// Gives every room a logger of its name, all to standard error at one level (a name of the option
/// `log.level`). Call it once, before any thread runs: rooms look their logger up at first use.
void start_logging(const std::string& level);

}  // namespace parley::cli
