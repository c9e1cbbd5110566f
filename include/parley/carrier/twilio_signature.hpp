#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace parley::carrier {

/// A decoded form parameter; views into the decoded body.
using parameter = std::pair<std::string_view, std::string_view>;

/// base64(HMAC-SHA1(token, url + each parameter's key and value, sorted by key)); Twilio's
/// "Validating requests". `parameters` in any order; equal keys keep their order.
[[nodiscard]] std::string twilio_signature(std::string_view token, std::string_view url,
                                           std::span<const parameter> parameters);

/// Whether `signature` is right for the URL as configured, or for the URL with its scheme's
/// standard port added or removed. Compares in constant time.
[[nodiscard]] bool twilio_signature_matches(std::string_view token, std::string_view url,
                                            std::span<const parameter> parameters,
                                            std::string_view signature);

/// The same for a body that is not a form: `url` carries `bodySHA256=<hex>` in its query, which
/// must be the body's digest, and no parameters are signed.
[[nodiscard]] bool twilio_body_signature_matches(std::string_view token, std::string_view url,
                                                 std::string_view body,
                                                 std::string_view signature);

}  // namespace parley::carrier
