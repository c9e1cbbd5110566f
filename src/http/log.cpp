#include "src/http/log.hpp"

#include <memory>

namespace parley::http {

spdlog::logger& log() {
  // Looked up once: the registry takes a lock.
  static const std::shared_ptr<spdlog::logger> room = [] {
    auto named = spdlog::get("http");
    return named ? named : spdlog::default_logger();
  }();
  return *room;
}

}  // namespace parley::http
