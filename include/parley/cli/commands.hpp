#pragma once

namespace parley::cli {

/// Runs `parley` with the program's arguments; returns its exit status (0 done, 1 the work failed,
/// 2 the arguments, the configuration or the provisioning file are wrong).
[[nodiscard]] int run(int argc, char** argv);

}  // namespace parley::cli
