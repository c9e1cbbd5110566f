#include "src/cli/logging.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace parley::cli {

void start_logging(const std::string& level) {
  const auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  for (const char* room : {"store", "http", "actors", "ingress"})
    spdlog::register_logger(std::make_shared<spdlog::logger>(room, sink));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("cli", sink));
  // RFC 3339 in UTC, like every other time that Parley prints.
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %n: %v", spdlog::pattern_time_type::utc);
  // spdlog says `warning` where the configuration, like most programs, says `warn`; it reads both.
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace parley::cli
