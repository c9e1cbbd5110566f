#include "actors/envelope.hpp"

#include <variant>

namespace parley::actors {

std::uint64_t line_position(const envelope& asked) noexcept {
  const auto* start = std::get_if<model::start_conversation>(&asked.what);
  return start == nullptr ? 0 : start->first.bulk.position;
}

void tell_refused_line(const envelope& asked, model::errc why) {
  if (asked.told)
    caf::anon_send(asked.told, line_outcome{line_position(asked), why});
}

}  // namespace parley::actors
