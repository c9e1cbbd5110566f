#pragma once

#include <cstdint>
#include <string>

#include "parley/model/event.hpp"
#include "parley/model/message.hpp"

namespace parley::model {

/// The carrier's code for a recipient who has opted out (Twilio).
inline constexpr std::int32_t carrier_opted_out = 21610;
/// Twilio's code for a free-form message outside WhatsApp's window (mission 7).
inline constexpr std::int32_t carrier_outside_window = 63016;

/// What a message from outside says about consent (mission 5).
struct consent_notice {
  /// `asks_person`: it most likely means an opt-out, and a person should look.
  enum class kind : std::uint8_t { opt_out = 1, opt_in, help, asks_person };

  kind wants = kind::opt_out;
  consent_source source = consent_source::keyword;
  std::string address;      ///< Whose wish it is.
  bool everywhere = false;  ///< It is about all numbers of the organisation, not only the pair's.
  content_ptr answer;       ///< Null: nothing is answered, or the carrier has.
  std::uint32_t segments = 0;  ///< Of the answer.
};

}  // namespace parley::model
