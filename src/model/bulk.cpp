#include "parley/model/bulk.hpp"

namespace parley::model {

namespace {

constexpr std::array<std::string_view, bulk_line_states> line_state_names{
  "waiting",     "queued", "sending",  "unknown", "sent",      "delivered", "read",
  "undelivered", "failed", "canceled", "expired", "scheduled", "refused"};

}  // namespace

std::string_view to_string(bulk_state value) noexcept {
  switch (value) {
    case bulk_state::receiving:
      return "receiving";
    case bulk_state::scheduled:
      return "scheduled";
    case bulk_state::running:
      return "running";
    case bulk_state::paused:
      return "paused";
    case bulk_state::completed:
      return "completed";
    case bulk_state::canceled:
      return "canceled";
  }
  return {};
}

bool is_over(bulk_state value) noexcept {
  return value == bulk_state::completed || value == bulk_state::canceled;
}

std::string_view to_string(bulk_line_state value) noexcept {
  const auto at = static_cast<std::size_t>(value);
  return at < line_state_names.size() ? line_state_names[at] : std::string_view{};
}

std::optional<bulk_line_state> bulk_line_state_of(std::string_view text) noexcept {
  for (std::size_t at = 0; at < line_state_names.size(); ++at)
    if (line_state_names[at] == text)
      return static_cast<bulk_line_state>(at);
  return std::nullopt;
}

bulk_line_state line_state_of(delivery_state value) noexcept {
  static_assert(static_cast<int>(bulk_line_state::queued)
                  == static_cast<int>(delivery_state::queued)
                && static_cast<int>(bulk_line_state::expired)
                     == static_cast<int>(delivery_state::expired));
  if (value == delivery_state::scheduled)
    return bulk_line_state::scheduled;
  return static_cast<bulk_line_state>(value);
}

bool may_be_retried(bulk_line_state value) noexcept {
  return value == bulk_line_state::failed || value == bulk_line_state::undelivered
         || value == bulk_line_state::expired;
}

pair bulk_pair(std::uint32_t organization, const bulk_id& job) {
  return {organization, {channel::chat, "bulk"}, {channel::chat, job.text()}};
}

}  // namespace parley::model
