#include "parley/model/message.hpp"

#include <array>

namespace parley::model {

namespace {

constexpr auto delivery_states
  = std::to_array({delivery_state::scheduled, delivery_state::queued, delivery_state::sending,
                   delivery_state::unknown, delivery_state::sent, delivery_state::delivered,
                   delivery_state::read, delivery_state::undelivered, delivery_state::failed,
                   delivery_state::canceled, delivery_state::expired});

}  // namespace

std::string_view to_string(direction value) noexcept {
  switch (value) {
    case direction::inbound:
      return "inbound";
    case direction::outbound:
      return "outbound";
    case direction::internal:
      return "internal";
    case direction::note:
      return "note";
  }
  return {};
}

std::string_view to_string(author::kind value) noexcept {
  switch (value) {
    case author::kind::contact:
      return "contact";
    case author::kind::user:
      return "user";
    case author::kind::team:
      return "team";
    case author::kind::system:
      return "system";
  }
  return {};
}

std::string_view to_string(delivery_state value) noexcept {
  switch (value) {
    case delivery_state::scheduled:
      return "scheduled";
    case delivery_state::queued:
      return "queued";
    case delivery_state::sending:
      return "sending";
    case delivery_state::unknown:
      return "unknown";
    case delivery_state::sent:
      return "sent";
    case delivery_state::delivered:
      return "delivered";
    case delivery_state::read:
      return "read";
    case delivery_state::undelivered:
      return "undelivered";
    case delivery_state::failed:
      return "failed";
    case delivery_state::canceled:
      return "canceled";
    case delivery_state::expired:
      return "expired";
  }
  return {};
}

std::optional<delivery_state> delivery_state_of(std::string_view text) noexcept {
  for (const auto state : delivery_states)
    if (text == to_string(state))
      return state;
  return std::nullopt;
}

bool is_final(delivery_state value) noexcept {
  switch (value) {
    case delivery_state::scheduled:
    case delivery_state::queued:
    case delivery_state::sending:
    case delivery_state::unknown:
    case delivery_state::sent:
      return false;
    case delivery_state::delivered:
    case delivery_state::read:
    case delivery_state::undelivered:
    case delivery_state::failed:
    case delivery_state::canceled:
    case delivery_state::expired:
      return true;
  }
  return true;
}

bool advances(delivery_state from, delivery_state to) noexcept {
  if (is_final(from))
    return from == delivery_state::delivered && to == delivery_state::read;
  // The enumerators stand in the order of their ranks, and all that is final comes last.
  return to > from;
}

}  // namespace parley::model
