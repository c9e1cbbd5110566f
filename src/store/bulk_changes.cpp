#include "parley/store/rows.hpp"

#include <algorithm>
#include <variant>

namespace parley::store {
namespace {

/// The line that a delivery's message was sent for, by the events before it or by the state.
model::bulk_line line_of(const model::conversation_state& before,
                         std::span<const model::event> events,
                         const model::message_id& message) {
  for (const auto& event : events)
    if (const auto* added = std::get_if<model::message_added>(&event.body))
      if (added->message == message)
        return added->bulk;
  const auto known = std::ranges::find(before.deliveries, message, &model::delivery::message);
  return known == before.deliveries.end() ? model::bulk_line{} : known->bulk;
}

}  // namespace

std::vector<bulk_line_change> bulk_line_changes(const model::conversation_state& before,
                                                std::span<const model::event> events) {
  std::vector<bulk_line_change> changes;
  const auto add = [&](const model::bulk_line& line, model::bulk_line_state to,
                       std::int32_t error_code, const model::message_id& message) {
    if (line.job.has_value())
      changes.push_back({before.pair.organization, line, to, error_code, message});
  };
  for (const auto& event : events) {
    if (const auto* added = std::get_if<model::message_added>(&event.body))
      add(added->bulk,
          added->send_at == model::timestamp{} ? model::bulk_line_state::queued
                                               : model::bulk_line_state::scheduled,
          0, added->message);
    else if (const auto* moved = std::get_if<model::delivery_changed>(&event.body))
      add(line_of(before, events, moved->message), model::line_state_of(moved->state),
          moved->error_code, moved->message);
  }
  return changes;
}

}  // namespace parley::store
