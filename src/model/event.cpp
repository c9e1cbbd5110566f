#include "parley/model/event.hpp"

namespace parley::model {

namespace {

/// One overload a kind: a new kind of event does not compile until it says here how it is shown.
struct type_of {
  std::string_view operator()(const conversation_opened&) const { return "conversation.created"; }
  std::string_view operator()(const message_added&) const { return "conversation.message.created"; }
  std::string_view operator()(const delivery_changed&) const { return "delivery.updated"; }
  std::string_view operator()(const report_parked&) const { return {}; }
  std::string_view operator()(const conversation_idled&) const { return "conversation.inactive"; }
  std::string_view operator()(const conversation_closed&) const { return "conversation.closed"; }
  std::string_view operator()(const read_advanced&) const { return "conversation.updated"; }
  std::string_view operator()(const timer_rearmed&) const { return {}; }
  std::string_view operator()(const conversation_claimed&) const { return "conversation.claimed"; }
  std::string_view operator()(const conversation_released&) const {
    return "conversation.released";
  }
  std::string_view operator()(const conversation_transferred&) const {
    return "conversation.updated";
  }
  std::string_view operator()(const participant_added&) const {
    return "conversation.participant_added";
  }
  std::string_view operator()(const participant_removed&) const {
    return "conversation.participant_removed";
  }
  std::string_view operator()(const conversation_snoozed&) const { return "conversation.updated"; }
  std::string_view operator()(const labels_changed&) const { return "conversation.updated"; }
  std::string_view operator()(const conversation_escalated&) const {
    return "conversation.updated";
  }
  std::string_view operator()(const priority_changed&) const { return "conversation.updated"; }
  std::string_view operator()(const conversation_reopened&) const { return "conversation.updated"; }
  std::string_view operator()(const contact_assigned&) const {
    return "conversation.contact_assigned";
  }
  std::string_view operator()(const message_redacted&) const {
    return "conversation.message.updated";
  }
  std::string_view operator()(const media_settled&) const { return "conversation.message.updated"; }
  std::string_view operator()(const question_asked&) const { return {}; }
  std::string_view operator()(const question_settled&) const { return "conversation.updated"; }
  std::string_view operator()(const attributes_changed&) const { return "conversation.updated"; }
  std::string_view operator()(const availability_changed&) const {
    return "user.availability.updated";
  }
  std::string_view operator()(const consent_changed&) const { return "consent.changed"; }
  std::string_view operator()(const bulk_changed& changed) const {
    return is_over(changed.state) ? "bulk.completed" : "bulk.progress";
  }
  std::string_view operator()(const message_edited&) const {
    return "conversation.message.updated";
  }
};

}  // namespace

std::string_view external_type(const event_body& body) noexcept {
  return std::visit(type_of{}, body);
}

}  // namespace parley::model
