#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "parley/carrier/form.hpp"
#include "parley/model/address.hpp"
#include "parley/model/command.hpp"
#include "parley/model/consent.hpp"
#include "parley/model/message.hpp"

namespace parley::carrier {

/// A callback of Twilio's that was understood: who it is between, and what it asks for.
struct twilio_callback {
  model::address ours;
  model::address theirs;
  model::command what;  ///< `receive_message` or `report_delivery`.
};

/// Why a callback cannot be read: names the parameter.
struct malformed_callback {
  std::string detail;
};

/// Reads an inbound message (wire.md 1). Needs MessageSid (or SmsSid), From, To, and a Body or
/// media; an empty Body without media is a message too (people send blank texts). Parameters it
/// does not know are kept in `content::extra`, form-urlencoded. Bodies must be valid UTF-8 without
/// NUL.
[[nodiscard]] std::variant<twilio_callback, malformed_callback>
decode_twilio_inbound(const form& body);

/// Reads a status callback: MessageSid, MessageStatus, To, From, ErrorCode.
[[nodiscard]] std::variant<twilio_callback, malformed_callback>
decode_twilio_status(const form& body);

/// Whether this can be a carrier's message id: 1 to 64 printable ASCII characters without spaces.
[[nodiscard]] bool is_carrier_id(std::string_view text) noexcept;

/// Digest by which a carrier's message id is remembered: `SM…`/`MM…` and 32 hex digits as they are,
/// any other id hashed to 128 bits.
[[nodiscard]] model::id128 carrier_id_digest(std::string_view provider_id);

/// The `Authorization` field that shows these credentials (RFC 7617).
[[nodiscard]] std::string basic_authorization(std::string_view user, std::string_view password);

/// A send in Twilio's REST form (wire.md 2).
struct twilio_send {
  std::string url;
  std::string authorization;  ///< `Basic …`.
  std::string body;           ///< application/x-www-form-urlencoded.
};

struct twilio_send_options {
  std::string_view api_base;
  std::string_view account_sid;
  std::string_view auth_token;
  std::string_view status_callback;  ///< Empty: none is asked for.
};

/// Over WhatsApp a message that was made from a template of Twilio's own leaves as `ContentSid` and
/// `ContentVariables`; everything else as `Body` and `MediaUrl`s (mission 7).
[[nodiscard]] twilio_send encode_twilio_send(const twilio_send_options& options,
                                             const model::address& from, const model::address& to,
                                             const model::content& what);

/// What the carrier's answer to a send means for the delivery (mission 6, retry classes).
struct twilio_send_outcome {
  enum class kind : std::uint8_t { accepted, throttled, transient, permanent };

  kind what = kind::transient;
  std::string provider_id;      ///< When accepted.
  std::int32_t error_code = 0;  ///< Twilio's code, or the HTTP status when the body has none.
};

/// Reads the answer. 201 (or 200) with a sid is accepted; one without is `transient`, because a
/// proxy may have spoken; 429, 20429 and 63018 are throttled; 5xx transient; every other 4xx
/// permanent.
[[nodiscard]] twilio_send_outcome decode_twilio_send_answer(int status, std::string_view body);

/// What Twilio has read in an inbound message and answered itself (Advanced Opt-Out's
/// `OptOutType`); nothing when it has not.
/// @param extra the message's other parameters, form-urlencoded.
[[nodiscard]] std::optional<model::consent_notice::kind> opt_out_type(std::string_view extra);

}  // namespace parley::carrier
