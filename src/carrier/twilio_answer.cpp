#include "parley/carrier/twilio.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

namespace parley::carrier {

namespace {

/// Twilio's answers are about 1 KB; what is far longer is not one and is not parsed.
constexpr std::size_t answer_bytes_max = 65'536;

constexpr std::int32_t too_many_requests = 20429;
constexpr std::int32_t channel_rate_limit = 63018;

/// The two members of an answer that decide what it means.
struct answer_members {
  std::string sid;
  std::optional<std::int32_t> code;
};

std::optional<std::int32_t> code_of(const boost::json::value& value) {
  std::int64_t code = 0;
  if (const auto* number = value.if_int64())
    code = *number;
  if (code <= 0 || code > std::numeric_limits<std::int32_t>::max())
    return std::nullopt;
  return static_cast<std::int32_t>(code);
}

/// Nothing of a body that is not a JSON object: a proxy speaks HTML.
answer_members read_members(std::string_view body) {
  answer_members out;
  if (body.size() > answer_bytes_max)
    return out;
  std::array<unsigned char, 4096> room;
  boost::json::monotonic_resource memory{room.data(), room.size()};
  boost::json::error_code fault;
  const auto document = boost::json::parse({body.data(), body.size()}, fault, &memory);
  const auto* object = fault ? nullptr : document.if_object();
  if (object == nullptr)
    return out;
  if (const auto* sid = object->if_contains("sid"); sid != nullptr && sid->is_string())
    out.sid = std::string_view{sid->get_string().data(), sid->get_string().size()};
  if (const auto* code = object->if_contains("code"); code != nullptr)
    out.code = code_of(*code);
  return out;
}

twilio_send_outcome::kind kind_of(int status, std::int32_t code) noexcept {
  using kind = twilio_send_outcome::kind;
  if (status == 429 || code == too_many_requests || code == channel_rate_limit)
    return kind::throttled;
  // What is neither an answer nor a refusal (a redirect, a 2xx without a sid) did not come from
  // Twilio and may go away.
  return status >= 400 && status < 500 ? kind::permanent : kind::transient;
}

}  // namespace

twilio_send_outcome decode_twilio_send_answer(int status, std::string_view body) {
  auto members = read_members(body);
  if ((status == 200 || status == 201) && is_carrier_id(members.sid))
    return {twilio_send_outcome::kind::accepted, std::move(members.sid), 0};
  const auto code = members.code.value_or(status);
  return {kind_of(status, code), {}, code};
}

}  // namespace parley::carrier
