// libFuzzer: whatever a stranger posts to a Twilio link's URL. The first byte splits the input into
// a signature and a body, so that all three ways in see bytes of their own.
#include "parley/carrier/form.hpp"
#include "parley/carrier/twilio.hpp"
#include "parley/carrier/twilio_signature.hpp"
#include "parley/text/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

namespace {

using namespace parley;

constexpr std::size_t parameters_max = 200;

void require(bool holds) {
  if (!holds)
    std::abort();
}

/// What the decoder accepts, the encoder writes so that it reads back the same.
void check_round_trip(const carrier::form& decoded) {
  std::string again;
  for (const auto& [key, value] : decoded.parameters())
    carrier::append_parameter(again, key, value);
  const carrier::form second{again, parameters_max};
  require(second.ok() && second.parameters() == decoded.parameters());
}

using decoded_callback = std::variant<carrier::twilio_callback, carrier::malformed_callback>;

void check_message(const decoded_callback& decoded) {
  const auto* callback = std::get_if<carrier::twilio_callback>(&decoded);
  if (callback == nullptr)
    return;
  const auto& message = std::get<model::receive_message>(callback->what);
  require(model::address::parse(callback->ours.text()) == callback->ours);
  require(model::address::parse(callback->theirs.text()) == callback->theirs);
  require(text::is_clean_utf8(message.what->body));
  require(carrier::is_carrier_id(message.what->provider_id));
  require(message.dedupe.has_value() && message.segments >= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  if (input.empty())
    return 0;
  const std::size_t split = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  const auto signature = input.substr(0, split);
  input.remove_prefix(signature.size());

  const carrier::form decoded{std::string{input}, parameters_max};
  require(decoded.ok() == decoded.fault().empty());
  if (decoded.ok())
    check_round_trip(decoded);
  check_message(carrier::decode_twilio_inbound(decoded));
  (void)carrier::decode_twilio_status(decoded);
  (void)carrier::decode_twilio_send_answer(201, input);
  const std::string url{signature};
  const auto right = carrier::twilio_signature("token", url, decoded.parameters());
  require(carrier::twilio_signature_matches("token", url, decoded.parameters(), right));
  require(!carrier::twilio_signature_matches("other", url, decoded.parameters(), right));
  (void)carrier::twilio_signature_matches("token", url, decoded.parameters(), signature);
  (void)carrier::twilio_body_signature_matches("token", url, input, signature);
  return 0;
}
