#include "parley/model/conversation.hpp"

namespace parley::model {

std::string_view to_string(conversation_phase value) noexcept {
  switch (value) {
    case conversation_phase::none:
      return "none";
    case conversation_phase::active:
      return "active";
    case conversation_phase::inactive:
      return "inactive";
    case conversation_phase::closed:
      return "closed";
  }
  return {};
}

std::string_view to_string(close_reason value) noexcept {
  switch (value) {
    case close_reason::none:
      return "none";
    case close_reason::user:
      return "user";
    case close_reason::idle:
      return "idle";
    case close_reason::api:
      return "api";
    case close_reason::rule:
      return "rule";
    case close_reason::data_action:
      return "data_action";
  }
  return {};
}

}  // namespace parley::model
