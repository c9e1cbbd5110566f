#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/send_book.hpp"

namespace parley::bench {

/// An error as Twilio's REST API answers it.
struct twilio_error {
  int status = 400;
  int code = 0;
  std::string_view message;
};

namespace twilio_errors {
inline constexpr twilio_error unauthorized{401, 20003, "Authenticate"};
inline constexpr twilio_error not_found{404, 20404, "The requested resource was not found"};
inline constexpr twilio_error too_many{429, 20429, "Too Many Requests"};
inline constexpr twilio_error internal{500, 20500, "Internal Server Error"};
inline constexpr twilio_error unavailable{503, 20503, "Service Unavailable"};
inline constexpr twilio_error bad_to{400, 21211, "The 'To' number is not a valid phone number."};
inline constexpr twilio_error no_body{400, 21602, "Message body is required."};
inline constexpr twilio_error no_from{400, 21603, "A 'From' phone number is required."};
inline constexpr twilio_error no_to{400, 21604, "A 'To' phone number is required."};
inline constexpr twilio_error opted_out{400, 21610, "Attempt to send to unsubscribed recipient"};
inline constexpr twilio_error malformed{400, 20001, "The form cannot be read."};
}  // namespace twilio_errors

/// `{code, message, more_info, status}`.
[[nodiscard]] std::string to_json(const twilio_error& error);

/// The message resource that answers an accepted send.
[[nodiscard]] std::string message_resource(const send_record& request);

/// Whether `Authorization: Basic` names this account and token.
[[nodiscard]] bool basic_auth_matches(std::string_view header, std::string_view account_sid,
                                      std::string_view auth_token);

/// `+` and 7 to 15 digits, the first not 0; or the same after `whatsapp:`.
[[nodiscard]] bool is_e164(std::string_view address);

/// The account in `/2010-04-01/Accounts/{AC}/Messages.json`; empty for any other path.
[[nodiscard]] std::optional<std::string> account_in_path(std::string_view path);

}  // namespace parley::bench
