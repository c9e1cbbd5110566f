#include "bench/twilio_answers.hpp"

#include <openssl/evp.h>

#include <boost/json.hpp>

#include <algorithm>
#include <ctime>
#include <vector>

namespace parley::bench {

namespace {

std::string rfc2822(std::int64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  const auto length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &parts);
  return {text, length};
}

}  // namespace

std::string to_json(const twilio_error& error) {
  return boost::json::serialize(boost::json::object{
    {"code", error.code},
    {"message", error.message},
    {"more_info", "https://www.twilio.com/docs/errors/" + std::to_string(error.code)},
    {"status", error.status}});
}

std::string message_resource(const send_record& request) {
  const auto date = rfc2822(request.received_ms);
  const auto uri = "/2010-04-01/Accounts/" + request.account_sid + "/Messages/" + request.sid;
  const auto segments
    = request.body.size() <= 160 ? std::size_t{1} : (request.body.size() + 152) / 153;
  return boost::json::serialize(
    boost::json::object{{"sid", request.sid},
                        {"account_sid", request.account_sid},
                        {"messaging_service_sid", nullptr},
                        {"body", request.body},
                        {"from", request.from},
                        {"to", request.to},
                        {"status", "queued"},
                        {"direction", "outbound-api"},
                        {"num_media", "0"},
                        {"num_segments", std::to_string(segments)},
                        {"price", nullptr},
                        {"price_unit", "USD"},
                        {"error_code", nullptr},
                        {"error_message", nullptr},
                        {"date_created", date},
                        {"date_updated", date},
                        {"date_sent", nullptr},
                        {"api_version", "2010-04-01"},
                        {"uri", uri + ".json"},
                        {"subresource_uris", {{"media", uri + "/Media.json"}}}});
}

bool basic_auth_matches(std::string_view header, std::string_view account_sid,
                        std::string_view auth_token) {
  constexpr std::string_view scheme = "Basic ";
  constexpr std::size_t encoded_bytes_max = 1024;
  if (!header.starts_with(scheme))
    return false;
  const auto encoded = header.substr(scheme.size());
  if (encoded.empty() || encoded.size() > encoded_bytes_max || encoded.size() % 4 != 0)
    return false;
  std::vector<unsigned char> decoded(encoded.size());
  const std::string input{encoded};
  const auto size
    = EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(input.data()),
                      static_cast<int>(input.size()));
  if (size < 0)
    return false;
  std::string text(decoded.begin(), decoded.begin() + size);
  // EVP_DecodeBlock counts the padding as zero bytes.
  const auto padding = encoded.size() - (encoded.find_last_not_of('=') + 1);
  text.resize(text.size() - std::min(padding, text.size()));
  return text == std::string{account_sid} + ":" + std::string{auth_token};
}

bool is_e164(std::string_view address) {
  if (constexpr std::string_view whatsapp = "whatsapp:"; address.starts_with(whatsapp))
    address.remove_prefix(whatsapp.size());
  if (address.size() < 8 || address.size() > 16 || address[0] != '+' || address[1] == '0')
    return false;
  return std::ranges::all_of(address.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string> account_in_path(std::string_view path) {
  constexpr std::string_view before = "/2010-04-01/Accounts/";
  constexpr std::string_view after = "/Messages.json";
  if (!path.starts_with(before) || !path.ends_with(after)
      || path.size() <= before.size() + after.size())
    return std::nullopt;
  const auto account = path.substr(before.size(), path.size() - before.size() - after.size());
  if (account.find('/') != std::string_view::npos)
    return std::nullopt;
  return std::string{account};
}

}  // namespace parley::bench
