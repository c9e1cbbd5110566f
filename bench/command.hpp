#pragma once

#include <functional>

namespace parley::bench {

/// What a subcommand does when the command line names it: its exit code.
using subcommand = std::function<int()>;

}  // namespace parley::bench
