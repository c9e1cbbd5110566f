#include "bench/message_audit.hpp"

#include <utility>

namespace parley::bench {

namespace {

std::string_view text_at(const boost::json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()}
                                                : std::string_view{};
}

}  // namespace

void message_audit::expect(std::string provider_id, bool acknowledged) {
  auto& message = messages_[std::move(provider_id)];
  message.acknowledged = message.acknowledged || acknowledged;
}

void message_audit::see(const api_event& event) {
  if (event.type != "conversation.message.created" || event.data == nullptr)
    return;
  const auto* nested = event.data->if_contains("message");
  const auto& message
    = nested != nullptr && nested->is_object() ? nested->get_object() : *event.data;
  const auto direction = text_at(message, "direction");
  if (!direction.empty() && direction != "inbound")
    return;
  const auto found = messages_.find(std::string{text_at(message, "provider_id")});
  if (found == messages_.end())
    ++invented_;
  else
    ++found->second.seen;
}

audit_result message_audit::result() const {
  audit_result result;
  result.invented = invented_;
  for (const auto& [id, message] : messages_) {
    if (message.acknowledged)
      ++result.acknowledged;
    if (message.acknowledged && message.seen == 0)
      ++result.lost;
    if (message.seen > 1)
      ++result.twice;
    if (!message.acknowledged && message.seen > 0)
      ++result.kept_unacknowledged;
  }
  return result;
}

boost::json::object to_json(const audit_result& result) {
  return {{"acknowledged", result.acknowledged},
          {"lost", result.lost},
          {"twice", result.twice},
          {"invented", result.invented},
          {"kept_unacknowledged", result.kept_unacknowledged}};
}

}  // namespace parley::bench
