#pragma once

#include <filesystem>
#include <optional>

#include "parley/cli/configuration.hpp"

namespace parley::cli {

/// Runs the broker until SIGTERM or SIGINT, drains it, and returns the exit status. Throws
/// `input_error`, `store::store_error` or `std::system_error` when it cannot start.
[[nodiscard]] int serve(const configuration& wanted,
                        const std::optional<std::filesystem::path>& provisioning);

}  // namespace parley::cli
